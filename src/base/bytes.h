// Octets as they came, and views of them. Text is std::string in UTF-8; anything else is Bytes.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace chaintier {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

inline ByteView bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view text_of(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace chaintier
