// Name constraints (RFC 5280 4.2.1.10, 6.1.3 (b) and (c)).
#pragma once

#include <span>

#include "src/paths/path.h"

namespace chaintier {

// Problems of the names of each certificate below a CA that constrains them. `path` is leaf first. A
// constraint holds whether or not the extension is critical, and also when the anchor carries it.
std::vector<PathProblem> check_name_constraints(std::span<const CertificatePtr> path);

}  // namespace chaintier
