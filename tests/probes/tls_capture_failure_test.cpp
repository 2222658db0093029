// What a server does instead of showing its chain.
#include <cstdlib>
#include <optional>
#include <string>

#include <doctest/doctest.h>

#include "tests/probes/capture_world.h"

using namespace chaintier;
using namespace chaintier::test;

TEST_CASE("capture: refused") {
  std::uint16_t port = 0;
  {
    const Server gone([](Peer&) {});
    port = gone.port();
  }
  Looker looker(port);
  const Capture capture = looker.whole();
  check_failed(capture.sample, Cause::refused, Stage::connect, Fault::peer);
  CHECK(capture.connections == 2);  // tried once more, and one sample all the same

  // No time for another try.
  looker.request.give_up = SteadyClock::now() + Milliseconds(60);
  CHECK(looker.whole().connections == 1);
}

TEST_CASE("capture: refused at first, and reached at the second try") {
  std::uint16_t port = 0;
  {
    const Server gone([](Peer&) {});
    port = gone.port();
  }
  Looker looker(port);
  std::optional<Server> late;
  boost::asio::steady_timer timer(looker.io, Milliseconds(30));
  timer.async_wait([&](const auto&) {
    TlsServing serving;
    serving.identity = &ec_chain().leaf;
    late.emplace(serve_tls(serving), "127.0.0.1", port);
  });
  const Capture capture = looker.whole();
  CHECK(capture.sample.outcome == Outcome::captured);
  CHECK(capture.connections == 2);
}

TEST_CASE("capture: unreachable") {
  Looker looker(443);
  looker.request.address =
      *IpAddress::parse("255.255.255.255");  // TCP to a broadcast address: the kernel refuses
  looker.request.connect_timeout = Milliseconds(2000);
  check_failed(looker.look(), Cause::unreachable, Stage::connect, Fault::network);
}

TEST_CASE("capture: alerts, with their number and name") {
  const Server server([](Peer& peer) {
    swallow_hello(peer);
    peer.send(record(21, Bytes{2, 112}));
    peer.wait_for_end();
  });
  const Capture seen = Looker(server.port()).whole();
  const Sample& sample = seen.sample;
  CHECK_FALSE(seen.own_client_declined);  // which the next sample may be asked by all the same
  check_failed(sample, Cause::alert, Stage::handshake, Fault::peer, "alert 112 (unrecognized name)");
  CHECK(sample.error->alert == 112);
  // Our own client, then libssl, which tries again with TLS 1.2 and with TLS 1.0.
  CHECK(server.connections() == 4);

  const Server old([](Peer& peer) {
    swallow_hello(peer);
    peer.send(record(21, Bytes{2, 40}));
    peer.wait_for_end();
  });
  check_failed(look_at(old.port()), Cause::alert, Stage::handshake, Fault::peer, "SSLv3, RC4");

  const Server polite([](Peer& peer) {
    swallow_hello(peer);
    peer.send(record(21, Bytes{1, 0}));
  });
  const Sample closed = look_at(polite.port());
  check_failed(closed, Cause::alert, Stage::handshake, Fault::peer, "close notify");
  CHECK(closed.error->alert == 0);
}

TEST_CASE("capture: closed and reset connections") {
  const Server closing([](Peer& peer) { swallow_hello(peer); });
  check_failed(look_at(closing.port()), Cause::reset, Stage::handshake, Fault::peer, "closed");
  CHECK(closing.connections() == 4);
  const Server resetting([](Peer& peer) {
    swallow_hello(peer);
    peer.reset();
  });
  check_failed(look_at(resetting.port()), Cause::reset, Stage::handshake, Fault::peer, "reset");
}

TEST_CASE("capture: a port that usually begins in the clear, closed without a word") {
  // The port of PostgreSQL, at an address where nobody else has a server.
  const Server server([](Peer& peer) { swallow_hello(peer); }, "127.88.0.77", 5432);
  Looker looker(server.port());
  looker.request.address = *IpAddress::parse("127.88.0.77");
  check_failed(looker.look(), Cause::reset, Stage::handshake, Fault::peer, "write postgres://");

  const Server elsewhere([](Peer& peer) { swallow_hello(peer); });
  const Sample sample = look_at(elsewhere.port());
  REQUIRE(sample.error);
  CHECK(sample.error->detail.find("write") == std::string::npos);
}

TEST_CASE("capture: an SSLv3 server is named") {
  const Server server([](Peer& peer) {
    swallow_hello(peer);
    peer.send(record(22, server_hello(0x0005, 0x0300), 0x0300));
    peer.wait_for_end();
  });
  check_failed(look_at(server.port()), Cause::no_certificate, Stage::handshake, Fault::peer, "SSLv3");
}

TEST_CASE("capture: a server that cannot bear newer protocols is asked again with older ones") {
  TlsServing serving;
  serving.identity = &rsa_chain().leaf;
  serving.highest = 0x0301;
  const auto tls = serve_tls(serving);
  std::atomic<int> count = 0;
  const Server server([&](Peer& peer) {
    if (++count < 3) return swallow_hello(peer);
    tls(peer);
  });
  Looker looker(server.port());
  const Capture seen = looker.whole();
  CHECK(seen.connections == 3);
  CHECK(seen.sample.outcome == Outcome::captured);
  CHECK_FALSE(seen.sample.error);
  CHECK(seen.sample.tls->version == "TLSv1");
}

TEST_CASE("capture: silence ends at the deadline of its stage") {
  const Server server([](Peer& peer) { peer.wait_for_end(); });
  Looker looker(server.port());
  looker.request.handshake_timeout = Milliseconds(80);
  check_failed(looker.look(), Cause::timeout, Stage::handshake, Fault::network, "within 0.08 s");
  CHECK(server.connections() == 1);

  looker.request.handshake_timeout = Milliseconds(60000);
  looker.request.give_up = SteadyClock::now() + Milliseconds(80);
  check_failed(looker.look(), Cause::timeout, Stage::handshake, Fault::network,
               "time for this target was over");
}

TEST_CASE("capture: further connections share the time of the first") {
  const Server server([](Peer& peer) {
    swallow_hello(peer);
    peer.pause(Milliseconds(360));
    peer.send(record(21, Bytes{2, 40}));
    peer.wait_for_end();
  });
  Looker looker(server.port());
  looker.request.connect_timeout = Milliseconds(50);
  looker.request.handshake_timeout = Milliseconds(400);
  const auto start = SteadyClock::now();
  looker.look();
  CHECK(elapsed_since(start) < Milliseconds(650));  // 400 + 50; it would be 360 + 400 without
}

TEST_CASE("capture: octets that drip do not prolong the deadline") {
  const Server server([](Peer& peer) {
    swallow_hello(peer);
    const Bytes flight = record(22, server_hello(ecdhe_ecdsa_aes128));
    for (const std::uint8_t octet : flight) {
      peer.send(Bytes{octet});
      peer.pause(Milliseconds(20));
    }
  });
  Looker looker(server.port());
  looker.request.handshake_timeout = Milliseconds(150);
  const auto start = SteadyClock::now();
  check_failed(looker.look(), Cause::timeout, Stage::handshake, Fault::network);
  CHECK(elapsed_since(start) < Milliseconds(1000));
}

TEST_CASE("capture: an endless stream of messages is left") {
  const Server server([](Peer& peer) {
    swallow_hello(peer);
    Bytes requests;  // HelloRequest, which libssl skips without an end
    for (int i = 0; i < 4000; ++i) put(requests, Bytes{0, 0, 0, 0});
    const Bytes flood = record(22, requests);
    for (int i = 0; i < 1000; ++i) peer.send(flood);
    peer.wait_for_end();
  });
  check_failed(look_at(server.port()), Cause::limit, Stage::handshake, Fault::peer, "octets");
  CHECK(server.connections() == 2);
}

TEST_CASE("capture: something other than TLS is named") {
  struct Row {
    const char* said;
    bool first;
    const char* words;
  };
  for (const Row& row :
       {Row{"HTTP/1.1 400 Bad Request\r\n\r\n", false, "plain HTTP"},
        Row{"SSH-2.0-OpenSSH_9.2\r\n", true, "SSH"}, Row{"220 mx.test ESMTP\r\n", true, "smtp://"},
        Row{"* OK IMAP4rev1\r\n", true, "imap://"}, Row{"+OK\r\n", true, "pop3://"},
        Row{"x", true, "\"x\""}}) {
    CAPTURE(row.said);
    const Server server([&](Peer& peer) {
      if (!row.first) swallow_hello(peer);
      peer.send(row.said);
      if (row.first) peer.wait_for_end();
    });
    Looker looker(server.port());
    looker.request.handshake_timeout = Milliseconds(200);
    check_failed(looker.look(), Cause::not_tls, Stage::handshake, Fault::peer, row.words);
    CHECK(server.connections() == 1);
  }
}
