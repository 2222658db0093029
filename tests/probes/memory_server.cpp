#include "tests/probes/memory_server.h"

#include <algorithm>

#include <doctest/doctest.h>

namespace chaintier::test {
namespace {

int take_http2(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char*, unsigned,
               void*) {
  *chosen = reinterpret_cast<const unsigned char*>("h2");
  *size = 2;
  return SSL_TLSEXT_ERR_OK;
}

int give_staple(SSL* ssl, void*) {
  constexpr std::size_t size = 5;
  auto* octets = static_cast<unsigned char*>(OPENSSL_malloc(size));
  std::fill_n(octets, size, static_cast<unsigned char>(7));
  SSL_set_tlsext_status_ocsp_resp(ssl, octets, size);
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

MemoryServer::MemoryServer(const Settings& settings) : context_(SSL_CTX_new(TLS_server_method())) {
  SSL_CTX* context = context_.get();
  const Identity& identity = ec_chain().leaf;
  key_ = as_in_a_server(*(settings.key ? settings.key : identity.key.get()));
  SSL_CTX_set_security_level(context, 0);
  SSL_CTX_set_min_proto_version(context, settings.version);
  SSL_CTX_set_max_proto_version(context, settings.version);
  SSL_CTX_set_num_tickets(context, 0);
  auto* certificate =
      const_cast<X509*>(settings.certificate ? settings.certificate : identity.certificate.get());
  REQUIRE(SSL_CTX_use_certificate(context, certificate) == 1);
  REQUIRE(SSL_CTX_use_PrivateKey(context, key_.get()) == 1);
  if (!settings.ciphers.empty()) {
    if (settings.version >= TLS1_3_VERSION)
      REQUIRE(SSL_CTX_set_ciphersuites(context, settings.ciphers.c_str()) == 1);
    else
      REQUIRE(SSL_CTX_set_cipher_list(context, settings.ciphers.c_str()) == 1);
  }
  if (!settings.groups.empty()) REQUIRE(SSL_CTX_set1_groups_list(context, settings.groups.c_str()) == 1);
  if (settings.demand_client_certificate) SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  if (settings.choose_http2) SSL_CTX_set_alpn_select_cb(context, take_http2, nullptr);
  if (settings.staple) SSL_CTX_set_tlsext_status_cb(context, give_staple);
  ssl_.reset(SSL_new(context));
  in_ = BIO_new(BIO_s_mem());
  out_ = BIO_new(BIO_s_mem());
  SSL_set_bio(ssl_.get(), in_, out_);
  SSL_set_accept_state(ssl_.get());
}

TlsWire::Moved MemoryServer::read(std::span<std::uint8_t> into) {
  ++reads;
  into = into.first(std::min(into.size(), most_read_at_once));
  if (foreign_answer) {
    const std::size_t count = std::min(into.size(), foreign_answer->size());
    std::copy_n(foreign_answer->begin(), count, into.begin());
    foreign_answer->erase(foreign_answer->begin(), foreign_answer->begin() + static_cast<long>(count));
    return count ? Moved{Status::done, count} : Moved{Status::would_block, 0};
  }
  const int count = BIO_read(out_, into.data(), static_cast<int>(into.size()));
  if (count <= 0) return {Status::would_block, 0};
  return {Status::done, static_cast<std::size_t>(count)};
}

TlsWire::Moved MemoryServer::write(ByteView octets) {
  if (writes.size() >= writes_taken) return {Status::closed, 0};
  if (blocked) return {Status::would_block, 0};
  const std::size_t count = std::min(octets.size(), most_at_once);
  if (blocks_after_each) blocked = true;
  writes.emplace_back(octets.begin(), octets.begin() + static_cast<long>(count));
  if (foreign_answer) return {Status::done, count};
  REQUIRE(BIO_write(in_, octets.data(), static_cast<int>(count)) == static_cast<int>(count));
  std::array<char, 16> ignored;
  if (!finished()) SSL_do_handshake(ssl_.get());
  if (finished()) SSL_read(ssl_.get(), ignored.data(), ignored.size());
  ERR_clear_error();
  return {Status::done, count};
}

}  // namespace chaintier::test
