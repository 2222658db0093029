#include "tests/bench/fleet/identities.h"

#include <array>
#include <charconv>
#include <fstream>
#include <stdexcept>

#include <fmt/format.h>
#include <openssl/pem.h>

namespace chaintier::bench {
namespace {

BioPtr open_file(const std::string& path) {
  BioPtr file(BIO_new_file(path.c_str(), "rb"));
  if (!file) throw std::runtime_error(fmt::format("cannot read {}", path));
  return file;
}

std::vector<X509Ptr> read_certificates(const std::string& path, std::size_t most) {
  const ErrorQueueScope errors;
  const BioPtr file = open_file(path);
  std::vector<X509Ptr> certificates;
  while (certificates.size() < most) {
    X509Ptr certificate(PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr));
    if (!certificate) break;
    certificates.push_back(std::move(certificate));
  }
  if (certificates.empty()) throw std::runtime_error(fmt::format("no certificate in {}", path));
  return certificates;
}

// The number in a name that host_name made.
std::size_t leaf_asked_for(const SSL* ssl, std::size_t otherwise, std::size_t count) {
  const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  const std::string_view text = name ? name : "";
  if (text.empty() || text.front() != 'h') return otherwise;
  std::size_t asked = count;
  std::from_chars(text.data() + 1, text.data() + text.size(), asked);
  return asked < count ? asked : otherwise;
}

}  // namespace

Identities::Identities(const FleetOptions& options) {
  const std::string folder = options.certificates + "/" + options.profile;
  auto current = read_certificates(folder + "/leaves.pem", options.leaves);
  auto expired = read_certificates(folder + "/expired.pem", options.leaves);
  if (current.size() != expired.size())
    throw std::runtime_error(fmt::format("leaves.pem and expired.pem differ in length in {}", folder));
  for (std::size_t i = 0; i < current.size(); ++i)
    leaves_.push_back({std::move(current[i]), std::move(expired[i]), {}});
  if (options.staples) load_staples(folder + "/staples.bin");

  chain_.reset(sk_X509_new_null());
  const auto add = [&](const std::string& file) {
    for (X509Ptr& certificate : read_certificates(folder + file, 16))
      if (sk_X509_push(chain_.get(), certificate.get()) > 0) certificate.release();
  };
  add("/chain.pem");
  if (options.root_too) add("/root.pem");
  key_.reset(PEM_read_bio_PrivateKey(open_file(folder + "/key.pem").get(), nullptr, nullptr, nullptr));
  if (!key_) throw std::runtime_error(fmt::format("no key in {}", folder));

  context_.reset(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* context = context_.get();
  SSL_CTX_set_min_proto_version(context, options.only_version == 13 ? TLS1_3_VERSION : TLS1_2_VERSION);
  SSL_CTX_set_max_proto_version(context, options.only_version == 12 ? TLS1_2_VERSION : TLS1_3_VERSION);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, options.tickets);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
  if (options.tickets == 0) SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE);
  SSL_CTX_set_cert_cb(context, choose_certificate, this);
  if (options.staples) {
    SSL_CTX_set_tlsext_status_cb(context, choose_staple);
    SSL_CTX_set_tlsext_status_arg(context, this);
  }
}

// One response for each leaf, each after its length in four octets, most significant first.
void Identities::load_staples(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  for (Leaf& leaf : leaves_) {
    std::array<char, 4> head{};
    file.read(head.data(), head.size());
    std::size_t length = 0;
    for (const char octet : head) length = length << 8 | static_cast<unsigned char>(octet);
    if (!file || length > 65536) throw std::runtime_error(fmt::format("{} is not as it should be", path));
    leaf.staple.resize(length);
    file.read(reinterpret_cast<char*>(leaf.staple.data()), static_cast<std::streamsize>(length));
    if (!file) throw std::runtime_error(fmt::format("{} ends too early", path));
  }
}

SSL* Identities::new_server(Wanted& wanted) {
  SSL* ssl = SSL_new(context_.get());
  if (!ssl) throw std::bad_alloc();
  SSL_set_app_data(ssl, &wanted);
  SSL_set_accept_state(ssl);
  return ssl;
}

int Identities::choose_certificate(SSL* ssl, void* self) {
  auto& identities = *static_cast<Identities*>(self);
  auto& wanted = *static_cast<Wanted*>(SSL_get_app_data(ssl));
  wanted.leaf = leaf_asked_for(ssl, wanted.leaf, identities.leaves_.size());
  const Leaf& leaf = identities.leaves_[wanted.leaf];
  X509* certificate = wanted.expired ? leaf.expired.get() : leaf.current.get();
  if (SSL_use_certificate(ssl, certificate) != 1) return 0;
  if (SSL_use_PrivateKey(ssl, identities.key_.get()) != 1) return 0;
  return wanted.leaf_only || SSL_set1_chain(ssl, identities.chain_.get()) == 1;
}

// Called after choose_certificate. An expired leaf comes with the response for the current one.
int Identities::choose_staple(SSL* ssl, void* self) {
  const auto& identities = *static_cast<Identities*>(self);
  const Bytes& staple = identities.leaves_[static_cast<Wanted*>(SSL_get_app_data(ssl))->leaf].staple;
  auto* copy = static_cast<unsigned char*>(OPENSSL_memdup(staple.data(), staple.size()));
  if (!copy) return SSL_TLSEXT_ERR_NOACK;
  SSL_set_tlsext_status_ocsp_resp(ssl, copy, static_cast<long>(staple.size()));
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace chaintier::bench
