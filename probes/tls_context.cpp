#include "probes/tls_context.h"

#include <stdexcept>

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "probes/client_hello.h"
#include "probes/handshake_record.h"
#include "src/base/openssl_handles.h"

namespace chaintier {
namespace {

// AES-128-GCM first: SHA-256 is cheaper than SHA-384 where the processor helps with it.
constexpr const char* tls13_ciphers =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:"
    "TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256";

// Everything that libssl speaks, ephemeral key exchange first, without anonymous, unencrypted and key-less
// suites: those show no certificate.
constexpr const char* all_ciphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE:DHE:ALL:"
    "!aNULL:!eNULL:!PSK:!SRP";

// X25519 alone would be refused by servers with a P-256 or P-384 key under TLS 1.2, hence all.
constexpr const char* groups =
    "X25519:P-256:P-384:P-521:X448:ffdhe2048:ffdhe3072:ffdhe4096:brainpoolP256r1:brainpoolP384r1:"
    "brainpoolP512r1";

constexpr const char* ecdsa_signatures = "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ECDSA+SHA224:ECDSA+SHA1";
constexpr const char* rsa_signatures =
    "RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:rsa_pss_pss_sha256:rsa_pss_pss_sha384:rsa_pss_pss_sha512:"
    "RSA+SHA256:RSA+SHA384:RSA+SHA512:RSA+SHA224:RSA+SHA1";

std::string ciphers_for(KeyType type) {
  switch (type) {
    case KeyType::any:
      return fmt::format("{}:@SECLEVEL=0", all_ciphers);
    case KeyType::rsa:
      return fmt::format("{}:!aECDSA:!aDSS:@SECLEVEL=0", all_ciphers);
    case KeyType::ecdsa:
      return fmt::format("{}:!aRSA:!aDSS:@SECLEVEL=0", all_ciphers);
  }
  std::abort();
}

std::string signatures_for(KeyType type) {
  switch (type) {
    case KeyType::any:
      return fmt::format("{}:ed25519:ed448:{}:DSA+SHA256:DSA+SHA1", ecdsa_signatures, rsa_signatures);
    case KeyType::rsa:
      return rsa_signatures;
    case KeyType::ecdsa:
      return ecdsa_signatures;
  }
  std::abort();
}

// libssl's own chain building would be waste: the chain is judged elsewhere, and completely.
int accept_any_chain(X509_STORE_CTX*, void*) { return 1; }

void must(bool done, const char* what) {
  if (!done) throw std::runtime_error(fmt::format("OpenSSL refused to set {}", what));
}

void set_policy(SSL_CTX* context, KeyType type, std::size_t list_limit) {
  SSL_CTX_set_security_level(context, 0);
  must(SSL_CTX_set_min_proto_version(context, TLS1_VERSION) == 1, "the lowest version");
  must(SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) == 1, "the highest version");
  SSL_CTX_clear_options(context, SSL_CTX_get_options(context));
  SSL_CTX_set_options(context, SSL_OP_ALL | SSL_OP_LEGACY_SERVER_CONNECT | SSL_OP_NO_TICKET |
                                   SSL_OP_NO_COMPRESSION | SSL_OP_ENABLE_MIDDLEBOX_COMPAT);
  must(SSL_CTX_set_cipher_list(context, ciphers_for(type).c_str()) == 1, "the cipher suites");
  must(SSL_CTX_set_ciphersuites(context, tls13_ciphers) == 1, "the cipher suites of TLS 1.3");
  must(SSL_CTX_set1_groups_list(context, groups) == 1, "the groups");
  must(SSL_CTX_set1_sigalgs_list(context, signatures_for(type).c_str()) == 1, "the signature algorithms");
  must(SSL_CTX_set_tlsext_status_type(context, TLSEXT_STATUSTYPE_ocsp) == 1, "the status request");
  SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_cert_verify_callback(context, accept_any_chain, nullptr);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_max_cert_list(context, static_cast<long>(list_limit));
}

}  // namespace

void FreeSsl::operator()(ssl_st* ssl) const noexcept { SSL_free(ssl); }
void FreeSsl::operator()(ssl_ctx_st* context) const noexcept { SSL_CTX_free(context); }

TlsContexts::TlsContexts(std::size_t list_limit) : list_limit_(list_limit) {}
TlsContexts::TlsContexts() : TlsContexts(longest_certificate_list) {}
TlsContexts::~TlsContexts() = default;

Bytes TlsContexts::client_hello(KeyType type) {
  const ErrorQueueScope errors;
  const SslPtr ssl = new_client(type);
  BIO* wire = BIO_new(BIO_s_mem());
  if (!wire) throw std::bad_alloc();
  SSL_set_bio(ssl.get(), wire, wire);  // takes the one reference for both directions
  must(SSL_set_tlsext_host_name(ssl.get(), "name.invalid") == 1, "a server name");
  // This one returns 0 for success.
  must(SSL_set_alpn_protos(ssl.get(), http_protocols.data(), unsigned{http_protocols.size()}) == 0,
       "the application protocols");
  Bytes hello;
  SSL_set_msg_callback_arg(ssl.get(), &hello);
  SSL_set_msg_callback(ssl.get(),
                       [](int sent, int, int content, const void* data, std::size_t size, SSL*, void* into) {
                         const auto* octets = static_cast<const std::uint8_t*>(data);
                         if (sent && content == SSL3_RT_HANDSHAKE)
                           static_cast<Bytes*>(into)->assign(octets, octets + size);
                       });
  SSL_connect(ssl.get());  // which ends where it would read
  must(!hello.empty(), "up a ClientHello");
  return hello;
}

SslPtr TlsContexts::new_client(KeyType type) {
  const ErrorQueueScope errors;
  ContextPtr& context = contexts_.at(static_cast<std::size_t>(type));
  if (!context) {
    ContextPtr made(SSL_CTX_new(TLS_client_method()));
    must(made != nullptr, "up a TLS client");
    set_policy(made.get(), type, list_limit_);
    context = std::move(made);
  }
  SslPtr ssl(SSL_new(context.get()));
  if (!ssl) throw std::bad_alloc();
  return ssl;
}

}  // namespace chaintier
