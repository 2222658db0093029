// The user's own files and this machine's addresses: observed, not judged.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "src/base/address.h"
#include "src/base/result.h"
#include "src/base/secret.h"

namespace chaintier {

struct WalkLimits {
  std::size_t files = 20'000;      // looked at, in all
  std::size_t depth = 16;          // folders below a named one
  std::size_t file = 16u << 20;    // octets; larger ones hold no keys and certificates
  std::size_t total = 512u << 20;  // octets read, in all
};

struct FoundFile {
  std::string path;
  bool named = false;        // given by the user, not found in a folder
  bool open_to_all = false;  // "others" may read it
  Result<Secret> content;    // an error says why it was not read
};

// Which limit ended a walk.
enum class WalkEnd { complete, files, depth, total };

// Each regular file of `paths` once, folders with everything below them, in the order of names; symbolic
// links are followed, and a folder reached twice is read once. Devices and pipes are not opened. A file or
// folder that the user may not read is told, for what is sought may be in it.
WalkEnd walk_files(const std::vector<std::string>& paths, const WalkLimits& limits,
                   const std::function<void(FoundFile)>& found);

// One file, within the limit.
Result<Secret> read_secret_file(const std::string& path, std::size_t limit);
bool is_open_to_all(const std::string& path);

// Addresses of this machine's interfaces, loopback included; empty when they cannot be listed.
std::vector<IpAddress> addresses_of_this_machine();

}  // namespace chaintier
