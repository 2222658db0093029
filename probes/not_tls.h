// What answers on a port where TLS was expected.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/bytes.h"
#include "src/observe/target.h"

namespace chaintier {

// False as soon as the first octets cannot be those of a TLS record (RFC 8446 5.1).
bool may_be_tls(ByteView first_octets);

struct Speaker {
  std::string_view name;  // "an IMAP server"
  std::vector<Protocol>
      protocols;  // with which it can be asked for TLS; several when the octets fit them all
};

// Who speaks in the clear like this; nothing when the octets do not show it.
std::optional<Speaker> speaker_of(ByteView first_octets);

// "write imap://"
std::string advice_for(const std::vector<Protocol>& protocols);

// "plain HTTP answers there (\"HTTP/1.1 400 Bad Request\")": the protocol where the first octets show it,
// else the octets.
std::string describe_not_tls(ByteView first_octets);

}  // namespace chaintier
