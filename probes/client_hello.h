// The ClientHello of our own TLS client (RFC 8446 4.1.2): the one that libssl would send, with this
// connection's own values in it. So there is one policy of what is offered, that of tls_context.h.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "src/base/bytes.h"

namespace chaintier {

class ClientHelloForm {
 public:
  // From a ClientHello with its header of four octets; nothing when it is not one, or offers no key share.
  static std::optional<ClientHelloForm> from(ByteView message);

  struct Values {
    ByteView random;      // 32 octets
    ByteView session_id;  // up to 32
    ByteView key_share;   // an X25519 public key
    const std::optional<std::string>& sni;
    bool offer_http = false;  // ALPN h2, http/1.1
  };
  // The message, with its header.
  Bytes filled(const Values& values) const;

 private:
  struct Extension {
    std::uint16_t type;
    Bytes data;
  };
  Bytes cipher_suites_, compressions_;
  std::vector<Extension> extensions_;
};

// The octets of ALPN's ProtocolNameList (RFC 7301 3.1) without its length.
inline constexpr std::array<std::uint8_t, 12> http_protocols{2,   'h', '2', 8,   'h', 't',
                                                             't', 'p', '/', '1', '.', '1'};

}  // namespace chaintier
