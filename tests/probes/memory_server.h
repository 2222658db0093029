// A TLS server by libssl without a socket, which answers at once, and the wire to it.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <openssl/ssl.h>

#include "probes/tls_session.h"
#include "tests/probes/test_pki.h"

namespace chaintier::test {

class MemoryServer final : public TlsWire {
 public:
  struct Settings {
    int version = 0x0304;
    const X509* certificate = nullptr;  // with `key`; else the leaf of ec_chain()
    const EVP_PKEY* key = nullptr;
    std::string ciphers = {}, groups = {};  // empty: libssl's own
    bool demand_client_certificate = false, choose_http2 = false, staple = false;
  };
  explicit MemoryServer(int version) : MemoryServer(Settings{version}) {}
  explicit MemoryServer(const Settings& settings);

  Moved read(std::span<std::uint8_t> into) override;
  Moved write(ByteView octets) override;

  bool finished() const { return SSL_is_init_finished(ssl_.get()) == 1; }
  bool heard_goodbye() const { return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0; }

  std::vector<Bytes> writes;
  int reads = 0;
  std::size_t most_at_once = 100'000, writes_taken = 100'000, most_read_at_once = 100'000;
  bool blocked = false, blocks_after_each = false;
  std::optional<Bytes> foreign_answer;  // instead of the server's

 private:
  std::unique_ptr<SSL_CTX, FreeWith<SSL_CTX_free>> context_;
  EvpPkeyPtr key_;
  std::unique_ptr<SSL, FreeWith<SSL_free>> ssl_;
  BIO* in_ = nullptr;
  BIO* out_ = nullptr;
};

}  // namespace chaintier::test
