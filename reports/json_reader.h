// Reads back what json.h writes, and nothing else: writing what was read gives the same octets again.
//
// Strict: every member of the schema that says something must be there, of its type and one of its values,
// and each certificate must have the SHA-256 that it stands under. Members that are not known are passed
// over. What was read can be given to every writer. Titles, reasons and steps are made anew from the facts.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "src/observe/sent_pool.h"
#include "src/report/report.h"

namespace chaintier {

// A report without targets: tool, time, language and data that a target was judged with.
using ReportHead = std::shared_ptr<const Report>;

class ReportReader {
 public:
  // The catalogue knows the certificates that only an advice names, and the slugs.
  explicit ReportReader(std::shared_ptr<const Catalogue> catalogue);

  using Take = std::function<void(const ReportHead& head, TargetReport target)>;

  // One line of JSON Lines (schema chaintier.target/1), or a whole report (chaintier.report/1): calls `take`
  // for each target. Fails with one sentence that says which member is wrong; `take` may have been called by
  // then.
  Result<void> read(std::string_view text, const Take& take);

  // The catalogue that writers need for what was read so far. Certificates that the reports know by a slug
  // and the given catalogue does not hold, because they were judged with another one, are added under those
  // slugs.
  std::shared_ptr<const Catalogue> catalogue() const;

 private:
  friend class ReadCertificates;
  CertificatePtr parsed(const SentPtr& sent);

  std::shared_ptr<const Catalogue> catalogue_;
  std::map<std::string, std::string> foreign_;  // PEM by slug
  // A fleet's issuers are the same few over and over: read once while anybody holds them.
  SentPool pool_;
  std::unordered_map<CertFingerprint, std::weak_ptr<const Certificate>> parsed_;
  std::size_t sweep_at_ = 1024;
  std::string last_head_;  // the JSON that `head_` was read from
  ReportHead head_;
};

}  // namespace chaintier
