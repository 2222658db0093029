#include "probes/tls_capture.h"

#include <atomic>
#include <cstdlib>
#include <optional>
#include <string>

#include <doctest/doctest.h>

#include "tests/probes/capture_world.h"

using namespace chaintier;
using namespace chaintier::test;

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
      const Capture seen = Looker(server.port()).whole();
      const Sample& sample = seen.sample;
      const bool by_own_client = version >= 0x0303;
      CHECK(seen.own_client_declined == !by_own_client);
      CHECK(seen.connections == (by_own_client ? 1 : 2));
      CHECK(sample.outcome == Outcome::captured);
      CHECK(sample.key_proved);
      CHECK_FALSE(sample.error);
      CHECK(served(sample) ==
            Ders{chain->leaf.der, chain->root.der, chain->issuer.der, chain->issuer.der, chain->leaf.der});
      CHECK(sample.served[2] == sample.served[3]);
      // Our own client has to read the leaf, and nobody need do so again.
      const CertificatePtr read = sample.served.front()->parsed;
      CHECK((read && read->der == chain->leaf.der) == by_own_client);
      CHECK_FALSE(sample.served[1]->parsed);
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

TEST_CASE("capture: a certificate longer than 16 KiB is left to libssl") {
  for (const std::size_t comment : {15'000, 17'000})
    for (const bool is_issuer : {false, true}) {
      CAPTURE(comment);
      CAPTURE(is_issuer);
      Identity longer = make_identity(Kind::ec, "www.example.tw");
      const std::unique_ptr<X509_EXTENSION, FreeWith<X509_EXTENSION_free>> extension(
          X509V3_EXT_conf_nid(nullptr, nullptr, NID_netscape_comment, std::string(comment, 'a').c_str()));
      REQUIRE(X509_add_ext(longer.certificate.get(), extension.get(), -1) == 1);
      REQUIRE(X509_sign(longer.certificate.get(), longer.key.get(), EVP_sha256()) > 0);
      longer.der = der_of(longer.certificate.get());
      TlsServing serving;
      serving.identity = is_issuer ? &ec_chain().leaf : &longer;
      if (is_issuer) serving.more = {&longer};
      const Server server(serve_tls(serving));
      const Capture seen = Looker(server.port()).whole();
      CHECK(seen.own_client_declined == (comment == 17'000));
      CHECK(seen.sample.outcome == Outcome::captured);
      CHECK(seen.sample.served.back()->der == longer.der);
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

TEST_CASE("capture: libssl sees what our own client sees, and neither offers HTTP where none is asked for") {
  TlsServing serving;
  serving.identity = &ec_chain().leaf;
  serving.more = {&ec_chain().issuer};
  serving.choose_http2 = true;
  const Server server(serve_tls(serving));
  Looker looker(server.port());
  const Sample own = looker.look();
  looker.request.own_client = false;
  const Capture libssl = looker.whole();
  CHECK(libssl.connections == 1);
  CHECK_FALSE(libssl.own_client_declined);
  CHECK(served(own) == served(libssl.sample));
  CHECK(own.tls->cipher == libssl.sample.tls->cipher);
  CHECK(own.tls->group == libssl.sample.tls->group);
  CHECK(own.tls->alpn == "h2");
  CHECK(libssl.sample.tls->alpn == "h2");

  looker.request.protocol = Protocol::imaps;
  for (const bool own_client : {false, true}) {
    looker.request.own_client = own_client;
    const Sample mail = looker.look();
    CHECK(mail.outcome == Outcome::captured);
    CHECK(mail.tls->alpn.empty());
  }
}

TEST_CASE("capture: what our own client saw counts when nobody answers the second time") {
  for (const bool closes : {true, false}) {
    CAPTURE(closes);
    TlsServing serving;
    serving.identity = &rsa_chain().leaf;
    serving.highest = 0x0303;
    serving.demand_client_certificate = true;  // which ends the handshake with an alert
    const auto tls = serve_tls(serving);
    std::atomic<int> count = 0;
    const Server server([&](Peer& peer) {
      if (++count == 1) return tls(peer);
      if (!closes) peer.wait_for_end();
    });
    Looker looker(server.port());
    looker.request.handshake_timeout = Milliseconds(300);
    const Capture seen = looker.whole();
    CHECK(seen.sample.outcome == Outcome::captured);  // the signature of the key exchange was right
    CHECK(seen.sample.key_proved);
    CHECK(served(seen.sample) == Ders{rsa_chain().leaf.der});
    CHECK(seen.sample.tls->version == "TLSv1.2");
    REQUIRE(seen.sample.error);
    CHECK(seen.sample.error->stage == Stage::handshake);
    CHECK(seen.sample.error->cause == Cause::none);
    CHECK(seen.sample.error->detail.find("on a further connection") != std::string::npos);
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
    // What the alert means is for libssl to say.
    CHECK(server.connections() == (version == 0x0304 ? 1 : 2));
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
  CHECK(server.connections() == 2);  // our own client's, and libssl's

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
