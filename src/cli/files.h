// Reading and writing the user's files. Paths are UTF-8; "-" is standard input or output.
#pragma once

#include <functional>
#include <ostream>
#include <string>

#include "src/base/bytes.h"
#include "src/base/result.h"

namespace chaintier {

// The whole file, up to `limit` octets. The error is one sentence that names the file.
Result<Bytes> read_file(const std::string& path, std::size_t limit = 64u << 20);

// Runs `write` into the file, which appears whole or not at all: it is written beside its place and renamed.
// A device or a pipe is written to directly.
Result<void> write_file(const std::string& path, const std::function<void(std::ostream&)>& write);

// Fails early, before any scanning, for a path that could never be written to.
Result<void> check_writable(const std::string& path);

// Whether both paths lead to the same file, or will when something is written there.
bool same_file(const std::string& one, const std::string& other);

// Whether the path leads to somewhere below the folder; false when that is no folder.
bool is_below(const std::string& file, const std::string& folder);

}  // namespace chaintier
