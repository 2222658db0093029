// How many connections this process may hold open.
#pragma once

#include <cstddef>

#include "src/base/result.h"

namespace chaintier {

// Raises the limit on open descriptors to what the system allows without privileges. To be called once, at
// the start.
void raise_descriptor_limit();

// The error is one sentence: this process may open too few files for any scan.
Result<void> check_descriptors();

// Connections that fit beside the files which the program itself needs.
std::size_t descriptor_budget();

}  // namespace chaintier
