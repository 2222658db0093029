#include "src/base/address.h"

#include <algorithm>
#include <boost/url/ipv4_address.hpp>
#include <boost/url/ipv6_address.hpp>
#include <charconv>
#include <iterator>

#include <fmt/format.h>

namespace chaintier {
namespace {

// RFC 5952 4: lower case, no leading zeros, the longest run of two or more zero groups (the first of equals)
// becomes "::"; 5: addresses that carry an IPv4 address show it as dotted quad.
std::string v6_text(const std::array<std::uint8_t, 16>& octets) {
  std::array<unsigned, 8> groups{};
  for (std::size_t i = 0; i < groups.size(); ++i) groups[i] = octets[2 * i] * 256u + octets[2 * i + 1];

  const bool mapped =
      std::all_of(groups.begin(), groups.begin() + 5, [](unsigned group) { return group == 0; }) &&
      groups[5] == 0xffff;
  if (mapped) return fmt::format("::ffff:{}.{}.{}.{}", octets[12], octets[13], octets[14], octets[15]);

  std::size_t best = groups.size(), best_length = 1;
  for (std::size_t start = 0; start < groups.size(); ++start) {
    std::size_t end = start;
    while (end < groups.size() && groups[end] == 0) ++end;
    if (end - start > best_length) {
      best = start;
      best_length = end - start;
    }
  }

  std::string text;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (i == best) {
      text += "::";
      i += best_length - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    text += fmt::format("{:x}", groups[i]);
  }
  return text;
}

struct Network {
  std::array<std::uint8_t, 16> prefix;
  unsigned bits;
};

bool within(ByteView octets, const Network& network) {
  for (unsigned i = 0; i < network.bits; i += 8) {
    const unsigned left = std::min(8u, network.bits - i);
    const auto mask = static_cast<std::uint8_t>(0xff00u >> left);
    if ((octets[i / 8] & mask) != (network.prefix[i / 8] & mask)) return false;
  }
  return true;
}

constexpr std::array special_v4{
    Network{{0}, 8},
    Network{{10}, 8},
    Network{{100, 64}, 10},
    Network{{127}, 8},
    Network{{169, 254}, 16},
    Network{{172, 16}, 12},
    Network{{192, 0, 0}, 24},
    Network{{192, 0, 2}, 24},
    Network{{192, 88, 99}, 24},
    Network{{192, 168}, 16},
    Network{{198, 18}, 15},
    Network{{198, 51, 100}, 24},
    Network{{203, 0, 113}, 24},
    Network{{224}, 4},
    Network{{240}, 4},
};
constexpr Network global_v6{{0x20}, 3};
constexpr std::array special_v6{
    Network{{0x20, 0x01}, 23},              // 2001::/23: Teredo, ORCHID, benchmarks ...
    Network{{0x20, 0x01, 0x0d, 0xb8}, 32},  // documentation
    Network{{0x3f, 0xff}, 20},              // documentation, RFC 9637
};
constexpr Network nat64{{0x00, 0x64, 0xff, 0x9b}, 96};  // RFC 6052 2.1
constexpr Network six_to_four{{0x20, 0x02}, 16};        // RFC 3056 2
constexpr Network mapped_v4{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96};

bool is_public_v4(ByteView octets) {
  return std::none_of(special_v4.begin(), special_v4.end(),
                      [&](const Network& network) { return within(octets, network); });
}

}  // namespace

bool is_public(const IpAddress& address) {
  const ByteView octets = address.octets();
  if (!address.is_v6()) return is_public_v4(octets);
  if (within(octets, nat64)) return is_public_v4(octets.subspan(12));
  if (within(octets, six_to_four)) return is_public_v4(octets.subspan(2, 4));
  return within(octets, global_v6) &&
         std::none_of(special_v6.begin(), special_v6.end(),
                      [&](const Network& network) { return within(octets, network); });
}

bool is_loopback(const IpAddress& address) {
  const ByteView octets = address.octets();
  if (!address.is_v6()) return octets[0] == 127;
  if (within(octets, mapped_v4)) return octets[12] == 127;
  return octets[15] == 1 &&
         std::all_of(octets.begin(), octets.end() - 1, [](auto octet) { return octet == 0; });
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (const auto v4 = boost::urls::parse_ipv4_address(text)) return from_octets(v4->to_bytes());
  if (const auto v6 = boost::urls::parse_ipv6_address(text)) return from_octets(v6->to_bytes());
  return std::nullopt;
}

std::optional<IpAddress> IpAddress::from_octets(ByteView octets) {
  if (octets.size() != 4 && octets.size() != 16) return std::nullopt;
  IpAddress address;
  address.v6_ = octets.size() == 16;
  std::copy(octets.begin(), octets.end(), address.octets_.begin());
  return address;
}

std::string IpAddress::text() const {
  if (v6_) return v6_text(octets_);
  char text[15];  // written for every target several times
  char* end = text;
  for (std::size_t i = 0; i < 4; ++i) {
    if (i > 0) *end++ = '.';
    end = std::to_chars(end, std::end(text), octets_[i]).ptr;
  }
  return std::string(text, end);
}

}  // namespace chaintier
