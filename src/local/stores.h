// Trust stores of a machine: what they should hold of TWCA's hierarchy (manual 5.4, 5.4.10, 5.5).
#pragma once

#include <set>
#include <string>
#include <vector>

#include "src/catalogue/catalogue.h"
#include "src/local/local_report.h"

namespace chaintier {

// A store as it was read. What reads the certificate stores of Windows fills `disabled` and `intermediates`
// as well: roots whose property CERT_ENHKEY_USAGE_PROP_ID is empty ("disable all purposes"), and the contents
// of the store "CA". Stores of other systems know neither.
struct StoreContents {
  std::string kind;  // "system", "java", "windows"
  std::string path;
  bool readable = false;
  std::vector<CertificatePtr> roots;
  std::set<CertFingerprint> disabled;
  std::optional<std::vector<CertificatePtr>> intermediates;
};

// `needed` are the CA certificates that a server here has to send, as far as its certificates are at hand; a
// store of intermediates that lacks one of them is reported.
TrustStore judge_store(const StoreContents& contents, const Catalogue& catalogue,
                       const std::vector<CertificatePtr>& needed);

}  // namespace chaintier
