// The http URLs that certificates carry, and those that their servers redirect to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "src/base/address.h"
#include "src/base/result.h"

namespace chaintier {

struct HttpUrl {
  std::string host;                  // A-label form, or the text of the address
  std::optional<IpAddress> address;  // when the host is one
  std::uint16_t port = 80;
  std::string authority;  // for the Host field: host and, unless it is 80, port
  std::string target;     // path and query, percent-encoded, begins with "/"
};

// A URL comes from a stranger: http alone (an answer over TLS would need a chain of its own, RFC 5280
// 4.2.2.1), no user name, port 80 or one that no service of the system has, and no longer than 2048 octets.
// The error is one sentence.
Result<HttpUrl> parse_http_url(std::string_view text);

// Where a redirection leads: `location` by itself, or as seen from `base` (RFC 3986 5).
Result<std::string> resolve_location(std::string_view base, std::string_view location);

}  // namespace chaintier
