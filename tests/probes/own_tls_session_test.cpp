// Our own client with libssl's servers: all that it takes, what it leaves to libssl, and wires of all kinds.
#include "probes/own_tls_session.h"

#include <algorithm>

#include <doctest/doctest.h>

#include "probes/tls_numbers.h"
#include "tests/probes/memory_server.h"
#include "tests/probes/own_client.h"

using namespace chaintier;
using namespace chaintier::test;

namespace {

using Settings = MemoryServer::Settings;

struct KeyRow {
  const char* what;
  EvpPkeyPtr key;
};
std::vector<KeyRow> server_keys() {
  std::vector<KeyRow> keys;
  keys.push_back({"RSA", EvpPkeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048}))});
  for (const char* curve : {"prime256v1", "secp384r1", "secp521r1"})
    keys.push_back({curve, EvpPkeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve))});
  return keys;
}

}  // namespace

TEST_CASE("own client: every version, suite and kind of key that it knows, with libssl's server") {
  OwnClient own;
  struct Row {
    int version;
    const char *ciphers, *name;
    bool rsa, ecdsa;
  };
  for (const Row& row :
       {Row{0x0304, "TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256", true, true},
        Row{0x0304, "TLS_AES_256_GCM_SHA384", "TLS_AES_256_GCM_SHA384", true, true},
        Row{0x0304, "TLS_CHACHA20_POLY1305_SHA256", "TLS_CHACHA20_POLY1305_SHA256", true, true},
        Row{0x0303, "ECDHE-RSA-AES128-GCM-SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", true, false},
        Row{0x0303, "ECDHE-RSA-AES256-GCM-SHA384", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", true, false},
        Row{0x0303, "ECDHE-RSA-CHACHA20-POLY1305", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", true,
            false},
        Row{0x0303, "ECDHE-ECDSA-AES128-GCM-SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", false, true},
        Row{0x0303, "ECDHE-ECDSA-AES256-GCM-SHA384", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", false, true},
        Row{0x0303, "ECDHE-ECDSA-CHACHA20-POLY1305", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", false,
            true}})
    for (const KeyRow& key : server_keys()) {
      const bool rsa = EVP_PKEY_get_base_id(key.key.get()) == EVP_PKEY_RSA;
      if (rsa ? !row.rsa : !row.ecdsa) continue;
      CAPTURE(row.name);
      CAPTURE(key.what);
      const X509Ptr certificate = certificate_of(key.key.get());
      Settings settings;
      settings.version = row.version;
      settings.ciphers = row.ciphers;
      settings.certificate = certificate.get();
      settings.key = key.key.get();
      settings.choose_http2 = settings.staple = true;
      MemoryServer server(settings);
      OwnTlsSession session(own.client, request, server);
      REQUIRE(session.handshake() == Step::done);
      CHECK(server.writes.size() == (row.version == 0x0304 ? 2 : 3));
      CHECK(server.finished());
      CHECK(server.heard_goodbye());
      CHECK(session.key_proved());
      REQUIRE(session.record().certificates().size() == 1);
      CHECK(std::ranges::equal(session.record().certificates()[0], der_of(certificate.get())));
      REQUIRE(session.record().staple());
      CHECK(std::ranges::equal(*session.record().staple(), Bytes(5, 7)));

      // And libssl says the same.
      MemoryServer again(settings);
      TlsSession libssl(own.contexts, request, again);
      REQUIRE(libssl.handshake() == TlsSession::Step::done);
      REQUIRE(session.facts());
      CHECK(session.facts()->version == libssl.facts()->version);
      CHECK(session.facts()->group == libssl.facts()->group);
      CHECK(session.facts()->cipher == libssl.facts()->cipher);
      CHECK(session.facts()->cipher == row.name);
      CHECK(session.facts()->alpn == "h2");
    }
}

TEST_CASE("own client: groups") {
  OwnClient own;
  struct Row {
    int version;
    const char* groups;
    std::string_view name;
    Step step;
  };
  for (const Row& row :
       {Row{0x0303, "X25519", "x25519", Step::done}, Row{0x0303, "P-256", "secp256r1", Step::done},
        Row{0x0303, "P-384", "secp384r1", Step::done}, Row{0x0303, "X448", "", Step::declined},
        // A HelloRetryRequest
        Row{0x0304, "P-256", "", Step::declined}}) {
    CAPTURE(row.version);
    CAPTURE(row.groups);
    Settings settings;
    settings.version = row.version;
    settings.groups = row.groups;
    MemoryServer server(settings);
    OwnTlsSession session(own.client, request, server);
    CHECK(session.handshake() == row.step);
    if (row.step == Step::done) CHECK(session.facts()->group == row.name);
  }
}

TEST_CASE("own client: a client certificate that is asked for, and no application protocol") {
  OwnClient own;
  for (const int version : {0x0304, 0x0303}) {
    CAPTURE(version);
    Settings settings;
    settings.version = version;
    settings.demand_client_certificate = true;
    MemoryServer server(settings);
    OwnTlsSession session(own.client, {KeyType::ecdsa, std::nullopt, false, 0x0304}, server);
    CHECK(session.handshake() == Step::done);
    CHECK(server.finished());
    CHECK(session.facts()->alpn.empty());
    CHECK_FALSE(session.record().staple());
  }
}

TEST_CASE("own client: what it leaves to libssl") {
  OwnClient own;
  struct Row {
    const char* what;
    int version;
    const char* ciphers;
  };
  for (const Row& row : {Row{"TLS 1.1", 0x0302, ""}, Row{"CBC", 0x0303, "ECDHE-ECDSA-AES128-SHA"},
                         Row{"CCM", 0x0304, "TLS_AES_128_CCM_SHA256"}}) {
    CAPTURE(row.what);
    Settings settings;
    settings.version = row.version;
    settings.ciphers = row.ciphers;
    MemoryServer server(settings);
    OwnTlsSession session(own.client, request, server);
    CHECK(session.handshake() == Step::declined);
    CHECK_FALSE(session.key_proved());
  }
  // A kind of key
  const EvpPkeyPtr key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  const X509Ptr certificate = certificate_of(key.get());
  Settings settings;
  settings.certificate = certificate.get();
  settings.key = key.get();
  MemoryServer server(settings);
  OwnTlsSession session(own.client, request, server);
  CHECK(session.handshake() == Step::declined);
}

TEST_CASE("own client: wires that take and give an octet at a time, and that end") {
  OwnClient own;
  for (const int version : {0x0304, 0x0303}) {
    CAPTURE(version);
    MemoryServer slow(version);
    slow.most_at_once = slow.most_read_at_once = 1;
    slow.blocks_after_each = true;
    OwnTlsSession session(own.client, request, slow);
    Step step = Step::want_write;
    for (int i = 0; i < 5000 && step == Step::want_write; ++i) {
      slow.blocked = false;
      step = session.handshake();
    }
    CHECK(step == Step::done);
    CHECK(slow.finished());
    CHECK(session.key_proved());

    for (const std::size_t taken : {0u, 1u}) {
      MemoryServer ending(version);
      ending.writes_taken = taken;
      OwnTlsSession cut(own.client, request, ending);
      CHECK(cut.handshake() == Step::declined);
    }
  }
}

TEST_CASE("own client: a key pair serves many connections, and then another does") {
  OwnClient own;
  const auto first = own.client.key_share(KeyShare::Group::x25519);
  int uses = 1;
  while (own.client.key_share(KeyShare::Group::x25519) == first && uses < 2000) ++uses;
  CHECK(uses > 900);
  CHECK(uses <= 1000);
}

TEST_CASE("own client: there is none where OpenSSL may not do what it needs") {
  TlsContexts contexts;
  REQUIRE(EVP_set_default_properties(nullptr, "fips=yes") == 1);  // and there is no such provider
  const bool made = OwnTlsClient::make(contexts) != nullptr;
  REQUIRE(EVP_set_default_properties(nullptr, "") == 1);
  CHECK_FALSE(made);
  CHECK(OwnTlsClient::make(contexts));
}

TEST_CASE("own client: every connection has a random of its own") {
  OwnClient own;
  MemoryServer one(0x0304), other(0x0304);
  OwnTlsSession first(own.client, request, one), second(own.client, request, other);
  first.handshake();
  second.handshake();
  constexpr std::size_t at = record_header + tls::message::header + 2;
  const ByteView random = ByteView(one.writes[0]).subspan(at, 32);
  CHECK_FALSE(std::ranges::equal(random, ByteView(other.writes[0]).subspan(at, 32)));
  CHECK(std::ranges::count(random, random[0]) < 32);
}

TEST_CASE("own client: warnings before the ServerHello are passed over, some of them") {
  struct Warning final : TlsWire {
    explicit Warning(MemoryServer& to) : server(to) {}
    Moved read(std::span<std::uint8_t> into) override {
      if (left == 0) return server.read(into);
      --left;
      std::ranges::copy(alert, into.begin());
      return {Status::done, alert.size()};
    }
    Moved write(ByteView octets) override { return server.write(octets); }
    MemoryServer& server;
    Bytes alert{21, 3, 3, 0, 2, 1, 112};
    int left = 1;
  };
  OwnClient own;
  struct Row {
    int count;
    std::uint8_t level, alert;
    Step step;
  };
  for (const Row& row :
       {Row{1, 1, 112, Step::done}, Row{4, 1, 112, Step::done}, Row{5, 1, 112, Step::declined},
        Row{1, 2, 112, Step::declined}, Row{1, 1, 0, Step::declined}}) {
    MemoryServer server(0x0303);
    Warning wire(server);
    wire.left = row.count;
    wire.alert[5] = row.level;
    wire.alert[6] = row.alert;
    OwnTlsSession session(own.client, request, wire);
    CHECK(session.handshake() == row.step);
  }
}

TEST_CASE("own client: a goodbye that does not go through is nobody's loss") {
  OwnClient own;
  MemoryServer server(0x0303);
  server.writes_taken = 2;
  OwnTlsSession session(own.client, request, server);
  CHECK(session.handshake() == Step::done);
  MemoryServer newer(0x0304);
  newer.writes_taken = 1;
  OwnTlsSession cut(own.client, request, newer);
  CHECK(cut.handshake() == Step::declined);
}

TEST_CASE("own client: records that were tampered with") {
  struct Tampering final : TlsWire {
    explicit Tampering(MemoryServer& to) : server(to) {}
    Moved read(std::span<std::uint8_t> into) override {
      const Moved moved = server.read(into.first(std::min<std::size_t>(into.size(), 1)));
      if (moved.octets && count++ == at) into[0] ^= 0x40;
      return moved;
    }
    Moved write(ByteView octets) override { return server.write(octets); }
    MemoryServer& server;
    std::size_t at = 0, count = 0;
  };
  OwnClient own;
  for (const int version : {0x0304, 0x0303}) {
    std::size_t total = 1;
    for (std::size_t at = 0; at < total; ++at) {
      CAPTURE(version);
      CAPTURE(at);
      MemoryServer server(version);
      Tampering wire(server);
      wire.at = at;
      OwnTlsSession session(own.client, request, wire);
      const Step step = session.handshake();
      total = std::max(total, wire.count);
      // Signatures on a curve differ in length, so the last octets are not always there.
      if (wire.count > at) CHECK(step != Step::done);
    }
    CHECK(total > 500);
  }
}
