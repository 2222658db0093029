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

// Below RSA or DSA 2048 bits, or an EC field under 224 bits (BR 6.1.5).
bool weak_key(const PublicKey& key);

// Weak keys and digests are shown, but whether they decide is for each client.
bool is_weakness(Problem problem);

}  // namespace chaintier
