#include <algorithm>
#include <memory>

#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "probes/own_addresses.h"

namespace chaintier {

namespace {

struct FreeInterfaces {
  void operator()(ifaddrs* list) const noexcept { freeifaddrs(list); }
};

std::optional<IpAddress> address_of(const sockaddr* address) {
  if (!address) return std::nullopt;
  if (address->sa_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(address);
    return IpAddress::from_octets({reinterpret_cast<const std::uint8_t*>(&v4->sin_addr), 4});
  }
  if (address->sa_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(address);
    if (IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr)) return std::nullopt;
    return IpAddress::from_octets({v6->sin6_addr.s6_addr, 16});
  }
  return std::nullopt;
}

}  // namespace

std::vector<IpAddress> own_addresses() {
  ifaddrs* raw = nullptr;
  if (getifaddrs(&raw) != 0) return {};
  const std::unique_ptr<ifaddrs, FreeInterfaces> list(raw);
  std::vector<IpAddress> result;
  for (const ifaddrs* at = list.get(); at; at = at->ifa_next)
    if (const auto address = address_of(at->ifa_addr); address && !is_loopback(*address))
      result.push_back(*address);
  std::ranges::sort(result);
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

}  // namespace chaintier
