// One TLS client handshake over a non-blocking stream of octets, by libssl. It knows no socket and waits for
// nothing.
//
// The certificates come from HandshakeRecord, never from libssl's parsed objects.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "probes/handshake_record.h"
#include "probes/tls_context.h"
#include "src/observe/observation.h"

namespace chaintier {

// Where the octets go and come from. Neither call may block.
class TlsWire {
 public:
  enum class Status { done, would_block, closed };
  struct Moved {
    Status status = Status::closed;  // closed: the stream has ended or failed; no call will succeed again
    std::size_t octets = 0;          // more than 0 when done
  };
  virtual Moved read(std::span<std::uint8_t> into) = 0;
  virtual Moved write(ByteView octets) = 0;

 protected:
  ~TlsWire() = default;
};

struct TlsRequest {
  KeyType key_type = KeyType::any;
  std::optional<std::string> sni;
  bool offer_http = false;             // ALPN h2, http/1.1
  std::uint16_t max_version = 0x0304;  // of ProtocolVersion
};

struct TlsFailure {
  std::optional<std::uint8_t> alert;  // received; the server ended the handshake
  bool list_too_long = false;         // the certificate list exceeds our limit
  std::string reason;                 // libssl's own words; may be empty when the stream ended
};

class TlsSession {
 public:
  enum class Step { done, want_read, want_write, failed };

  TlsSession(TlsContexts& contexts, const TlsRequest& request, TlsWire& wire);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  // Goes on as far as it can without waiting. What there is to say leaves in one write() before the next
  // read(), or at the end; when the handshake is complete that includes close_notify, and the peer's is not
  // waited for.
  Step handshake();

  const HandshakeRecord& record() const;
  const TlsFailure& failure() const;  // after Step::failed
  // Whether the server has proved that it holds the key of the leaf: the handshake is complete, or
  // CertificateVerify (RFC 8446 4.4.3) or the signature of ServerKeyExchange (RFC 8422 5.4, RFC 5246 7.4.3)
  // was checked.
  bool key_proved() const;
  std::optional<TlsFacts> facts() const;  // nothing before the ServerHello

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string alert_name(std::uint8_t alert);  // "handshake failure"

}  // namespace chaintier
