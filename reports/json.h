// The JSON report, data/schema/report.schema.json. Every other report shows a part of it.
#pragma once

#include <ostream>
#include <string>
#include <unordered_map>

#include "reports/certificate_table.h"
#include "src/report/report.h"

namespace chaintier {

// The whole run as one object. Certificates and targets stand on lines of their own and are written one after
// the other: no second copy of the report is made.
void write_json(const Report& report, std::ostream& out);

// One target as one line of JSON Lines, with the certificates it speaks of (data/schema/target.schema.json).
void write_target_json(const Report& report, const TargetReport& target, std::ostream& out);

// The same for many targets of one run: what is the same in every line, and the CA certificates that most of
// them share, are put into words once.
class TargetLines {
 public:
  // `head` is the report without regard to its targets; it must outlive this and stay as it is.
  explicit TargetLines(const Report& head);
  std::string line(const TargetReport& target);  // with its line feed

 private:
  const std::string& text_of(const CertFingerprint& fingerprint, const CertificateRef& certificate);

  const Report& head_;
  std::string start_;    // of every line, up to the certificates
  std::string passing_;  // of a certificate that is not kept
  std::unordered_map<CertFingerprint, std::string> kept_;
  std::size_t last_size_ = 0;  // most lines are about as long as the one before
};

}  // namespace chaintier
