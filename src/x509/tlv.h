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
constexpr std::uint8_t integer = 0x02, bit_string = 0x03, octet_string = 0x04, null = 0x05, oid = 0x06,
                       enumerated = 0x0a, utf8_string = 0x0c, numeric_string = 0x12, printable_string = 0x13,
                       t61_string = 0x14, ia5_string = 0x16, generalized_time = 0x18, visible_string = 0x1a,
                       universal_string = 0x1c, bmp_string = 0x1e, sequence = 0x30, set = 0x31;
// Those of a context-specific tag: primitive, and with elements inside.
constexpr std::uint8_t context(unsigned tag) { return static_cast<std::uint8_t>(0x80 | tag); }
constexpr std::uint8_t context_holding(unsigned tag) { return static_cast<std::uint8_t>(0xa0 | tag); }

// The element at the start of `rest`, which is cut off there. Nothing at the end, and for a length that is
// not DER's or goes beyond the end.
std::optional<Element> take(ByteView& rest);

// "2.5.4.3"; nothing when it is no OBJECT IDENTIFIER (X.690 8.19) or has an arc beyond 64 bits.
std::optional<std::string> oid_text(ByteView content);

}  // namespace chaintier::tlv
