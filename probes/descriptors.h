// How many connections this process may hold open.
#pragma once

#include <cstddef>

namespace chaintier {

// Raises the limit on open descriptors to what the system allows without privileges. To be called once, at
// the start.
void raise_descriptor_limit();

// Connections that fit beside the files which the program itself needs.
std::size_t descriptor_budget();

}  // namespace chaintier
