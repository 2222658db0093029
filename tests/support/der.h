// DER (X.690) written by hand, so that tests can write what no library would.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/bytes.h"
#include "src/base/time.h"

namespace chaintier::der {

enum Tag : std::uint8_t {
  boolean_tag = 0x01,
  integer_tag = 0x02,
  bit_string_tag = 0x03,
  octet_string_tag = 0x04,
  null_tag = 0x05,
  oid_tag = 0x06,
  utf8_tag = 0x0c,
  printable_tag = 0x13,
  ia5_tag = 0x16,
  utc_time_tag = 0x17,
  generalized_time_tag = 0x18,
  universal_tag = 0x1c,
  bmp_tag = 0x1e,
  sequence_tag = 0x30,
  set_tag = 0x31
};

Bytes join(const std::vector<Bytes>& parts);
Bytes tlv(std::uint8_t tag, ByteView content);
Bytes tlv(std::uint8_t tag, std::string_view content);
Bytes sequence(const std::vector<Bytes>& parts);
Bytes set(const std::vector<Bytes>& parts);  // in the order given
// [number] around whole elements.
Bytes explicit_tag(unsigned number, const Bytes& content);
// [number] in place of the tag of `element`, primitive or constructed as that is.
Bytes implicit_tag(unsigned number, Bytes element);

Bytes boolean(bool value);
Bytes integer(std::int64_t value);
Bytes oid(std::string_view dotted);
Bytes null();
Bytes octet_string(ByteView content);
// `bits` without the unused-bits octet, which is written as 0.
Bytes bit_string(ByteView bits);
// A named bit list: bit numbers, trailing zeros cut (X.690 11.2.2).
Bytes named_bits(const std::vector<unsigned>& bits);
Bytes utf8(std::string_view text);
// UTCTime up to 2049, else GeneralizedTime (RFC 5280 4.1.2.5).
Bytes time(Time at);

}  // namespace chaintier::der
