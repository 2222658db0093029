// A TLS server in memory that says what a test wants, with right keys and signatures: to show what our own
// client does with messages that libssl's servers never send.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "probes/tls_crypto.h"
#include "probes/tls_session.h"
#include "tests/probes/test_pki.h"

namespace chaintier::test {

struct TlsScript {
  std::uint16_t version = 0x0304;
  std::uint16_t suite = 0x1301;
  std::uint16_t signature_scheme = 0x0403;
  const EVP_PKEY* key = nullptr;
  std::vector<Bytes> certificates;
  // Each message with its header, before it is hashed and sent: what to send instead, nothing or several.
  std::function<std::vector<Bytes>(const Bytes& message)> change;
  // Octets of plaintext in a record.
  std::size_t record_size = 16'000;
  bool change_cipher_spec = true;  // it is sent (TLS 1.2)
  // A ChangeCipherSpec of its own before the message of this type.
  std::optional<std::uint8_t> early_change_before;
  std::uint8_t inner_type = 22;  // of sealed records (TLS 1.3)
  Bytes server_random = Bytes(32, 0x5e);
  bool extended_master_secret = true;           // TLS 1.2
  Bytes more_hello_extensions;                  // TLS 1.2
  int idle_changes = 0;                         // ChangeCipherSpecs after the ServerHello (TLS 1.3)
  std::uint16_t later_record_version = 0x0303;  // of records in the clear but the first
  bool one_record = false;  // ServerHello and the beginning of what should be sealed share one (TLS 1.3)
};

class ScriptedTlsServer final : public TlsWire {
 public:
  explicit ScriptedTlsServer(TlsScript script) : script_(std::move(script)) {}

  Moved read(std::span<std::uint8_t> into) override;
  Moved write(ByteView octets) override;

  // It has had a Finished of the client that was right.
  bool finished() const { return finished_; }

 private:
  void on_client_hello(ByteView record);
  void answer_13(ByteView key_share);
  void answer_12();
  void on_client_flight_12(ByteView octets);
  void on_client_flight_13(ByteView octets);

  // Hashes and queues it, changed or not.
  void say(std::uint8_t type, const Bytes& body);
  void send_plain();
  void send_sealed();
  Bytes signature_of(const Bytes& content) const;

  TlsScript script_;
  TlsCrypto crypto_;
  const CipherSuite* suite_ = nullptr;
  Bytes client_random_, session_id_;
  std::optional<Transcript> transcript_;
  Bytes messages_;  // not yet in records
  Bytes out_;
  std::optional<KeyShare> share_;
  Secret client_handshake_, server_handshake_, transcript_at_finished_;
  TrafficKeys server_keys_;
  bool answered_ = false, finished_ = false, sent_any_ = false;
};

}  // namespace chaintier::test
