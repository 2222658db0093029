// A certification path (RFC 5280 6) and what is wrong with it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "src/x509/certificate.h"

namespace chaintier {

// Where a certificate came from. One certificate may come from several places.
enum class Source : unsigned { served = 1, pool = 2, preloaded = 4, aia = 8, catalogue = 16, store = 32 };
using Sources = unsigned;  // a set of Source
inline Sources operator|(Source a, Source b) { return static_cast<Sources>(a) | static_cast<Sources>(b); }
inline Sources operator|(Sources a, Source b) { return a | static_cast<Sources>(b); }
inline bool contains(Sources set, Source one) { return (set & static_cast<Sources>(one)) != 0; }
std::string_view id(Source source);

// What is wrong with one certificate of a path. The clause is in problem_clause().
enum class Problem {
  expired,        // RFC 5280 6.1.3 (a)(2)
  not_yet_valid,  // the same
  signature_unsupported,
  not_a_ca,                            // 6.1.4 (k)
  no_cert_sign,                        // 6.1.4 (n)
  path_length,                         // 6.1.4 (m)
  name_constraints,                    // 6.1.3 (b), (c)
  bad_name_constraints,                // 4.2.1.10
  unknown_critical,                    // 6.1.4 (o), 6.1.5 (f)
  policy,                              // 6.1.3 (f)
  key_usage,                           // leaf: key usage without any use in a handshake
  no_server_auth,                      // leaf: EKU without serverAuth (BR 7.1.2.7.10)
  issuer_eku,                          // an issuer's EKU does not allow server authentication
  host_mismatch,                       // RFC 9525
  weak_key,                            // BR 6.1.5
  weak_signature,                      // BR 7.1.3.2
  malformed,                           // see Certificate::defects
  missing_subject_key_id,              // strict: 4.2.1.2
  missing_authority_key_id,            // strict: 4.2.1.1
  missing_key_usage,                   // strict: 4.2.1.3
  missing_basic_constraints_critical,  // strict: 4.2.1.9
  anchor_date,                         // the client refuses this anchor for a leaf of this date
  lifetime,                            // the client refuses so long a validity period
  revoked,
};
std::string_view id(Problem problem);              // "expired", stable: JSON
std::string_view problem_clause(Problem problem);  // "RFC 5280 6.1.3 (a)(2)"

struct PathProblem {
  std::size_t index = 0;  // of the certificate within the path, 0 = leaf
  Problem problem{};
  friend auto operator<=>(const PathProblem&, const PathProblem&) = default;
};

struct Path {
  std::vector<CertificatePtr> certificates;  // leaf to anchor; a leaf that is itself an anchor stands alone
  std::vector<Sources> from;                 // for each certificate
  std::vector<PathProblem> problems;         // by RFC 5280 rules, without a client's own ones

  std::size_t tiers() const { return certificates.size(); }
  const Certificate& leaf() const { return *certificates.front(); }
  const Certificate& anchor() const { return *certificates.back(); }
  bool valid() const { return problems.empty(); }
};

}  // namespace chaintier
