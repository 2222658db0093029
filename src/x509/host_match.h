// Does a certificate name this host? RFC 9525 (before: RFC 6125), no fallback to the common name.
#pragma once

#include <string>
#include <string_view>

#include "src/base/address.h"
#include "src/x509/certificate.h"

namespace chaintier {

// A host that a certificate may name: a DNS name in A-label form, or an address.
struct ReferenceName {
  std::string dns;  // lower case; empty when `address` is set
  std::optional<IpAddress> address;
};

bool matches_host(const Certificate& certificate, const ReferenceName& host);

// One pattern of a SAN against one name: "*" only as the whole left-most label, standing for one label.
bool matches_dns_pattern(std::string_view pattern, std::string_view host);

}  // namespace chaintier
