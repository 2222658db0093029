// The session alone, with a server in memory: what leaves in one piece, and wires that take little or
// nothing.
#include "probes/tls_session.h"

#include <algorithm>
#include <optional>
#include <vector>

#include <doctest/doctest.h>
#include <openssl/ssl.h>

#include "tests/probes/test_pki.h"

using namespace chaintier;
using namespace chaintier::test;

namespace {

using Ssl = std::unique_ptr<SSL, FreeWith<SSL_free>>;
using SslCtx = std::unique_ptr<SSL_CTX, FreeWith<SSL_CTX_free>>;
using Step = TlsSession::Step;

// A server that answers at once, and the wire to it.
class MemoryServer final : public TlsWire {
 public:
  explicit MemoryServer(int version) : context_(SSL_CTX_new(TLS_server_method())) {
    const Identity& identity = ec_chain().leaf;
    key_ = as_in_a_server(*identity.key);
    SSL_CTX_set_min_proto_version(context_.get(), version);
    SSL_CTX_set_max_proto_version(context_.get(), version);
    SSL_CTX_set_num_tickets(context_.get(), 0);
    REQUIRE(SSL_CTX_use_certificate(context_.get(), identity.certificate.get()) == 1);
    REQUIRE(SSL_CTX_use_PrivateKey(context_.get(), key_.get()) == 1);
    ssl_.reset(SSL_new(context_.get()));
    in_ = BIO_new(BIO_s_mem());
    out_ = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl_.get(), in_, out_);
    SSL_set_accept_state(ssl_.get());
  }

  Moved read(std::span<std::uint8_t> into) override {
    ++reads;
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

  Moved write(ByteView octets) override {
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

  bool finished() const { return SSL_is_init_finished(ssl_.get()) == 1; }
  bool heard_goodbye() const { return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0; }

  std::vector<Bytes> writes;
  int reads = 0;
  std::size_t most_at_once = 100'000, writes_taken = 100'000;
  bool blocked = false, blocks_after_each = false;
  std::optional<Bytes> foreign_answer;  // instead of the server's

 private:
  SslCtx context_;
  EvpPkeyPtr key_;
  Ssl ssl_;
  BIO* in_ = nullptr;
  BIO* out_ = nullptr;
};

const TlsRequest request{KeyType::any, "www.example.tw", true, 0x0304};

}  // namespace

TEST_CASE("session: each flight leaves in one piece, the last one with close_notify") {
  for (const int version : {TLS1_3_VERSION, TLS1_2_VERSION}) {
    CAPTURE(version);
    MemoryServer server(version);
    TlsContexts contexts;
    TlsSession session(contexts, request, server);
    CHECK(session.handshake() == Step::done);
    // ClientHello; then, in TLS 1.2, ClientKeyExchange to Finished, and what follows the server's Finished.
    CHECK(server.writes.size() == (version == TLS1_3_VERSION ? 2 : 3));
    CHECK(server.finished());
    CHECK(server.heard_goodbye());
    CHECK(session.key_proved());
    REQUIRE(session.facts());
    CHECK(session.facts()->version == (version == TLS1_3_VERSION ? "TLSv1.3" : "TLSv1.2"));
    CHECK(session.record().certificates().size() == 1);
  }
}

TEST_CASE("session: nothing is read before what there is to say has left") {
  MemoryServer server(TLS1_3_VERSION);
  server.blocked = true;
  TlsContexts contexts;
  TlsSession session(contexts, request, server);
  CHECK(session.handshake() == Step::want_write);
  CHECK(session.handshake() == Step::want_write);
  CHECK(server.reads == 0);
  server.blocked = false;
  CHECK(session.handshake() == Step::done);
  CHECK(server.heard_goodbye());
}

TEST_CASE("session: a wire that takes an octet at a time, and blocks after each") {
  for (const int version : {TLS1_3_VERSION, TLS1_2_VERSION}) {
    CAPTURE(version);
    MemoryServer server(version);
    server.most_at_once = 1;
    server.blocks_after_each = true;
    TlsContexts contexts;
    TlsSession session(contexts, request, server);
    Step step = Step::want_write;
    for (int i = 0; i < 5000 && step == Step::want_write; ++i) {
      server.blocked = false;
      step = session.handshake();
    }
    CHECK(step == Step::done);
    CHECK(server.finished());
    CHECK(session.key_proved());
    // After Finished, TLS 1.2 has the close_notify to say, and nobody waits for that.
    CHECK(server.heard_goodbye() == (version == TLS1_3_VERSION));
  }
}

TEST_CASE("session: a wire that ends before the last flight is a failure, after it none") {
  struct Case {
    const char* what;
    int version;
    std::size_t writes_taken;
    Step step;
    bool proved;
  };
  for (const Case& one :
       {Case{"Finished does not go through", TLS1_3_VERSION, 1, Step::failed, true},
        // Proved by the signature of the ServerKeyExchange; the server's Finished never comes.
        Case{"Finished does not go through", TLS1_2_VERSION, 1, Step::failed, true},
        Case{"only close_notify does not go through", TLS1_2_VERSION, 2, Step::done, true},
        Case{"nothing goes through", TLS1_3_VERSION, 0, Step::failed, false}}) {
    CAPTURE(one.what);
    CAPTURE(one.version);
    MemoryServer server(one.version);
    server.writes_taken = one.writes_taken;
    TlsContexts contexts;
    TlsSession session(contexts, request, server);
    CHECK(session.handshake() == one.step);
    CHECK(session.key_proved() == one.proved);
    CHECK_FALSE(session.failure().alert);
    if (one.writes_taken == 0) CHECK(server.reads == 0);
  }
}

TEST_CASE("session: an alert of ours leaves before the failure is told") {
  MemoryServer server(TLS1_3_VERSION);
  server.foreign_answer = Bytes{22, 3, 3, 0, 4, 99, 0, 0, 0};  // a handshake message of a type that is none
  TlsContexts contexts;
  TlsSession session(contexts, request, server);
  CHECK(session.handshake() == Step::failed);
  REQUIRE(server.writes.size() == 2);
  REQUIRE(server.writes[1].size() == 7);
  CHECK(server.writes[1][0] == 21);  // ContentType alert
  CHECK(server.writes[1][6] == 10);  // unexpected_message
}
