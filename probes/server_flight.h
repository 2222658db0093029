// What follows the ServerHello in a handshake of our own client (own_tls_session.h): one course for each
// version.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "probes/handshake_record.h"
#include "probes/own_tls_session.h"
#include "probes/tls_numbers.h"
#include "probes/tls_session.h"

namespace chaintier {

// The parts of a connection that its flight works with. They belong to the session and outlive it.
struct ConnectionState {
  OwnTlsClient& client;
  const TlsRequest request;
  std::shared_ptr<KeyShare> share = nullptr;     // the X25519 one in `hello`
  ByteView client_random = {}, session_id = {};  // in `hello` too
  Bytes hello = {};                              // our ClientHello
  HandshakeRecord record = {};
  Bytes out = {};  // records to be sent
};

// Where a function returns bool, false means to decline.
class ServerFlight {
 public:
  virtual ~ServerFlight() = default;

  // Whether a message of this type may come now.
  virtual bool expects(std::uint8_t type) const = 0;
  // A whole message that was expected, with its header, in the clear.
  virtual bool on_message(ByteView message) = 0;
  virtual bool on_change_cipher_spec() = 0;
  // Records of the server are sealed from now on; open() appends the handshake messages in one.
  virtual bool sealed() const = 0;
  virtual bool open(ByteView record, Bytes& messages) = 0;
  // Everything is verified, and what we have left to say is in `out`.
  virtual bool complete() const = 0;
  // What is left to say is more than close_notify.
  virtual bool owes_finished() const = 0;

  const TlsFacts& facts() const { return facts_; }
  bool key_proved() const { return key_proved_; }       // as TlsSession says it
  const CertificatePtr& leaf() const { return leaf_; }  // null until its message has come

 protected:
  TlsFacts facts_;
  bool key_proved_ = false;
  CertificatePtr leaf_;
};

// For this ServerHello; null to decline it.
std::unique_ptr<ServerFlight> begin_tls13(ConnectionState& connection, ByteView server_hello);
std::unique_ptr<ServerFlight> begin_tls12(ConnectionState& connection, ByteView server_hello);

// A record as RFC 8446 5.1 and RFC 5246 6.2.1 have it.
void put_record(Bytes& out, std::uint8_t type, ByteView content, std::uint16_t version = tls::version::tls12);

// Whether this is the first extension of that type; no block may hold two (RFC 8446 4.2).
class ExtensionTypes {
 public:
  bool is_new(std::uint16_t type);

 private:
  std::vector<std::uint16_t> seen_;
};

// The one protocol that a server chose of ours (RFC 7301 3.1), from its extension.
std::optional<std::string> chosen_protocol(ByteView extension);

}  // namespace chaintier
