// A TLS client handshake over a non-blocking stream of octets, by ourselves: what a server shows and proves,
// at a fraction of what libssl spends on it.
//
// It knows the course that nearly every handshake takes, a full one of TLS 1.3 (RFC 8446) or TLS 1.2 (RFC
// 5246) with (EC)DHE over the usual curves and an AEAD cipher. Whatever is different, wrong or older makes it
// decline, and TlsSession has to ask anew. So its answers are whole answers, with everything verified that
// libssl would verify, and what is said of faults is always libssl's word.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include "probes/client_hello.h"
#include "probes/handshake_record.h"
#include "probes/key_proof.h"
#include "probes/tls_context.h"
#include "probes/tls_crypto.h"
#include "probes/tls_session.h"

namespace chaintier {

// What the handshakes of one thread have in common. All must have ended before it goes.
class OwnTlsClient {
 public:
  // Null when this OpenSSL lacks an algorithm that every connection needs. `contexts` must outlive it.
  static std::unique_ptr<OwnTlsClient> make(TlsContexts& contexts);

  const ClientHelloForm& hello_form(KeyType type);

  // A key pair is one for many connections. That costs their secrecy against whoever gets hold of it, and
  // there is nothing secret in a handshake that only looks. What a server proves rests on our random.
  std::shared_ptr<KeyShare> key_share(KeyShare::Group group);

  // Client random and session ID of one connection. OpenSSL is asked for those of many at once.
  using Randoms = std::array<std::uint8_t, 64>;
  Randoms randoms();

  TlsCrypto& crypto() { return crypto_; }
  KeyProof& key_proof() { return key_proof_; }
  Bytes& buffer() { return buffer_; }  // for one read
  std::size_t list_limit() const { return contexts_.list_limit(); }

 private:
  explicit OwnTlsClient(TlsContexts& contexts) : contexts_(contexts) {}

  struct Share {
    std::shared_ptr<KeyShare> pair;
    int uses = 0;
  };
  TlsContexts& contexts_;
  std::array<std::optional<ClientHelloForm>, 3> forms_;
  std::array<Share, 3> shares_;
  std::array<std::uint8_t, 64 * sizeof(Randoms)> randoms_{};
  std::size_t randoms_left_ = 0;
  TlsCrypto crypto_;
  KeyProof key_proof_;
  Bytes buffer_ = Bytes(std::size_t{16} * 1024);
};

class OwnTlsSession {
 public:
  enum class Step { done, want_read, want_write, declined };

  OwnTlsSession(OwnTlsClient& client, const TlsRequest& request, TlsWire& wire);
  ~OwnTlsSession();
  OwnTlsSession(const OwnTlsSession&) = delete;
  OwnTlsSession& operator=(const OwnTlsSession&) = delete;

  // As TlsSession::handshake(). After `declined` nothing is known that is worth telling. It declines also
  // where OpenSSL refuses a service.
  Step handshake();

  const HandshakeRecord& record() const;
  bool key_proved() const;                // as TlsSession's
  std::optional<TlsFacts> facts() const;  // nothing before the ServerHello
  CertificatePtr leaf() const;            // the first of record().certificates(), once it was read

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace chaintier
