#include "tests/support/der.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "src/base/text.h"

namespace chaintier::der {

Bytes join(const std::vector<Bytes>& parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

Bytes tlv(std::uint8_t tag, ByteView content) {
  Bytes out{tag};
  if (content.size() < 0x80) {
    out.push_back(static_cast<std::uint8_t>(content.size()));
  } else {
    Bytes length;
    for (std::size_t rest = content.size(); rest > 0; rest >>= 8)
      length.insert(length.begin(), static_cast<std::uint8_t>(rest));
    out.push_back(static_cast<std::uint8_t>(0x80 | length.size()));
    out.insert(out.end(), length.begin(), length.end());
  }
  out.insert(out.end(), content.begin(), content.end());
  return out;
}

Bytes tlv(std::uint8_t tag, std::string_view content) { return tlv(tag, bytes_of(content)); }
Bytes sequence(const std::vector<Bytes>& parts) { return tlv(sequence_tag, join(parts)); }
Bytes set(const std::vector<Bytes>& parts) { return tlv(set_tag, join(parts)); }

Bytes explicit_tag(unsigned number, const Bytes& content) {
  return tlv(static_cast<std::uint8_t>(0xa0 | number), content);
}

Bytes implicit_tag(unsigned number, Bytes element) {
  element.at(0) = static_cast<std::uint8_t>(0x80 | (element[0] & 0x20) | number);
  return element;
}

Bytes boolean(bool value) { return {boolean_tag, 1, static_cast<std::uint8_t>(value ? 0xff : 0)}; }

Bytes integer(std::int64_t value) {
  Bytes content;
  for (int shift = 56; shift >= 0; shift -= 8) content.push_back(static_cast<std::uint8_t>(value >> shift));
  const auto redundant = [&] {
    return content.size() > 1 &&
           ((content[0] == 0 && content[1] < 0x80) || (content[0] == 0xff && content[1] >= 0x80));
  };
  while (redundant()) content.erase(content.begin());
  return tlv(integer_tag, content);
}

Bytes oid(std::string_view dotted) {
  Bytes content;
  std::vector<std::uint64_t> arcs;
  for (const auto part : split(dotted, '.')) arcs.push_back(std::stoull(std::string(part)));
  arcs.at(1) += 40 * arcs[0];
  for (std::size_t i = 1; i < arcs.size(); ++i) {
    Bytes digits{static_cast<std::uint8_t>(arcs[i] & 0x7f)};
    for (std::uint64_t rest = arcs[i] >> 7; rest > 0; rest >>= 7)
      digits.insert(digits.begin(), static_cast<std::uint8_t>(0x80 | (rest & 0x7f)));
    content.insert(content.end(), digits.begin(), digits.end());
  }
  return tlv(oid_tag, content);
}

Bytes null() { return {null_tag, 0}; }
Bytes octet_string(ByteView content) { return tlv(octet_string_tag, content); }

Bytes bit_string(ByteView bits) {
  Bytes content{0};
  content.insert(content.end(), bits.begin(), bits.end());
  return tlv(bit_string_tag, content);
}

Bytes named_bits(const std::vector<unsigned>& bits) {
  if (bits.empty()) return tlv(bit_string_tag, Bytes{0});
  const unsigned last = *std::ranges::max_element(bits);
  Bytes content(2 + last / 8);
  content[0] = static_cast<std::uint8_t>(7 - last % 8);
  for (const unsigned bit : bits) {
    auto& octet = content[1 + bit / 8];
    octet = static_cast<std::uint8_t>(octet | (0x80u >> (bit % 8)));
  }
  return tlv(bit_string_tag, content);
}

Bytes utf8(std::string_view text) { return tlv(utf8_tag, text); }

Bytes time(Time at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{at - day};
  const int year = static_cast<int>(date.year());
  const std::string rest = fmt::format("{:02}{:02}{:02}{:02}{:02}Z", static_cast<unsigned>(date.month()),
                                       static_cast<unsigned>(date.day()), clock.hours().count(),
                                       clock.minutes().count(), clock.seconds().count());
  if (year >= 1950 && year < 2050) return tlv(utc_time_tag, fmt::format("{:02}", year % 100) + rest);
  return tlv(generalized_time_tag, fmt::format("{:04}", year) + rest);
}

}  // namespace chaintier::der
