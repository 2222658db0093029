// Internal names and addresses replaced in a report, so that it can be handed on.
//
// What is internal is told in internal_names.h; besides, a target all of whose addresses are internal is.
//
// The same name or address gets the same token throughout one run: "host-1.redacted.invalid" (RFC 6761 6.4),
// 240.0.0.1 (RFC 1112 4) and 100::1 (RFC 6666), numbered as they appear. Numbers of two runs have nothing to
// do with each other, and there is no key that could give a name away.
//
// A certificate whose octets hold such a name loses its octets: they cannot be changed without breaking the
// signature. Its values are shown with tokens in them. Kept are its fingerprint, serial number and key, which
// find it again for those who have it (and in Certificate Transparency logs if it is there). Also kept:
// public names and addresses, organisations and other words of subjects, folders of files, the user part of
// mail addresses, times. A stapled response that holds such a name is replaced by its SHA-256.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "src/report/report.h"

namespace chaintier {

struct LocalItem;  // src/local/local_report.h
struct LocalReport;
struct Reason;
struct ServerSite;

class Redactor {
 public:
  // Remembers the internal names that the target speaks of. What is learnt later is not replaced in what was
  // redacted before, so a whole report is learnt first.
  void learn(const TargetReport& target);

  // Likewise for what `local` read: names of certificates, requests and configured sites.
  void learn(const LocalReport& local);

  TargetReport redacted(const TargetReport& target);
  LocalReport redacted(const LocalReport& local);
  // What a report says of the run and of the clients alone.
  Report without_targets(const Report& report);
  // Any text, such as an argument or a message: addresses, names that look internal by their ending, learnt
  // names. Redacting the result again changes nothing.
  std::string text(std::string_view raw);

 private:
  void learn_name(std::string_view name, bool internal);
  void learn(const GivenOption& given);
  void learn_certificate(const CertificatePtr& certificate);
  std::string name_token(std::string_view name);
  IpAddress address_token(const IpAddress& address);
  std::string text_once(std::string_view raw);
  std::string word(std::string_view run);
  std::string shown_names(std::string_view raw) const;
  std::string directory_names(std::string_view raw);
  Bytes response(const Bytes& raw);
  std::vector<std::string> texts(const std::vector<std::string>& raw);
  Fact fact(const Fact& raw);
  bool is_secret(std::string_view run) const;
  bool is_secret_name(std::string_view run) const;
  std::string_view secret_part(std::string_view run) const;
  bool is_secret_in_der(std::string_view run) const;
  bool reveals(ByteView der) const;
  GeneralNames names(const GeneralNames& raw);
  Name name(const Name& raw);
  CertificatePtr certificate(const CertificatePtr& raw);
  SentPtr sent(const SentPtr& raw);
  Finding finding(const Finding& raw);
  std::optional<Reason> reason(const std::optional<Reason>& raw);
  LocalItem item(const LocalItem& raw);
  ServerSite site(const ServerSite& raw);
  std::shared_ptr<const ChainJudgement> chain(const ChainJudgement& raw);
  Observation observation(const Observation& raw);

  std::map<std::string, std::string, std::less<>> names_;  // lower-case name -> token
  std::set<std::string, std::less<>> endings_;  // top-level domains that do not exist, of learnt names
  std::map<IpAddress, IpAddress> addresses_;
  std::map<std::string, std::string, std::greater<>> shown_;  // names with other characters than ASCII
  std::map<CertFingerprint, CertificatePtr> certificates_;
  std::map<CertFingerprint, SentPtr> sent_;
  std::size_t most_labels_ = 0;                            // of a learnt name
  std::map<std::string, std::string, std::less<>> lines_;  // that are no target
  std::size_t v4_ = 0, v6_ = 0;
};

// The whole report, learnt first, and `asked` (the command line) along with it.
Report redacted(const Report& report, std::vector<std::string>& asked, Redactor& redactor);

}  // namespace chaintier
