#include "probes/tls_capture.h"

#include <cstdlib>
#include <optional>
#include <string>

#include <doctest/doctest.h>

#include "tests/probes/loopback.h"
#include "tests/probes/run_awaitable.h"

using namespace chaintier;
using namespace chaintier::test;

namespace {

struct Looker {
  boost::asio::io_context io;
  TlsContexts contexts;
  SentPool pool;
  CaptureRequest request;

  explicit Looker(std::uint16_t port) {
    request.address = *IpAddress::parse("127.0.0.1");
    request.port = port;
    request.asked.sni = "leaf.test";
  }
  Capture whole() { return run(io, capture(contexts, pool, request)); }
  Sample look() { return whole().sample; }
};

Sample look_at(std::uint16_t port) { return Looker(port).look(); }

using Ders = std::vector<Bytes>;

Ders served(const Sample& sample) {
  Ders list;
  for (const SentPtr& sent : sample.served) list.push_back(sent->der);
  return list;
}

void check_failed(const Sample& sample, Cause cause, Stage stage, Fault fault, std::string_view words = "") {
  CHECK(sample.outcome == Outcome::failed);
  CHECK(sample.served.empty());
  CHECK_FALSE(sample.key_proved);
  REQUIRE(sample.error.has_value());
  CAPTURE(sample.error->detail);
  CHECK(id(sample.error->cause) == id(cause));
  CHECK(id(sample.error->stage) == id(stage));
  CHECK(id(sample.error->fault) == id(fault));
  CHECK(sample.error->detail.find(words) != std::string::npos);
}

void swallow_hello(Peer& peer) {
  const std::string header = peer.receive(5);
  if (header.size() == 5)
    peer.receive(static_cast<std::uint8_t>(header[3]) * 256u + static_cast<std::uint8_t>(header[4]));
}

// -- a flight of TLS 1.2 by hand

void put(Bytes& out, std::size_t value, int octets) {
  for (int shift = (octets - 1) * 8; shift >= 0; shift -= 8)
    out.push_back(static_cast<std::uint8_t>(value >> shift));
}
void put(Bytes& out, ByteView more) {
  for (const std::uint8_t octet : more) out.push_back(octet);
}

Bytes message(std::uint8_t type, ByteView body) {
  Bytes out{type};
  put(out, body.size(), 3);
  put(out, body);
  return out;
}

Bytes record(std::uint8_t type, ByteView content, std::size_t version = 0x0303) {
  Bytes out;
  while (!content.empty()) {
    const ByteView part = content.first(std::min<std::size_t>(content.size(), 16384));
    out.push_back(type);
    put(out, version, 2);
    put(out, part.size(), 2);
    put(out, part);
    content = content.subspan(part.size());
  }
  return out;
}

Bytes server_hello(std::size_t cipher, std::size_t version = 0x0303) {
  Bytes body;
  put(body, version, 2);
  put(body, Bytes(32, 7));
  put(body, 0, 1);
  put(body, cipher, 2);
  put(body, 0, 1);
  return message(2, body);
}

Bytes certificate_message(const std::vector<Bytes>& certificates) {
  Bytes list;
  for (const Bytes& each : certificates) {
    put(list, each.size(), 3);
    put(list, each);
  }
  Bytes body;
  put(body, list.size(), 3);
  put(body, list);
  return message(11, body);
}

constexpr std::size_t ecdhe_ecdsa_aes128 = 0xc02b, rsa_aes128 = 0x009c;

// ServerHello and Certificate, then `more`, then nothing until the client goes.
Server::Script raw_flight(std::size_t cipher, std::vector<Bytes> certificates, Bytes more = {}) {
  return [=](Peer& peer) {
    swallow_hello(peer);
    Bytes flight = server_hello(cipher);
    put(flight, certificate_message(certificates));
    put(flight, more);
    peer.send(record(22, flight));
    peer.wait_for_end();
  };
}

}  // namespace

TEST_CASE("capture: the list exactly as it is sent, TLS 1.3 and 1.2, RSA and EC") {
  for (const TestChain* chain : {&rsa_chain(), &ec_chain()})
    for (const int version : {0x0304, 0x0303, 0x0302, 0x0301}) {
      CAPTURE(version);
      TlsServing serving;
      serving.identity = &chain->leaf;
      // Wrong order, a duplicate, a root, and the leaf once more.
      serving.more = {&chain->root, &chain->issuer, &chain->issuer, &chain->leaf};
      serving.lowest = serving.highest = version;
      serving.staple = {0x30, 0x03, 0x0a, 0x01, 0x06};
      const Server server(serve_tls(serving));
      const Sample sample = look_at(server.port());
      CHECK(sample.outcome == Outcome::captured);
      CHECK(sample.key_proved);
      CHECK_FALSE(sample.error);
      CHECK(served(sample) ==
            Ders{chain->leaf.der, chain->root.der, chain->issuer.der, chain->issuer.der, chain->leaf.der});
      CHECK(sample.served[2] == sample.served[3]);
      CHECK(sample.staple == serving.staple);
      REQUIRE(sample.tls.has_value());
      CHECK(sample.tls->version == (version == 0x0304   ? "TLSv1.3"
                                    : version == 0x0303 ? "TLSv1.2"
                                    : version == 0x0302 ? "TLSv1.1"
                                                        : "TLSv1"));
      CHECK(sample.tls->cipher.starts_with("TLS_"));
      CHECK(sample.tls->group == "x25519");
      CHECK(sample.ms.connect);
      CHECK(sample.ms.handshake);
      CHECK_FALSE(sample.ms.starttls);
    }
}

TEST_CASE("capture: no staple, no ALPN, other key exchanges") {
  TlsServing serving;
  serving.identity = &rsa_chain().leaf;
  serving.highest = 0x0303;
  serving.choose_http2 = true;
  SUBCASE("static RSA: proved by the Finished message") {
    // A server in this process cannot decrypt for this exchange while keys are decoded quickly; the same test
    // runs once more without.
    if (!std::getenv("CHAINTIER_PLAIN_KEYS")) return;
    serving.ciphers = "AES128-SHA:@SECLEVEL=0";
    const Server server(serve_tls(serving));
    const Sample sample = look_at(server.port());
    CHECK(sample.outcome == Outcome::captured);
    CHECK(sample.tls->cipher == "TLS_RSA_WITH_AES_128_CBC_SHA");
    CHECK(sample.tls->group.empty());
    CHECK(sample.tls->alpn == "h2");
    CHECK_FALSE(sample.staple);
  }
  SUBCASE("P-384") {
    serving.ciphers = "ECDHE-RSA-AES256-GCM-SHA384";
    const Server server(serve_tls(serving));
    CHECK(look_at(server.port()).tls->cipher == "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384");
  }
  SUBCASE("no ALPN where the protocol is not HTTP") {
    const Server server(serve_tls(serving));
    Looker looker(server.port());
    looker.request.protocol = Protocol::imaps;
    const Sample sample = looker.look();
    CHECK(sample.outcome == Outcome::captured);
    CHECK(sample.tls->alpn.empty());
  }
}

TEST_CASE("capture: the key type asked for") {
  for (const int version : {0x0304, 0x0303}) {
    CAPTURE(version);
    TlsServing serving;
    serving.identity = &ec_chain().leaf;
    serving.second_identity = &rsa_chain().leaf;
    serving.lowest = serving.highest = version;
    const Server both(serve_tls(serving));
    Looker looker(both.port());
    looker.request.asked.key_type = KeyType::rsa;
    CHECK(served(looker.look()) == Ders{rsa_chain().leaf.der});
    looker.request.asked.key_type = KeyType::ecdsa;
    CHECK(served(looker.look()) == Ders{ec_chain().leaf.der});

    serving.second_identity = nullptr;
    const Server only_ec(serve_tls(serving));
    looker.request.port = only_ec.port();
    looker.request.asked.key_type = KeyType::rsa;
    check_failed(looker.look(), Cause::alert, Stage::handshake, Fault::peer, "handshake failure");
  }
}

TEST_CASE("capture: a server that demands a client certificate still shows its chain") {
  for (const int version : {0x0304, 0x0303, 0x0301}) {
    CAPTURE(version);
    TlsServing serving;
    serving.identity = &rsa_chain().leaf;
    serving.highest = version;
    serving.demand_client_certificate = true;
    const Server server(serve_tls(serving));
    const Sample sample = look_at(server.port());
    CHECK(sample.outcome == Outcome::captured);
    CHECK(sample.key_proved);
    CHECK(served(sample) == Ders{rsa_chain().leaf.der});
    // TLS 1.3 refuses only after the client has finished, which we do not wait for.
    CHECK(sample.error.has_value() == (version != 0x0304));
    if (sample.error) {
      CHECK(sample.error->cause == Cause::alert);
      CHECK(sample.error->alert == 40);
    }
    CHECK(server.connections() == 1);
  }
}

TEST_CASE("capture: a key that is not the certificate's proves nothing") {
  for (const auto* chain : {&ec_chain(), &rsa_chain()})
    for (const int version : {0x0304, 0x0303, 0x0301}) {
      CAPTURE(version);
      CAPTURE(chain == &rsa_chain());
      const EvpPkeyPtr forged = forged_key(*chain->leaf.key, *chain->issuer.key);
      TlsServing serving;
      serving.identity = &chain->leaf;
      serving.key = forged.get();
      serving.lowest = serving.highest = version;
      const Server server(serve_tls(serving));
      const Sample sample = look_at(server.port());
      CHECK(sample.outcome == Outcome::partial);
      CHECK_FALSE(sample.key_proved);
      CHECK(served(sample) == Ders{chain->leaf.der});
      REQUIRE(sample.error.has_value());
      CHECK(sample.error->stage == Stage::handshake);
      CHECK(sample.error->fault == Fault::peer);
      CHECK(sample.error->detail.find("bad signature") != std::string::npos);
    }
}

TEST_CASE("capture: an unsigned or unfinished key exchange proves nothing") {
  const std::vector<Bytes> leaf{ec_chain().leaf.der};
  Bytes exchange{3, 0, 0x17, 65};  // named curve, secp256r1, a point, then a signature of nothing
  put(exchange, Bytes(65, 4));
  put(exchange, 0x0403, 2);
  put(exchange, 8, 2);
  put(exchange, Bytes(8, 0x30));
  Bytes signed_wrong = message(12, exchange);
  put(signed_wrong, message(14, {}));

  SUBCASE("wrong signature") {
    const Server server(raw_flight(ecdhe_ecdsa_aes128, leaf, signed_wrong));
    const Sample sample = look_at(server.port());
    CHECK(sample.outcome == Outcome::partial);
    CHECK_FALSE(sample.key_proved);
    CHECK(served(sample) == leaf);
  }
  SUBCASE("static RSA without Finished") {
    const Server server([](Peer& peer) {
      swallow_hello(peer);
      Bytes flight = server_hello(rsa_aes128);
      put(flight, certificate_message({rsa_chain().leaf.der}));
      put(flight, message(14, {}));
      peer.send(record(22, flight));
      peer.receive(5);
      peer.send(record(21, Bytes{2, 40}));
      peer.wait_for_end();
    });
    const Sample sample = look_at(server.port());
    CHECK(sample.outcome == Outcome::partial);
    CHECK_FALSE(sample.key_proved);
    CHECK(sample.error->cause == Cause::alert);
  }
  SUBCASE("silence after the certificates") {
    const Server server(raw_flight(ecdhe_ecdsa_aes128, leaf));
    Looker looker(server.port());
    looker.request.handshake_timeout = Milliseconds(100);
    const Sample sample = looker.look();
    CHECK(sample.outcome == Outcome::partial);
    CHECK(served(sample) == leaf);
    CHECK(sample.error->cause == Cause::timeout);
    CHECK(server.connections() == 1);
  }
}

TEST_CASE("capture: certificates that libssl cannot parse are kept") {
  const Bytes junk{0x30, 0x03, 0xde, 0xad, 0xbe};
  const std::vector<Bytes> list{ec_chain().leaf.der, junk, ec_chain().issuer.der};
  const Server server(raw_flight(ecdhe_ecdsa_aes128, list));
  const Sample sample = look_at(server.port());
  CHECK(sample.outcome == Outcome::partial);
  CHECK(served(sample) == list);
  REQUIRE(sample.error.has_value());
  CHECK(sample.error->cause == Cause::none);
  CHECK(sample.error->fault == Fault::peer);
  CHECK(sample.error->stage == Stage::handshake);
  CHECK(sample.tls->version == "TLSv1.2");
  CHECK(server.connections() == 1);

  const Server alone(raw_flight(ecdhe_ecdsa_aes128, {junk}));
  CHECK(served(look_at(alone.port())) == Ders{junk});
}

TEST_CASE("capture: lists that are empty, malformed or too long") {
  const Server empty(raw_flight(ecdhe_ecdsa_aes128, {}));
  check_failed(look_at(empty.port()), Cause::no_certificate, Stage::handshake, Fault::peer);

  const Server malformed([](Peer& peer) {
    swallow_hello(peer);
    Bytes flight = server_hello(ecdhe_ecdsa_aes128);
    put(flight, message(11, Bytes{0, 0, 5, 0, 0, 9, 1, 2}));
    peer.send(record(22, flight));
    peer.wait_for_end();
  });
  check_failed(look_at(malformed.port()), Cause::no_certificate, Stage::handshake, Fault::peer,
               "empty or cut off");

  const std::vector<Bytes> huge(40, Bytes(30000, 0x30));
  const Server too_long(raw_flight(ecdhe_ecdsa_aes128, huge));
  check_failed(look_at(too_long.port()), Cause::limit, Stage::handshake, Fault::peer, "1048576");

  const std::vector<Bytes> large(30, Bytes(30000, 0x30));
  const Server within_limit(raw_flight(ecdhe_ecdsa_aes128, large));
  CHECK(served(look_at(within_limit.port())) == large);
}

TEST_CASE("capture: IPv6") {
  TlsServing serving;
  serving.identity = &ec_chain().leaf;
  std::optional<Server> server;
  try {
    server.emplace(serve_tls(serving), "::1");
  } catch (const boost::system::system_error& error) {
    MESSAGE("this machine has no IPv6: ", error.what());
    return;
  }
  Looker looker(server->port());
  looker.request.address = *IpAddress::parse("::1");
  CHECK(looker.look().outcome == Outcome::captured);
}

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
  const Sample sample = look_at(server.port());
  check_failed(sample, Cause::alert, Stage::handshake, Fault::peer, "alert 112 (unrecognized name)");
  CHECK(sample.error->alert == 112);
  CHECK(server.connections() == 3);  // tried again with TLS 1.2 and with TLS 1.0

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
  CHECK(closing.connections() == 3);
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
  CHECK(server.connections() == 1);
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
  }
}

TEST_CASE("capture: STARTTLS") {
  TlsServing serving;
  serving.identity = &rsa_chain().leaf;
  serving.more = {&rsa_chain().issuer};
  const auto smtp = [](const std::string& capabilities, const std::string& answer) {
    return [=](Peer& peer) {
      peer.send("220 mx ESMTP\r\n");
      peer.receive_until("\r\n");
      peer.send(capabilities);
      if (!answer.empty() && peer.receive_until("\r\n") == "STARTTLS\r\n") peer.send(answer);
    };
  };
  Looker looker(0);
  looker.request.protocol = Protocol::smtp;

  const Server good(serve_tls_after(smtp("250-mx\r\n250 STARTTLS\r\n", "220 go\r\n"), serving));
  looker.request.port = good.port();
  const Sample sample = looker.look();
  CHECK(sample.outcome == Outcome::captured);
  CHECK(served(sample) == Ders{rsa_chain().leaf.der, rsa_chain().issuer.der});
  CHECK(sample.ms.starttls);
  CHECK(sample.tls->alpn.empty());

  const Server not_offered(smtp("250 mx\r\n", ""));
  looker.request.port = not_offered.port();
  check_failed(looker.look(), Cause::starttls, Stage::starttls, Fault::peer, "does not offer STARTTLS");
  CHECK(not_offered.connections() == 1);

  const Server injecting(smtp("250-mx\r\n250 STARTTLS\r\n", "220 go\r\nRCPT"));
  looker.request.port = injecting.port();
  check_failed(looker.look(), Cause::starttls, Stage::starttls, Fault::peer, "in the clear");

  const Server leaving([](Peer& peer) { peer.send("220 mx\r\n"); });
  looker.request.port = leaving.port();
  check_failed(looker.look(), Cause::reset, Stage::starttls, Fault::peer);

  const Server silent([](Peer& peer) { peer.wait_for_end(); });
  looker.request.port = silent.port();
  looker.request.handshake_timeout = Milliseconds(80);
  check_failed(looker.look(), Cause::timeout, Stage::starttls, Fault::network, "said nothing within 0.08 s");
}

TEST_CASE("capture: STARTTLS where something else listens says what was probably meant") {
  struct Row {
    Protocol asked;
    std::string said;  // unasked; then the server waits
    const char* words;
  };
  const std::string alert("\x15\x03\x01\x00\x02\x02\x46", 7);
  for (const Row& row : {
           Row{Protocol::imap, "220 mx ESMTP\r\n",
               "a mail server (SMTP) answers on this port: write smtp://"},
           Row{Protocol::smtp, "* OK ready\r\n", "an IMAP server answers on this port: write imap://"},
           Row{Protocol::ldap, "SSH-2.0-x\r\n", "an SSH server answers on this port"},
           Row{Protocol::ldap, alert, "write ldaps://"},
           Row{Protocol::pop3, "", "write pop3s://"},
           Row{Protocol::mysql, "", "write https://"},
       }) {
    CAPTURE(row.words);
    const Server server([&](Peer& peer) {
      peer.send(row.said);
      peer.wait_for_end();
    });
    Looker looker(server.port());
    looker.request.protocol = row.asked;
    looker.request.handshake_timeout = Milliseconds(200);
    const Sample sample = looker.look();
    REQUIRE(sample.error);
    CHECK(sample.error->stage == Stage::starttls);
    CHECK(sample.error->cause == (row.said.empty() ? Cause::timeout : Cause::starttls));
    CHECK(sample.error->detail.find(row.words) != std::string::npos);
  }

  // Nothing of the kind where the server speaks the protocol and refuses.
  const Server refusing([](Peer& peer) { peer.send("220 mx ESMTP\r\n502 no\r\n"); });
  Looker looker(refusing.port());
  looker.request.protocol = Protocol::smtp;
  const Sample sample = looker.look();
  REQUIRE(sample.error);
  CHECK(sample.error->detail.find("answers on this port") == std::string::npos);
}
