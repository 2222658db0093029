// The one TLS policy of every capture: to see what any server serves, with as little work as possible.
//
// Nothing is refused for weakness and no chain is verified; the server's proof that it holds the leaf's key
// is checked by libssl as always. The machine's openssl.cnf has no say as long as the program initialises
// OpenSSL with OPENSSL_INIT_NO_LOAD_CONFIG; beyond that every setting it could touch is set here.
#pragma once

#include <array>
#include <cstddef>
#include <memory>

#include "src/base/bytes.h"
#include "src/observe/observation.h"

struct ssl_st;
struct ssl_ctx_st;

namespace chaintier {

struct FreeSsl {
  void operator()(ssl_st* ssl) const noexcept;
  void operator()(ssl_ctx_st* context) const noexcept;
};
using SslPtr = std::unique_ptr<ssl_st, FreeSsl>;

// One context for each key type, made when first needed and shared by all connections of the thread.
class TlsContexts {
 public:
  // A certificate list longer than `list_limit` octets ends the handshake with Cause::limit.
  explicit TlsContexts(std::size_t list_limit);
  TlsContexts();  // longest_certificate_list
  ~TlsContexts();

  // A client that must be served a key of this type. Throws std::runtime_error when libssl does not work at
  // all.
  SslPtr new_client(KeyType type);

  // What such a client says first, with some server name and application protocols: the whole message with
  // its header. Throws as well.
  Bytes client_hello(KeyType type);

  std::size_t list_limit() const { return list_limit_; }

 private:
  using ContextPtr = std::unique_ptr<ssl_ctx_st, FreeSsl>;
  std::size_t list_limit_;
  std::array<ContextPtr, 3> contexts_;
};

}  // namespace chaintier
