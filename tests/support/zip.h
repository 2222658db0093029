// ZIP archives for tests, written by hand so that names, flags and sizes may be wrong.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/base/bytes.h"

namespace chaintier {

struct ZipFile {
  std::string name;  // the octets as they are to stand in the archive
  Bytes content;
  std::uint16_t flags = 0;   // APPNOTE 4.4.4: bit 0 encrypted, bit 11 UTF-8
  std::uint16_t method = 0;  // 4.4.5: stored
  std::uint32_t crc_error = 0;
};

Bytes zip_of(const std::vector<ZipFile>& files);

// One entry of that many zero octets, deflated: a thousandth of it in size.
Bytes zip_bomb(const std::string& name, std::size_t octets);

}  // namespace chaintier
