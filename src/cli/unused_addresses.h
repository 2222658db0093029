// Addresses of --resolve that no target is asked at.
#pragma once

#include <string>
#include <vector>

#include "probes/scan.h"
#include "src/observe/target.h"

namespace chaintier {

// One sentence each, empty when every one is used: of names that no target has, or only targets that come
// with an address of their own; of addresses that --address-family leaves out.
std::vector<std::string> unused_addresses(const ScanOptions& options, const std::vector<Target>& targets);

}  // namespace chaintier
