// The addresses of the machine that this runs on.
#pragma once

#include <vector>

#include "src/base/address.h"

namespace chaintier {

// Those of all interfaces, sorted, without loopback; empty when the system does not say. Link-local addresses
// of IPv6 are left out, since many machines may have the same one.
std::vector<IpAddress> own_addresses();

}  // namespace chaintier
