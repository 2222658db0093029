// What answers on a port where TLS was expected.
#pragma once

#include <string>

#include "src/base/bytes.h"

namespace chaintier {

// False as soon as the first octets cannot be those of a TLS record (RFC 8446 5.1).
bool may_be_tls(ByteView first_octets);

// "plain HTTP answers there (\"HTTP/1.1 400 Bad Request\")": the protocol where the first octets show it,
// else the octets.
std::string describe_not_tls(ByteView first_octets);

}  // namespace chaintier
