// Our own client: all that it takes from libssl's servers, and what makes it decline.
#include "probes/own_tls_session.h"

#include <algorithm>
#include <functional>
#include <utility>

#include <doctest/doctest.h>

#include "probes/tls_numbers.h"
#include "tests/probes/memory_server.h"
#include "tests/probes/scripted_tls_server.h"

using namespace chaintier;
using namespace chaintier::test;

namespace {

using Step = OwnTlsSession::Step;
using Messages = std::vector<Bytes>;
using Settings = MemoryServer::Settings;

constexpr std::array<std::uint16_t, 2> versions{0x0304, 0x0303};
const TlsRequest request{KeyType::any, "www.example.tw", true, 0x0304};

struct Client {
  TlsContexts contexts;
  std::unique_ptr<OwnTlsClient> made = OwnTlsClient::make(contexts);
  OwnTlsClient& client = *made;
};

// A self-signed certificate of the key; `usage` as OpenSSL's configuration has it.
X509Ptr certificate_of(EVP_PKEY* key, const char* usage = nullptr) {
  X509Ptr certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  X509_set_pubkey(certificate.get(), key);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 86'400);
  if (usage) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_key_usage, usage);
    REQUIRE(extension);
    X509_add_ext(certificate.get(), extension, -1);
    X509_EXTENSION_free(extension);
  }
  const bool plain = EVP_PKEY_get_id(key) == EVP_PKEY_ED25519;
  REQUIRE(X509_sign(certificate.get(), key, plain ? nullptr : EVP_sha256()) > 0);
  return certificate;
}

Bytes der_of(X509* certificate) {
  unsigned char* octets = nullptr;
  const int size = i2d_X509(certificate, &octets);
  const std::unique_ptr<unsigned char, FreeWith<free_openssl_memory>> owner(octets);
  return Bytes(octets, octets + size);
}

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

TlsScript script_for(std::uint16_t version) {
  TlsScript script;
  script.version = version;
  script.suite = version == 0x0304 ? 0x1301 : 0xc02b;
  script.key = ec_chain().leaf.key.get();
  script.certificates = {ec_chain().leaf.der, ec_chain().issuer.der};
  return script;
}

Step step_with(TlsScript script, const TlsRequest& asked = request) {
  Client own;
  ScriptedTlsServer server(std::move(script));
  OwnTlsSession session(own.client, asked, server);
  const Step step = session.handshake();
  if (step == Step::done) {
    CHECK(server.finished());
    CHECK(session.key_proved());
  }
  return step;
}

bool proves_key(TlsScript script) {
  Client own;
  ScriptedTlsServer server(std::move(script));
  OwnTlsSession session(own.client, request, server);
  session.handshake();
  return session.key_proved();
}

// Changes the messages of one type.
auto changing(std::uint8_t type, std::function<Messages(Bytes)> change) {
  return [type, change](const Bytes& message) {
    return message[0] == type ? change(message) : Messages{message};
  };
}

Step step_when(std::uint16_t version, std::uint8_t type, std::function<Messages(Bytes)> change) {
  TlsScript script = script_for(version);
  script.change = changing(type, std::move(change));
  return step_with(std::move(script));
}

}  // namespace

TEST_CASE("own client: every version, suite and kind of key that it knows, with libssl's server") {
  Client own;
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
  Client own;
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
  Client own;
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
  Client own;
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
  Client own;
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
  Client own;
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

TEST_CASE("own client: the scripted server is right when nothing is changed") {
  for (const std::uint16_t version : versions) {
    CAPTURE(version);
    for (const std::size_t record_size : {16'000u, 100u, 1u}) {
      TlsScript script = script_for(version);
      script.record_size = record_size;
      CHECK(step_with(script) == Step::done);
    }
    for (const std::uint16_t suite : version == 0x0304 ? std::vector<std::uint16_t>{0x1302, 0x1303}
                                                       : std::vector<std::uint16_t>{0xc02c, 0xcca9}) {
      TlsScript script = script_for(version);
      script.suite = suite;
      CHECK(step_with(script) == Step::done);
    }
  }
}

TEST_CASE("own client: a list with anything that is no certificate is left to libssl") {
  const Bytes leaf = ec_chain().leaf.der;
  Bytes longer = leaf;
  longer.push_back(0);
  Bytes other_time = leaf;  // notBefore as an INTEGER
  const Bytes time{0x17, 0x0d};
  const auto at = std::ranges::search(other_time, time).begin();
  REQUIRE(at != other_time.end());
  *at = 0x02;
  Bytes other_name = leaf;  // the type of the issuer's first attribute
  const Bytes common_name{0x06, 0x03, 0x55, 0x04, 0x03};
  const auto name = std::ranges::search(other_name, common_name).begin();
  REQUIRE(name != other_name.end());
  *name = 0x04;
  for (const std::uint16_t version : versions)
    for (const std::vector<Bytes>& list :
         std::vector<std::vector<Bytes>>{{longer},
                                         {other_time},
                                         {other_name},
                                         {leaf, {0x30, 0x03, 0xde, 0xad, 0xbe}},
                                         {leaf, other_name},
                                         {leaf, longer},
                                         {}}) {
      CAPTURE(version);
      TlsScript script = script_for(version);
      script.certificates = list;
      CHECK(step_with(script) == Step::declined);
    }
}

// What makes a message differ at one place; all else is right, and signed and hashed as sent.
TEST_CASE("own client: fields of the ServerHello") {
  struct Row {
    const char* what;
    std::uint16_t version;
    std::size_t at;  // in the body
    std::uint8_t value;
  };
  constexpr std::size_t session_13 = 2 + 32 + 1, suite_13 = session_13 + 32, suite_12 = 2 + 32 + 1;
  for (const Row& row : {
           Row{"legacy version", 0x0304, 1, 2},
           Row{"another session id", 0x0304, session_13, 0},
           Row{"no session id's length", 0x0304, session_13 - 1, 31},
           Row{"a suite of TLS 1.2", 0x0304, suite_13, 0xc0},
           Row{"a suite that is none", 0x0304, suite_13 + 1, 0x77},
           Row{"compression", 0x0304, suite_13 + 2, 1},
           Row{"TLS 1.4", 0x0304, suite_13 + 3 + 2 + 5, 5},
           Row{"another group", 0x0304, suite_13 + 3 + 2 + 6 + 5, 23},
           Row{"a share too short", 0x0304, suite_13 + 3 + 2 + 6 + 7, 31},
           Row{"a suite of TLS 1.3", 0x0303, suite_12, 0x13},
           Row{"compression", 0x0303, suite_12 + 2, 1},
           Row{"status with content", 0x0303, suite_12 + 3 + 2 + 3, 1},
           Row{"renegotiation of something", 0x0303, suite_12 + 3 + 2 + 4 + 4 + 4, 1},
       }) {
    CAPTURE(row.what);
    CAPTURE(row.version);
    CHECK(step_when(row.version, 2, [&](Bytes message) {
            REQUIRE(message.size() > 4 + row.at);
            REQUIRE(message[4 + row.at] != row.value);
            message[4 + row.at] = row.value;
            return Messages{message};
          }) == Step::declined);
  }
}

TEST_CASE("own client: extensions of a ServerHello of TLS 1.2") {
  struct Row {
    const char* what;
    Bytes octets;
    Step step;
  };
  for (const Row& row : {
           Row{"none", {}, Step::done},
           Row{"server_name", {0, 0, 0, 0}, Step::done},
           Row{"server_name with content", {0, 0, 0, 1, 0}, Step::declined},
           Row{"server_name twice", {0, 0, 0, 0, 0, 0, 0, 0}, Step::declined},
           Row{"point formats", {0, 11, 0, 2, 1, 0}, Step::done},
           Row{"point formats without the usual one", {0, 11, 0, 2, 1, 1}, Step::declined},
           Row{"point formats of a wrong length", {0, 11, 0, 2, 2, 0}, Step::declined},
           Row{"h2", {0, 16, 0, 5, 0, 3, 2, 'h', '2'}, Step::done},
           Row{"a protocol that was not offered", {0, 16, 0, 5, 0, 3, 2, 'h', '3'}, Step::declined},
           Row{"two protocols", {0, 16, 0, 8, 0, 6, 2, 'h', '2', 2, 'h', '2'}, Step::declined},
           Row{"an empty protocol", {0, 16, 0, 3, 0, 1, 0}, Step::declined},
           Row{"extended master secret again", {0, 23, 0, 0}, Step::declined},
           Row{"supported groups, as some balancers send", {0, 10, 0, 4, 0, 2, 0, 29}, Step::done},
           Row{"encrypt then MAC", {0, 22, 0, 0}, Step::done},
           Row{"session ticket", {0, 35, 0, 0}, Step::declined},
           Row{"cut off", {0, 16, 0, 9}, Step::declined},
       }) {
    CAPTURE(row.what);
    TlsScript script = script_for(0x0303);
    script.more_hello_extensions = row.octets;
    CHECK(step_with(script) == row.step);
  }
  // What we did not ask for
  TlsScript named = script_for(0x0303);
  named.more_hello_extensions = {0, 0, 0, 0};
  CHECK(step_with(named, {KeyType::any, std::nullopt, true, 0x0304}) == Step::declined);
  TlsScript protocol = script_for(0x0303);
  protocol.more_hello_extensions = {0, 16, 0, 5, 0, 3, 2, 'h', '2'};
  CHECK(step_with(protocol, {KeyType::any, "www.example.tw", false, 0x0304}) == Step::declined);
  // And one that old servers lack
  TlsScript old = script_for(0x0303);
  old.extended_master_secret = false;
  CHECK(step_with(old) == Step::done);
}

TEST_CASE("own client: EncryptedExtensions") {
  struct Row {
    const char* what;
    Bytes body;
    Step step;
  };
  for (const Row& row : {
           Row{"server_name", {0, 4, 0, 0, 0, 0}, Step::done},
           Row{"server_name twice", {0, 8, 0, 0, 0, 0, 0, 0, 0, 0}, Step::declined},
           Row{"groups", {0, 8, 0, 10, 0, 4, 0, 2, 0, 29}, Step::done},
           Row{"h2", {0, 9, 0, 16, 0, 5, 0, 3, 2, 'h', '2'}, Step::done},
           Row{"a protocol that was not offered", {0, 9, 0, 16, 0, 5, 0, 3, 2, 'h', '3'}, Step::declined},
           Row{"behind the end", {0, 0, 1}, Step::declined},
           Row{"a key share", {0, 4, 0, 51, 0, 0}, Step::declined},
       }) {
    CAPTURE(row.what);
    CHECK(step_when(0x0304, 8, [&](const Bytes&) {
            Bytes message{8, 0, 0, static_cast<std::uint8_t>(row.body.size())};
            message.insert(message.end(), row.body.begin(), row.body.end());
            return Messages{message};
          }) == row.step);
  }
}

TEST_CASE("own client: extensions of a certificate") {
  struct Row {
    const char* what;
    Bytes octets;
    Step step;
  };
  const Bytes status{0, 5, 0, 5, 1, 0, 0, 1, 0x30}, cut_status{0, 5, 0, 5, 1, 0, 0, 2, 0x30};
  for (const Row& row :
       {Row{"a staple", status, Step::done}, Row{"half a staple", cut_status, Step::declined},
        Row{"timestamps that were not asked for", {0, 18, 0, 0}, Step::declined}}) {
    CAPTURE(row.what);
    CHECK(step_when(0x0304, 11, [&](Bytes message) {
            constexpr std::size_t length = 1, list = 4 + 1, leaf = list + 3;
            const std::size_t at = leaf + 3 + ec_chain().leaf.der.size();
            const std::size_t more = row.octets.size();
            message[at + 1] = static_cast<std::uint8_t>(more);
            message.insert(message.begin() + static_cast<std::ptrdiff_t>(at) + 2, row.octets.begin(),
                           row.octets.end());
            for (const std::size_t where : {length, list}) {
              const std::size_t size = (std::size_t{message[where + 1]} << 8 | message[where + 2]) + more;
              message[where + 1] = static_cast<std::uint8_t>(size >> 8);
              message[where + 2] = static_cast<std::uint8_t>(size);
            }
            return Messages{message};
          }) == row.step);
  }
}

TEST_CASE("own client: requests for a certificate of ours") {
  struct Row {
    const char* what;
    std::uint16_t version;
    Messages requests;
    Step step;
  };
  const Bytes good_13{13, 0, 0, 11, 0, 0, 8, 0, 13, 0, 4, 0, 2, 4, 3};
  const Bytes good_12{13, 0, 0, 8, 1, 1, 0, 2, 4, 3, 0, 0};
  for (const Row& row : {
           Row{"twice", 0x0304, {good_13, good_13}, Step::declined},
           Row{"with a context", 0x0304, {{13, 0, 0, 4, 1, 7, 0, 0}}, Step::declined},
           Row{"without algorithms", 0x0304, {{13, 0, 0, 3, 0, 0, 0}}, Step::declined},
           Row{"twice", 0x0303, {good_12, good_12}, Step::declined},
           Row{"cut off", 0x0303, {{13, 0, 0, 3, 1, 1, 0}}, Step::declined},
           Row{"names cut off", 0x0303, {{13, 0, 0, 9, 1, 1, 0, 2, 4, 3, 0, 1, 7}}, Step::declined},
       }) {
    CAPTURE(row.what);
    CAPTURE(row.version);
    CHECK(step_when(row.version, row.version == 0x0304 ? 11 : 14, [&](const Bytes& message) {
            Messages sent = row.requests;
            sent.push_back(message);
            return sent;
          }) == row.step);
  }
}

TEST_CASE("own client: no proof of the leaf's key") {
  for (const std::uint16_t version : versions) {
    CAPTURE(version);
    const std::uint8_t proof = version == 0x0304 ? 15 : 12;
    // Another key's signature
    TlsScript other = script_for(version);
    other.key = ec_chain().issuer.key.get();
    CHECK(step_with(other) == Step::declined);
    CHECK_FALSE(proves_key(other));
    CHECK(proves_key(script_for(version)));
    // A certificate of another
    TlsScript stolen = script_for(version);
    stolen.certificates.front() = ec_chain().issuer.der;
    CHECK(step_with(stolen) == Step::declined);
    CHECK_FALSE(proves_key(stolen));
    // Each octet of the message, changed; the Finished is right nevertheless.
    std::size_t size = 0;
    step_when(version, proof, [&](Bytes message) {
      size = message.size();
      return Messages{message};
    });
    REQUIRE(size > 70);
    for (std::size_t at = 4; at < size; ++at) {
      CAPTURE(at);
      bool changed = false;  // signatures on a curve differ in length
      const Step step = step_when(version, proof, [&](Bytes message) {
        changed = at < message.size();
        if (changed) message[at] ^= 0x01;
        return Messages{message};
      });
      if (changed) CHECK(step != Step::done);
    }
    // Left out
    CHECK(step_when(version, proof, [](const Bytes&) { return Messages{}; }) == Step::declined);
  }
  // Made for another purpose: a scheme that TLS 1.3 does not allow (RFC 8446 4.2.3)
  TlsScript pkcs1 = script_for(0x0304);
  pkcs1.key = rsa_chain().leaf.key.get();
  pkcs1.certificates = {rsa_chain().leaf.der};
  pkcs1.signature_scheme = 0x0401;
  CHECK(step_with(pkcs1) == Step::declined);
  pkcs1.signature_scheme = 0x0804;
  CHECK(step_with(pkcs1) == Step::done);
  // A curve that is not the scheme's
  TlsScript curve = script_for(0x0304);
  curve.signature_scheme = 0x0503;
  CHECK(step_with(curve) == Step::declined);
  // RSA where the suite says ECDSA
  TlsScript suite = script_for(0x0303);
  suite.key = rsa_chain().leaf.key.get();
  suite.certificates = {rsa_chain().leaf.der};
  suite.signature_scheme = 0x0401;
  CHECK(step_with(suite) == Step::declined);
  suite.suite = 0xc02f;
  CHECK(step_with(suite) == Step::done);
}

TEST_CASE("own client: a key type that was not asked for") {
  for (const std::uint16_t version : versions) {
    TlsScript rsa = script_for(version);
    rsa.key = rsa_chain().leaf.key.get();
    rsa.certificates = {rsa_chain().leaf.der};
    rsa.signature_scheme = 0x0804;
    rsa.suite = version == 0x0304 ? 0x1301 : 0xc02f;
    TlsRequest asked = request;
    CHECK(step_with(rsa, asked) == Step::done);
    asked.key_type = KeyType::ecdsa;
    CHECK(step_with(rsa, asked) == Step::declined);
    asked.key_type = KeyType::rsa;
    CHECK(step_with(rsa, asked) == Step::done);
    CHECK(step_with(script_for(version), asked) == Step::declined);
    asked.key_type = KeyType::ecdsa;
    CHECK(step_with(script_for(version), asked) == Step::done);
  }
}

TEST_CASE("own client: a Finished that is not right, or missing") {
  for (const std::uint16_t version : versions) {
    CAPTURE(version);
    CHECK(step_when(version, 20, [](Bytes message) {
            message.back() ^= 1;
            return Messages{message};
          }) == Step::declined);
    CHECK(step_when(version, 20, [](Bytes message) {
            message.pop_back();
            --message[3];
            return Messages{message};
          }) == Step::declined);
    CHECK(step_when(version, 20, [](Bytes message) {
            message.push_back(0);
            ++message[3];
            return Messages{message};
          }) == Step::declined);
    CHECK(step_when(version, 20, [](const Bytes& message) {
            return Messages{message, message};
          }) == Step::declined);
  }
  CHECK(step_when(0x0304, 20, [](const Bytes&) { return Messages{}; }) == Step::want_read);
  TlsScript no_change = script_for(0x0303);
  no_change.change_cipher_spec = false;
  CHECK(step_with(no_change) == Step::declined);
}

TEST_CASE("own client: messages left out, doubled or cut short") {
  for (const std::uint16_t version : versions) {
    CAPTURE(version);
    const std::vector<std::uint8_t> types =
        version == 0x0304 ? std::vector<std::uint8_t>{2, 8, 11} : std::vector<std::uint8_t>{2, 11};
    for (const std::uint8_t type : types) {
      CAPTURE(int{type});
      CHECK(step_when(version, type, [](const Bytes&) { return Messages{}; }) != Step::done);
      CHECK(step_when(version, type, [](const Bytes& message) {
              return Messages{message, message};
            }) == Step::declined);
      CHECK(step_when(version, type, [](Bytes message) {
              message.resize(4);
              message[1] = message[2] = message[3] = 0;
              return Messages{message};
            }) == Step::declined);
    }
  }
  // A status that was announced may stay away (RFC 6066 8); one too many may not come.
  CHECK(step_when(0x0303, 22, [](const Bytes&) { return Messages{}; }) == Step::done);
  CHECK(step_when(0x0303, 22, [](const Bytes& message) {
          return Messages{message, message};
        }) == Step::declined);
}

TEST_CASE("own client: a server that speaks an older version than it could is left to libssl") {
  TlsScript script = script_for(0x0303);
  for (const std::uint8_t last : {std::uint8_t{0}, std::uint8_t{1}}) {
    const Bytes mark{'D', 'O', 'W', 'N', 'G', 'R', 'D', last};
    std::ranges::copy(mark, script.server_random.begin() + 24);
    CHECK(step_with(script) == Step::declined);
  }
  script.server_random[24] = 'd';
  CHECK(step_with(script) == Step::done);
}

TEST_CASE("own client: what is sealed does not begin within a record in the clear") {
  TlsScript script = script_for(0x0304);
  script.one_record = true;
  CHECK(step_with(script) == Step::declined);
}

TEST_CASE("own client: sealed records hold nothing but handshake messages") {
  for (const std::uint8_t type : {std::uint8_t{21}, std::uint8_t{23}, std::uint8_t{0}}) {
    TlsScript script = script_for(0x0304);
    script.inner_type = type;
    CHECK(step_with(script) == Step::declined);
  }
}

TEST_CASE("own client: keys that may not sign, or on a curve that was not offered, in TLS 1.2") {
  const EvpPkeyPtr p256(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "prime256v1"));
  const EvpPkeyPtr koblitz(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "secp256k1"));
  struct Row {
    const EvpPkeyPtr& key;
    const char* usage;
    Step step;
  };
  for (const Row& row : {Row{p256, "digitalSignature", Step::done}, Row{p256, "keyAgreement", Step::declined},
                         Row{koblitz, nullptr, Step::declined}}) {
    const X509Ptr certificate = certificate_of(row.key.get(), row.usage);
    TlsScript script = script_for(0x0303);
    script.key = row.key.get();
    script.certificates = {der_of(certificate.get())};
    CHECK(step_with(script) == row.step);
  }
}

TEST_CASE("own client: limits of records and messages") {
  for (const std::uint16_t version : versions) {
    CAPTURE(version);
    TlsScript script = script_for(version);
    script.certificates.resize(60, ec_chain().issuer.der);
    script.record_size = 16'384 - 4;  // and what the server pads sealed ones with
    CHECK(step_with(script) == Step::done);
    script.record_size = 16'500;
    CHECK(step_with(script) == Step::declined);
  }
  TlsScript session = script_for(0x0303);
  for (const std::size_t size : {std::size_t{32}, std::size_t{33}}) {
    session.change = changing(2, [&](Bytes message) {
      constexpr std::size_t at = 4 + 2 + 32;
      message[at] = static_cast<std::uint8_t>(size);
      message.insert(message.begin() + at + 1, size, 7);
      message[3] = static_cast<std::uint8_t>(message.size() - 4);
      return Messages{message};
    });
    CHECK(step_with(session) == (size == 32 ? Step::done : Step::declined));
  }
  TlsScript changes = script_for(0x0304);
  for (const int count : {1, 31, 32}) {
    changes.idle_changes = count;
    CHECK(step_with(changes) == (count < 32 ? Step::done : Step::declined));
  }
  TlsScript other_version = script_for(0x0303);
  other_version.record_size = 100;
  other_version.later_record_version = 0x0302;
  CHECK(step_with(other_version) == Step::declined);
}

// As in CVE-2014-0224: nothing has been agreed on when the change comes, so anybody knows the keys.
TEST_CASE("own client: a Finished that is sealed with no keys at all") {
  class Attacker final : public TlsWire {
   public:
    Moved read(std::span<std::uint8_t> into) override {
      const std::size_t count = std::min(into.size(), out_.size());
      std::copy_n(out_.begin(), count, into.begin());
      out_.erase(out_.begin(), out_.begin() + static_cast<std::ptrdiff_t>(count));
      return count ? Moved{Status::done, count} : Moved{Status::would_block, 0};
    }
    Moved write(ByteView octets) override {
      if (std::exchange(answered_, true)) return {Status::done, octets.size()};
      Bytes hello{2, 0, 0, 38, 3, 3};
      hello.resize(6 + 32, 0x5e);
      for (const std::uint8_t octet : Bytes{0, 0xc0, 0x2b, 0}) hello.push_back(octet);
      Transcript transcript(crypto_, TlsHash::sha256);
      transcript.add(octets.subspan(record_header));
      transcript.add(hello);
      Bytes finished{20, 0, 0, 12};
      const Bytes proof =
          crypto_.prf(TlsHash::sha256, Secret{}, "server finished", transcript.so_far().view(), 12);
      finished.insert(finished.end(), proof.begin(), proof.end());
      Bytes sealed(8, 0);
      const Bytes additional{0, 0, 0, 0, 0, 0, 0, 0, 22, 3, 3, 0, 16};
      crypto_.seal(Aead::aes_128_gcm, Secret{}, Nonce{}, additional, finished, sealed);
      put(22, hello);
      put(20, Bytes{1});
      put(22, sealed);
      return {Status::done, octets.size()};
    }

   private:
    void put(std::uint8_t type, const Bytes& content) {
      out_.insert(out_.end(), {type, 3, 3, 0, static_cast<std::uint8_t>(content.size())});
      out_.insert(out_.end(), content.begin(), content.end());
    }
    TlsCrypto crypto_;
    Bytes out_;
    bool answered_ = false;
  };
  Client own;
  Attacker wire;
  OwnTlsSession session(own.client, request, wire);
  CHECK(session.handshake() == Step::declined);
  CHECK_FALSE(session.key_proved());
}

TEST_CASE("own client: a change of ciphers at the wrong time") {
  for (const std::uint8_t before : {std::uint8_t{2}, std::uint8_t{11}, std::uint8_t{12}, std::uint8_t{14}}) {
    CAPTURE(int{before});
    TlsScript script = script_for(0x0303);
    script.early_change_before = before;
    CHECK(step_with(script) == Step::declined);
  }
}

TEST_CASE("own client: every connection has a random of its own") {
  Client own;
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
  Client own;
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
  Client own;
  MemoryServer server(0x0303);
  server.writes_taken = 2;
  OwnTlsSession session(own.client, request, server);
  CHECK(session.handshake() == Step::done);
  MemoryServer newer(0x0304);
  newer.writes_taken = 1;
  OwnTlsSession cut(own.client, request, newer);
  CHECK(cut.handshake() == Step::declined);
}

TEST_CASE("own client: extensions that were not asked for") {
  const auto with_extension = [](Bytes message, std::size_t vector_at) {
    message.insert(message.end(), {0xfe, 0xed, 0, 0});
    for (const std::size_t at : {std::size_t{2}, vector_at}) {
      const std::size_t size = (std::size_t{message[at]} << 8 | message[at + 1]) + 4;
      message[at] = static_cast<std::uint8_t>(size >> 8);
      message[at + 1] = static_cast<std::uint8_t>(size);
    }
    return message;
  };
  const auto declines = [&](std::uint16_t version, std::uint8_t type, std::size_t vector_at) {
    CHECK(step_when(version, type, [&](const Bytes& message) {
            return Messages{with_extension(message, vector_at)};
          }) == Step::declined);
  };
  declines(0x0304, 2, 4 + 2 + 32 + 33 + 3);
  declines(0x0304, 8, 4);
  declines(0x0303, 2, 4 + 2 + 32 + 1 + 3);
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
  Client own;
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
