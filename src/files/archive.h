// ZIP archives, as CAs mail them: read whole in memory, within limits, and never unpacked onto a disk.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "src/base/bytes.h"
#include "src/base/result.h"

namespace chaintier {

struct ArchiveEntry {
  std::string name;  // valid UTF-8, "/" between folders; for showing, never a path to write to
  Bytes bytes;
};

// What an archive may be. Sizes are octets, counted while inflating: the sizes that an archive states are not
// believed.
struct ArchiveLimits {
  std::size_t archive = 32u << 20;
  std::size_t entries = 1000;
  std::size_t entry = 8u << 20;
  std::size_t total = 32u << 20;
};

// By its first octets: a ZIP with or without entries.
bool looks_like_archive(ByteView content);

// Every file of the archive, in its order; folders are left out. Names are UTF-8 where they are valid as
// such, else Big5 as a Windows in Chinese writes them. Fails with one sentence, which does not name the
// archive, when it is no ZIP, damaged, encrypted or beyond a limit: an archive is read as a whole or not at
// all.
Result<std::vector<ArchiveEntry>> read_archive(ByteView content, const ArchiveLimits& limits = {});

}  // namespace chaintier
