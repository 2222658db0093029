#include "tests/probes/loopback.h"

#include <algorithm>
#include <array>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <csignal>
#include <optional>
#include <stdexcept>

#include <openssl/err.h>
#include <openssl/ssl.h>

namespace chaintier::test {

namespace asio = boost::asio;
using boost::system::error_code;

void Peer::send(std::string_view text) {
  error_code ignored;
  asio::write(socket_, asio::buffer(text), ignored);
}

std::string Peer::receive(std::size_t count) {
  std::string text(count, '\0');
  error_code ignored;
  text.resize(asio::read(socket_, asio::buffer(text), ignored));
  return text;
}

std::string Peer::receive_until(std::string_view end) {
  std::string text;
  while (!text.ends_with(end)) {
    const std::string next = receive(1);
    if (next.empty()) break;
    text += next;
  }
  return text;
}

void Peer::wait_for_end() {
  while (!receive(1).empty()) {
  }
}

void Peer::reset() {
  error_code ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  socket_.close(ignored);
}

void Peer::pause(std::chrono::milliseconds time) {
  asio::io_context io;
  asio::steady_timer(io, time).wait();
}

Server::Server(Script script, const std::string& address, std::uint16_t port)
    : script_(std::move(script)), acceptor_(io_) {
  std::signal(SIGPIPE, SIG_IGN);  // libssl writes to sockets whose peer has gone
  const asio::ip::tcp::endpoint endpoint(asio::ip::make_address(address), port);
  acceptor_.open(endpoint.protocol());
  acceptor_.set_option(asio::socket_base::reuse_address(true));
  acceptor_.bind(endpoint);
  acceptor_.listen(1024);
  port_ = acceptor_.local_endpoint().port();
  accept();
  thread_ = std::thread([this] { io_.run(); });
}

void Server::accept() {
  acceptor_.async_accept([this](error_code error, asio::ip::tcp::socket socket) {
    if (error) return;
    ++connections_;
    sessions_.emplace_back([this, accepted = std::move(socket)]() mutable {
      accepted.non_blocking(false);
      Peer peer(std::move(accepted));
      {
        const std::lock_guard lock(mutex_);
        open_.insert(&peer);
      }
      script_(peer);
      const std::lock_guard lock(mutex_);
      open_.erase(&peer);
    });
    accept();
  });
}

Server::~Server() {
  asio::post(io_, [this] { acceptor_.close(); });
  thread_.join();
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      for (Peer* peer : open_) {
        error_code ignored;
        peer->socket_.shutdown(asio::socket_base::shutdown_both, ignored);
      }
    }
    if (sessions_.empty()) return;
    sessions_.front().join();
    sessions_.pop_front();
  }
}

namespace {

using SslCtx = std::unique_ptr<SSL_CTX, FreeWith<SSL_CTX_free>>;
using Ssl = std::unique_ptr<SSL, FreeWith<SSL_free>>;

int give_staple(SSL* ssl, void* argument) {
  const auto& staple = *static_cast<const Bytes*>(argument);
  if (staple.empty()) return SSL_TLSEXT_ERR_NOACK;
  auto* copy = static_cast<unsigned char*>(OPENSSL_memdup(staple.data(), staple.size()));
  SSL_set_tlsext_status_ocsp_resp(ssl, copy, static_cast<long>(staple.size()));
  return SSL_TLSEXT_ERR_OK;
}

int choose_h2(SSL*, const unsigned char** out, unsigned char* length, const unsigned char*, unsigned, void*) {
  static constexpr std::array<unsigned char, 2> h2{'h', '2'};
  *out = h2.data();
  *length = 2;
  return SSL_TLSEXT_ERR_OK;
}

void use(SSL_CTX* context, const Identity& identity, const EVP_PKEY* key) {
  const EvpPkeyPtr own = key ? nullptr : as_in_a_server(*identity.key);
  EVP_PKEY* chosen = key ? const_cast<EVP_PKEY*>(key) : own.get();
  if (SSL_CTX_use_certificate(context, identity.certificate.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context, chosen) != 1)
    throw std::runtime_error("the server cannot use its certificate");
}

}  // namespace

Server::Script serve_tls(TlsServing serving) {
  struct Shared {
    TlsServing serving;
    SslCtx context;
  };
  auto shared =
      std::make_shared<Shared>(Shared{std::move(serving), SslCtx(SSL_CTX_new(TLS_server_method()))});
  SSL_CTX* context = shared->context.get();
  const TlsServing& serve = shared->serving;
  SSL_CTX_set_security_level(context, 0);
  SSL_CTX_set_min_proto_version(context, serve.lowest);
  SSL_CTX_set_max_proto_version(context, serve.highest);
  SSL_CTX_set_cipher_list(context, serve.ciphers.empty() ? "ALL:!aNULL:@SECLEVEL=0" : serve.ciphers.c_str());
  SSL_CTX_set_mode(context, SSL_MODE_NO_AUTO_CHAIN);
  if (serve.second_identity) use(context, *serve.second_identity, nullptr);
  use(context, *serve.identity, serve.key);
  for (const Identity* each : serve.more) SSL_CTX_add1_chain_cert(context, each->certificate.get());
  SSL_CTX_set_tlsext_status_cb(context, give_staple);
  SSL_CTX_set_tlsext_status_arg(context, &shared->serving.staple);
  if (serve.choose_http2) SSL_CTX_set_alpn_select_cb(context, choose_h2, nullptr);
  if (serve.demand_client_certificate)
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return [shared](Peer& peer) {
    const Ssl ssl(SSL_new(shared->context.get()));
    SSL_set_fd(ssl.get(), peer.native());
    if (SSL_accept(ssl.get()) == 1) {
      std::array<char, 64> ignored;
      SSL_read(ssl.get(), ignored.data(), ignored.size());
    }
    ERR_clear_error();
  };
}

Server::Script serve_tls_after(Server::Script words, TlsServing serving) {
  return [words = std::move(words), tls = serve_tls(std::move(serving))](Peer& peer) {
    words(peer);
    tls(peer);
  };
}

NameServer::NameServer(std::map<std::string, Name> names)
    : names_(std::move(names)), socket_(io_, {asio::ip::make_address("127.0.0.1"), 0}) {
  port_ = socket_.local_endpoint().port();
  // Room for what hundreds of lookups ask at once, while this thread waits for the processor.
  socket_.set_option(asio::socket_base::receive_buffer_size(1 << 20));
  thread_ = std::thread([this] { serve(); });
}

NameServer::~NameServer() {
  ending_ = true;
  asio::io_context io;
  asio::ip::udp::socket knock(io, asio::ip::udp::v4());
  knock.send_to(asio::buffer("", 0), socket_.local_endpoint());
  thread_.join();
}

std::vector<std::string> NameServer::asked() {
  const std::lock_guard lock(mutex_);
  return asked_;
}

void NameServer::serve() {
  std::array<std::uint8_t, 1500> buffer;
  while (!ending_) {
    asio::ip::udp::endpoint from;
    error_code error;
    const std::size_t size = socket_.receive_from(asio::buffer(buffer), from, 0, error);
    if (error || size < 17) continue;
    const Bytes reply = answer({buffer.data(), size});
    if (!reply.empty()) socket_.send_to(asio::buffer(reply), from, 0, error);
  }
}

namespace {

void put16(Bytes& out, std::size_t value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8));
  out.push_back(static_cast<std::uint8_t>(value));
}

void put_name(Bytes& out, std::string_view name) {
  while (!name.empty()) {
    const auto dot = std::min(name.find('.'), name.size());
    out.push_back(static_cast<std::uint8_t>(dot));
    for (const char c : name.substr(0, dot)) out.push_back(static_cast<std::uint8_t>(c));
    name.remove_prefix(std::min(dot + 1, name.size()));
  }
  out.push_back(0);
}

void put_record(Bytes& out, std::string_view name, std::size_t type, ByteView data) {
  put_name(out, name);
  put16(out, type);
  put16(out, 1);
  out.insert(out.end(), {0, 0, 0, 60});
  put16(out, data.size());
  out.insert(out.end(), data.begin(), data.end());
}

}  // namespace

// RFC 1035 4.1
Bytes NameServer::answer(ByteView question) {
  constexpr std::size_t type_a = 1, type_cname = 5, type_aaaa = 28;
  std::string name;
  std::size_t at = 12;
  while (at < question.size() && question[at] != 0) {
    if (!name.empty()) name += '.';
    name += text_of(question.subspan(at + 1, question[at]));
    at += question[at] + 1u;
  }
  const std::size_t type = question[at + 1] * 256u + question[at + 2];
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    const std::string what = (type == type_a ? "A " : type == type_aaaa ? "AAAA " : "? ") + name;
    first = std::ranges::find(asked_, what) == asked_.end();
    asked_.push_back(what);
  }
  const auto found = names_.find(name);
  if (found != names_.end() && (found->second.silent || (found->second.late && first))) return {};

  Bytes records;
  std::size_t count = 0, rcode = found == names_.end() ? 3 : static_cast<std::size_t>(found->second.rcode);
  for (auto here = found; here != names_.end();) {
    for (const IpAddress& address : here->second.addresses)
      if (address.is_v6() == (type == type_aaaa)) {
        put_record(records, here->first, type, address.octets());
        ++count;
      }
    if (here->second.cname.empty()) break;
    Bytes target;
    put_name(target, here->second.cname);
    put_record(records, here->first, type_cname, target);
    ++count;
    here = names_.find(here->second.cname);
  }
  Bytes reply(question.begin(), question.begin() + 2);
  put16(reply, 0x8180 | rcode | (found != names_.end() && found->second.truncated ? 0x0200 : 0));
  put16(reply, 1);
  put16(reply, count);
  put16(reply, 0);
  put16(reply, 0);
  reply.insert(reply.end(), question.begin() + 12, question.begin() + static_cast<std::ptrdiff_t>(at) + 5);
  reply.insert(reply.end(), records.begin(), records.end());
  return reply;
}

}  // namespace chaintier::test
