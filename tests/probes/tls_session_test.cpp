// The session alone, with a server in memory: what leaves in one piece, and wires that take little or
// nothing.
#include "probes/tls_session.h"

#include <algorithm>
#include <optional>
#include <vector>

#include <doctest/doctest.h>
#include <openssl/ssl.h>

#include "tests/probes/memory_server.h"

using namespace chaintier;
using namespace chaintier::test;

namespace {

using Step = TlsSession::Step;

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
