// What is wrong with a path: RFC 5280 6 clause by clause, every problem collected, none of them final by
// itself.
#pragma once

#include <optional>

#include "src/base/time.h"
#include "src/paths/path.h"
#include "src/x509/host_match.h"

namespace chaintier {

struct PathContext {
  Time at{};
  std::optional<ReferenceName> host;  // nothing: no name is asked for
  bool for_server = true;             // false: extended key usage is not asked (`--purpose any`)
};

// Sorted by certificate, then problem. Signatures are not checked again: the search did.
std::vector<PathProblem> check_path(const Path& path, const PathContext& context);

// What only strict RFC 5280 profile checks refuse (Python 3.13's VERIFY_X509_STRICT): the anchor included.
std::vector<PathProblem> strict_problems(const Path& path);

// Whether a key usage, where there is one, lets the key sign, encipher or agree on a secret in a handshake.
bool usable_in_handshake(const Certificate& leaf);

// Below RSA or DSA 2048 bits, or an EC field under 224 bits (BR 6.1.5).
bool weak_key(const PublicKey& key);

// Weak keys and digests, and a leaf's key usage, are shown; whether they decide is for each client. RFC 5280
// 6 asks for none of them.
bool is_weakness(Problem problem);

}  // namespace chaintier
