#include "src/x509/tlv.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>

namespace chaintier::tlv {

std::optional<Element> take(ByteView& rest) {
  if (rest.size() < 2) return std::nullopt;
  Element element{rest[0], {}, {}};
  std::size_t at = 1;
  if ((rest[0] & 0x1f) == 0x1f) {  // a tag number above 30: 8.1.2.4
    if (rest[at] == 0x80) return std::nullopt;
    while (at < rest.size() && (rest[at] & 0x80) != 0) ++at;
    ++at;
  }
  if (at >= rest.size()) return std::nullopt;
  std::size_t length = rest[at++];
  if (length >= 0x80) {
    const std::size_t octets = length & 0x7f;
    if (octets == 0 || octets > sizeof length || octets > rest.size() - at || rest[at] == 0)
      return std::nullopt;
    length = 0;
    for (std::size_t i = 0; i < octets; ++i) length = length << 8 | rest[at++];
    if (length < 0x80) return std::nullopt;
  }
  if (length > rest.size() - at) return std::nullopt;
  element.content = rest.subspan(at, length);
  element.whole = rest.first(at + length);
  rest = rest.subspan(at + length);
  return element;
}

std::optional<std::string> oid_text(ByteView content) {
  std::string text;
  while (!content.empty()) {
    std::uint64_t arc = 0;
    std::size_t used = 0;
    do {
      if (used == content.size() || arc > (UINT64_MAX >> 7) || (used == 0 && content[0] == 0x80))
        return std::nullopt;
      arc = arc << 7 | (content[used] & 0x7f);
    } while ((content[used++] & 0x80) != 0);
    content = content.subspan(used);
    if (text.empty()) {
      const std::uint64_t first = std::min<std::uint64_t>(arc / 40, 2);
      text += static_cast<char>('0' + first);
      arc -= first * 40;
    }
    std::array<char, 21> digits{'.'};
    text.append(digits.begin(), std::to_chars(digits.begin() + 1, digits.end(), arc).ptr);
  }
  if (text.empty()) return std::nullopt;
  return text;
}

}  // namespace chaintier::tlv
