#include "probes/practice/server_context.h"

#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "src/base/openssl_handles.h"

namespace chaintier {
namespace {

namespace ssl = boost::asio::ssl;

EvpPkeyPtr read_key(const std::string& pem) {
  BioPtr memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return EvpPkeyPtr(memory ? PEM_read_bio_PrivateKey(memory.get(), nullptr, nullptr, nullptr) : nullptr);
}

X509Ptr read_certificate(const Bytes& der) {
  const unsigned char* in = der.data();
  return X509Ptr(d2i_X509(nullptr, &in, static_cast<long>(der.size())));
}

bool load(SSL_CTX* context, const std::vector<Bytes>& served, const std::string& key_pem) {
  const auto key = read_key(key_pem);
  if (!key || served.empty()) return false;
  const auto leaf = read_certificate(served.front());
  if (!leaf || SSL_CTX_use_certificate(context, leaf.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context, key.get()) != 1)
    return false;
  for (std::size_t i = 1; i < served.size(); ++i) {
    const auto issuer = read_certificate(served[i]);
    if (!issuer || SSL_CTX_add1_chain_cert(context, issuer.get()) != 1) return false;
  }
  return true;
}

bool set_up(SSL_CTX* context, PracticeBehaviour behaviour) {
  SSL_CTX_set_security_level(context, 0);
  // Without it libssl would complete a short list from what it can find.
  SSL_CTX_set_mode(context, SSL_MODE_NO_AUTO_CHAIN);
  if (behaviour == PracticeBehaviour::asks_client) SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  const int newest = behaviour == PracticeBehaviour::old_tls ? TLS1_VERSION : 0;
  return SSL_CTX_set_min_proto_version(context, TLS1_VERSION) == 1 &&
         SSL_CTX_set_max_proto_version(context, newest) == 1 &&
         SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0") == 1;
}

int refuse_name(SSL*, int* alert, void*) {
  *alert = SSL_AD_UNRECOGNIZED_NAME;
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

int choose_by_name(SSL* connection, int*, void* argument) {
  auto& tls = *static_cast<PracticeTls*>(argument);
  const char* name = SSL_get_servername(connection, TLSEXT_NAMETYPE_host_name);
  if (name && tls.host == name) SSL_set_SSL_CTX(connection, tls.named.native_handle());
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

Result<std::unique_ptr<PracticeTls>> make_practice_tls(const PracticeServer& server,
                                                       const std::string& host) {
  const ErrorQueueScope clean;
  auto tls = std::make_unique<PracticeTls>(PracticeTls{ssl::context(ssl::context::tls_server),
                                                       ssl::context(ssl::context::tls_server), host,
                                                       !server.served_by_name.empty()});
  SSL_CTX* context = tls->context.native_handle();
  bool good = set_up(context, server.behaviour) && load(context, server.served, server.key_pem);
  if (good && tls->has_named) {
    SSL_CTX* named = tls->named.native_handle();
    good = set_up(named, server.behaviour) && load(named, server.served_by_name, server.key_by_name_pem);
    SSL_CTX_set_tlsext_servername_callback(context, choose_by_name);
    SSL_CTX_set_tlsext_servername_arg(context, tls.get());
  }
  if (server.behaviour == PracticeBehaviour::alert)
    SSL_CTX_set_tlsext_servername_callback(context, refuse_name);
  if (!good)
    return Error{Stage::usage, Fault::internal, "libssl did not take the certificates of a practice server"};
  return tls;
}

}  // namespace chaintier
