// An IP address as a value, without sockets.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "src/base/bytes.h"

namespace chaintier {

class IpAddress {
 public:
  // Dotted quad or RFC 4291 text, without brackets, port, zone or prefix length.
  static std::optional<IpAddress> parse(std::string_view text);
  // 4 or 16 octets in network order.
  static std::optional<IpAddress> from_octets(ByteView octets);

  bool is_v6() const { return v6_; }
  ByteView octets() const { return {octets_.data(), v6_ ? 16u : 4u}; }
  std::string text() const;  // RFC 5952 for version 6

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  bool v6_ = false;
  std::array<std::uint8_t, 16> octets_{};
};

// An address that anybody on the internet may be reached at: not private, loopback, link-local, multicast,
// for documentation, or special in another way (the IANA special-purpose registries, RFC 6890). An IPv6
// address that carries an IPv4 address (RFC 6052, RFC 3056) is public only when that one is.
bool is_public(const IpAddress& address);

// 127.0.0.0/8 and ::1, mapped to IPv6 or not.
bool is_loopback(const IpAddress& address);

}  // namespace chaintier
