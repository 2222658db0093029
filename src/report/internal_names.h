// Which names and addresses mean something inside an organisation only.
#pragma once

#include <string>
#include <string_view>

#include "src/base/address.h"

namespace chaintier {

// Private, shared, loopback, link-local, unique local and unspecified addresses (RFC 1918, 6598, 1122, 3927,
// 4193, 4291), also inside IPv4-mapped ones.
bool is_internal(const IpAddress& address);

// For the name of a host, in A-labels or as shown; "*." in front does not matter. Internal is a name without
// a dot, below a domain that the Public Suffix List does not know (.local, .internal, .lan, .corp, .test
// ...), or below home.arpa (RFC 8375).
bool is_internal_name(std::string_view name);

// Lower case, without a final dot and without "*." in front.
std::string normal_name(std::string_view name);
// The domain itself or a name below it; both in lower case.
bool ends_in(std::string_view name, std::string_view domain);

}  // namespace chaintier
