// Certificate policies (RFC 5280 6.1.2 to 6.1.5), for an initial policy set of any-policy.
#pragma once

#include <optional>
#include <span>

#include "src/paths/path.h"

namespace chaintier {

// Nothing when the path's policies allow it; else the certificate where they stop doing so. `path` is leaf
// first.
std::optional<PathProblem> check_policies(std::span<const CertificatePtr> path);

}  // namespace chaintier
