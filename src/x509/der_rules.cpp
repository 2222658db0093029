#include "src/x509/der_rules.h"

#include <cstddef>

#include "src/x509/tlv.h"

namespace chaintier {

namespace {

// Certificates nest about ten levels deep.
constexpr int deepest = 64;

constexpr std::uint8_t constructed = 0x20;
constexpr std::uint8_t universal_class_limit = 0x40;  // identifiers below it are of the universal class
enum UniversalType : std::uint8_t {
  boolean = 1,
  integer = 2,
  bit_string = 3,
  enumerated = 10,
  sequence = 16,
  set = 17
};

bool primitive_is_der(std::uint8_t type, ByteView content) {
  switch (type) {
    case boolean:
      return content.size() == 1 && (content[0] == 0 || content[0] == 0xff);
    case integer:
    case enumerated:
      if (content.empty()) return false;
      return content.size() == 1 ||
             !((content[0] == 0 && content[1] < 0x80) || (content[0] == 0xff && content[1] >= 0x80));
    case bit_string: {
      if (content.empty() || content[0] > 7 || (content.size() == 1 && content[0] != 0)) return false;
      const unsigned unused = (1u << content[0]) - 1;
      return (content.back() & unused) == 0 || content.size() == 1;
    }
    default:
      return true;
  }
}

bool all_der(ByteView rest, int depth) {
  if (depth > deepest) return false;
  while (!rest.empty()) {
    const auto element = tlv::take(rest);
    if (!element) return false;
    const bool universal = element->identifier < universal_class_limit;
    const std::uint8_t type = element->identifier & 0x1f;
    const bool holds_elements = (element->identifier & constructed) != 0;
    if (universal && holds_elements != (type == sequence || type == set))
      return false;  // 10.2: strings in one piece
    if (holds_elements ? !all_der(element->content, depth + 1)
                       : universal && !primitive_is_der(type, element->content))
      return false;
  }
  return true;
}

}  // namespace

bool is_der(ByteView element) { return !element.empty() && all_der(element, 0); }

}  // namespace chaintier
