// The certificates and keys that a fleet shows, and its TLS settings. OpenSSL is used openly: only the
// fleet's own .cpp files include this.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include <openssl/ssl.h>

#include "src/base/bytes.h"
#include "src/base/openssl_handles.h"
#include "tests/bench/fleet/options.h"

namespace chaintier::bench {

using SslPtr = std::unique_ptr<SSL, FreeWith<SSL_free>>;
using SslCtxPtr = std::unique_ptr<SSL_CTX, FreeWith<SSL_CTX_free>>;

inline void free_certificates(STACK_OF(X509) * certificates) noexcept {
  sk_X509_pop_free(certificates, X509_free);
}
using CertificateStackPtr = std::unique_ptr<STACK_OF(X509), FreeWith<free_certificates>>;

// Which leaf a connection is to get; set as app data of its SSL before the handshake.
struct Wanted {
  std::size_t leaf = 0;
  bool expired = false;
  bool leaf_only = false;
};

class Identities {
 public:
  // Throws std::runtime_error when a file is missing or not as fleet_certificates writes it.
  explicit Identities(const FleetOptions& options);
  Identities(const Identities&) = delete;  // libssl holds a pointer to it
  Identities& operator=(const Identities&) = delete;

  SSL* new_server(Wanted& wanted);
  std::size_t size() const { return leaves_.size(); }

 private:
  struct Leaf {
    X509Ptr current, expired;
    Bytes staple;
  };

  static int choose_certificate(SSL* ssl, void* self);
  static int choose_staple(SSL* ssl, void* self);
  void load_staples(const std::string& path);

  std::vector<Leaf> leaves_;
  CertificateStackPtr chain_;
  EvpPkeyPtr key_;
  SslCtxPtr context_;
};

}  // namespace chaintier::bench
