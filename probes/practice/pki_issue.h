// Building and signing certificates with libcrypto. For the .cpp files of this folder only.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "probes/practice/pki.h"
#include "src/base/openssl_handles.h"

namespace chaintier::practice_issue {

// libcrypto failed where only lack of memory or of random numbers makes it fail. Ends at PracticePki's
// interface.
struct CryptoFailed : std::runtime_error {
  using std::runtime_error::runtime_error;
};

EvpPkeyPtr make_key(PracticeKey kind);
std::string private_key_pem(const EvpPkeyPtr& key);
Bytes public_key_der(const EvpPkeyPtr& key);
Bytes key_id(const EvpPkeyPtr& key);  // RFC 5280 4.2.1.2 (1)

struct SctLog {
  EvpPkeyPtr key;
  Bytes id;  // RFC 6962 3.2: SHA-256 of its public key
};
SctLog make_log();

// A whole certificate. Empty members leave their extension out.
struct Draft {
  std::vector<std::pair<std::string_view, std::string>> subject, issuer;  // ("CN", UTF-8)
  Bytes serial;                                                           // empty: 16 random octets
  Time not_before{}, not_after{};
  std::string_view digest = "SHA256";
  bool ca = false;
  std::optional<long> path_length;
  std::string_view key_usage;  // as in openssl.cnf: "critical,keyCertSign,cRLSign"
  std::string_view extended_key_usage;
  std::string policies, crl, aia_issuer, ocsp;
  std::vector<std::string> dns_names;
  std::vector<IpAddress> addresses;
  Bytes subject_key_id, authority_key_id;
  std::vector<Time> scts;
};

// Throws CryptoFailed.
Bytes sign(const Draft& draft, const EvpPkeyPtr& subject_key, const EvpPkeyPtr& issuer_key,
           const SctLog& log);

}  // namespace chaintier::practice_issue
