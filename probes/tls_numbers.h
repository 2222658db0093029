// The numbers of TLS that more than one file needs, under their names in the standards.
#pragma once

#include <cstddef>
#include <cstdint>

namespace chaintier::tls {

namespace version {  // ProtocolVersion
constexpr std::uint16_t tls10 = 0x0301, tls12 = 0x0303, tls13 = 0x0304;
}

namespace content {  // ContentType, RFC 8446 B.1
constexpr std::uint8_t change_cipher_spec = 20, alert = 21, handshake = 22, application_data = 23;
}

namespace message {  // HandshakeType, RFC 8446 B.3, RFC 5246 7.4
constexpr std::uint8_t client_hello = 1, server_hello = 2, encrypted_extensions = 8, certificate = 11,
                       server_key_exchange = 12, certificate_request = 13, server_hello_done = 14,
                       certificate_verify = 15, client_key_exchange = 16, finished = 20,
                       certificate_status = 22;
constexpr std::size_t header = 4;  // octets: the type, and the length of what follows
}  // namespace message

namespace extension {  // ExtensionType, RFC 8446 4.2 and IANA's registry
constexpr std::uint16_t server_name = 0, status_request = 5, supported_groups = 10, ec_point_formats = 11,
                        signature_algorithms = 13, alpn = 16, padding = 21, encrypt_then_mac = 22,
                        extended_master_secret = 23, supported_versions = 43, key_share = 51,
                        renegotiation_info = 0xff01;
}

namespace group {  // NamedGroup, RFC 8446 4.2.7
constexpr std::uint16_t secp256r1 = 0x0017, secp384r1 = 0x0018, x25519 = 0x001d;
}

namespace alert {  // AlertLevel and AlertDescription, RFC 8446 6
constexpr std::uint8_t warning = 1, fatal = 2;
constexpr std::uint8_t close_notify = 0, handshake_failure = 40, protocol_version = 70,
                       insufficient_security = 71;
}  // namespace alert

constexpr std::uint8_t named_curve = 3;  // ECCurveType, RFC 8422 5.4

}  // namespace chaintier::tls
