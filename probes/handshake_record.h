// What a server says in its handshake messages, read by ourselves: the list of certificates exactly as it was
// sent, also where libssl cannot read one of them. Without sockets and without libssl.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "src/base/bytes.h"
#include "src/base/result.h"

namespace chaintier {

// A list longer than this (RFC 8446 4.4.2 would allow 16 MiB) is given up with Cause::limit. Real chains have
// some kB.
inline constexpr std::size_t longest_certificate_list = std::size_t{1} << 20;

struct CertificateList {
  std::vector<ByteView> certificates;  // views into the message, in the order sent
  std::optional<ByteView> staple;      // OCSPResponse of the first entry (TLS 1.3 only)
  // In TLS 1.3: something there was not asked for or cannot be read, though the certificates can.
  bool oddities = false;
};

struct ServerHello {
  std::uint16_t version = 0;  // 0x0304 for TLS 1.3, whatever legacy_version says
  std::uint16_t cipher = 0;
  std::optional<std::uint16_t> group;  // of key_share
  bool retry_request = false;          // RFC 8446 4.1.4
};

// Each takes the body of the message, without its four octets of header. The errors have stage handshake and
// fault peer.
Result<CertificateList> read_certificates_12(ByteView body);  // RFC 5246 7.4.2; also TLS 1.0 and 1.1
Result<CertificateList> read_certificates_13(ByteView body);  // RFC 8446 4.4.2
Result<ByteView> read_certificate_status(ByteView body);      // RFC 6066 8: the OCSPResponse
Result<ServerHello> read_server_hello(ByteView body);         // RFC 8446 4.1.3, RFC 5246 7.4.1.3

// How far a handshake came, fed with the server's messages in their order.
class HandshakeRecord {
 public:
  HandshakeRecord() = default;
  HandshakeRecord(const HandshakeRecord&) = delete;  // its views point into itself
  HandshakeRecord& operator=(const HandshakeRecord&) = delete;

  // `message` with its header, in the clear. Any bytes do.
  void on_message(ByteView message);

  const std::optional<ServerHello>& hello() const { return hello_; }
  bool saw_certificate_message() const { return saw_certificate_; }
  // Why a certificate message could not be read, if so.
  const std::optional<Error>& malformed() const { return malformed_; }
  // Views into this object.
  const std::vector<ByteView>& certificates() const { return list_.certificates; }
  bool has_oddities() const { return list_.oddities; }
  std::optional<ByteView> staple() const;

  bool is_tls13() const { return hello_ && hello_->version >= 0x0304; }
  // The key exchange message of TLS 1.2 and below was read and the server went on after it.
  bool passed_key_exchange() const { return key_exchange_ && after_key_exchange_; }
  // The server's Finished came; in TLS 1.3 CertificateVerify was checked before.
  bool saw_finished() const { return finished_; }
  // NamedGroup of the key exchange; nothing when there is none or it is not a named one.
  std::optional<std::uint16_t> group() const;
  // Bits of the prime of a TLS 1.2 DHE key exchange; meaningful only when the cipher suite is one.
  std::optional<std::size_t> dh_bits() const { return dh_bits_; }

 private:
  void on_certificate(ByteView body);
  void on_key_exchange(ByteView body);

  std::optional<ServerHello> hello_;
  Bytes certificate_message_, status_message_;
  CertificateList list_;
  std::optional<ByteView> status_;
  std::optional<Error> malformed_;
  std::optional<std::uint16_t> curve_;
  std::optional<std::size_t> dh_bits_;
  bool saw_certificate_ = false, key_exchange_ = false, after_key_exchange_ = false, finished_ = false;
};

// IANA names: "TLSv1.2", "x25519"; the number in hexadecimal for one that has none here.
std::string tls_version_name(std::uint16_t version);
std::string tls_group_name(std::uint16_t group);

}  // namespace chaintier
