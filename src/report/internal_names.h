// Which names and addresses mean something inside an organisation only.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/address.h"

namespace chaintier {

// Private, shared, loopback, link-local, unique local and unspecified addresses (RFC 1918, 6598, 1122, 3927,
// 4193, 4291), also inside IPv4-mapped ones.
bool is_internal(const IpAddress& address);

// For the name of a host, in A-labels or as shown; "*." in front does not matter. Internal is a name without
// a dot, below a domain that the Public Suffix List does not know (.local, .internal, .lan, .corp, .test
// ...), below home.arpa (RFC 8375), or one that spells out an internal address.
bool is_internal_name(std::string_view name);

// The first internal IPv4 address within a run of characters of names, "10.0.0.5" of "10.0.0.5-2025.pem": not
// part of a longer series of numbers. Empty when there is none.
std::string_view internal_v4_in(std::string_view run);
// "ip-10-0-0-5.example.com", "5.0.0.10.in-addr.arpa", and names below ip6.arpa likewise.
bool spells_internal_address(std::string_view name);

// Domain components of a directory, "DC=corp,DC=local" in either order: where they stand and the domain that
// they make, when it is internal.
struct DomainComponents {
  std::string_view span;  // of the text
  std::string domain;
};
std::optional<DomainComponents> internal_components(std::string_view text);

// The domain of components as a name has them ("local", "corp"), read in the direction that makes sense;
// empty when it is public in one of them.
std::string internal_domain(const std::vector<std::string>& components);

// Lower case, without a final dot and without "*." in front.
std::string normal_name(std::string_view name);
// The domain itself or a name below it; both in lower case.
bool ends_in(std::string_view name, std::string_view domain);

}  // namespace chaintier
