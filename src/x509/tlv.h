// DER read element by element (X.690 8.1, 10.1), for the .cpp files of x509 that need neither OpenSSL's
// structures nor their cost.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "src/base/bytes.h"

namespace chaintier::tlv {

struct Element {
  std::uint8_t identifier = 0;  // the first octet: class, form and, below 31, the tag number
  ByteView content;
  ByteView whole;  // with identifier and length
};

// Identifier octets of the universal class.
constexpr std::uint8_t oid = 0x06, utf8_string = 0x0c, numeric_string = 0x12, printable_string = 0x13,
                       t61_string = 0x14, ia5_string = 0x16, visible_string = 0x1a, universal_string = 0x1c,
                       bmp_string = 0x1e, sequence = 0x30, set = 0x31;

// The element at the start of `rest`, which is cut off there. Nothing at the end, and for a length that is
// not DER's or goes beyond the end.
std::optional<Element> take(ByteView& rest);

// "2.5.4.3"; nothing when it is no OBJECT IDENTIFIER (X.690 8.19) or has an arc beyond 64 bits.
std::optional<std::string> oid_text(ByteView content);

}  // namespace chaintier::tlv
