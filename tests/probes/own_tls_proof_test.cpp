// Our own client with a server that does not prove what it should: the key of its leaf, or that nobody came
// between.
#include <algorithm>
#include <array>
#include <utility>

#include <doctest/doctest.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>

#include "tests/probes/own_client.h"

using namespace chaintier;
using namespace chaintier::test;

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
  TlsScript pkcs1 = rsa_script_for(0x0304);
  pkcs1.signature_scheme = 0x0401;
  CHECK(step_with(pkcs1) == Step::declined);
  pkcs1.signature_scheme = 0x0804;
  CHECK(step_with(pkcs1) == Step::done);
  // A curve that is not the scheme's
  TlsScript curve = script_for(0x0304);
  curve.signature_scheme = 0x0503;
  CHECK(step_with(curve) == Step::declined);
  // RSA where the suite says ECDSA
  TlsScript suite = rsa_script_for(0x0303);
  suite.signature_scheme = 0x0401;
  CHECK(step_with(suite) == Step::declined);
  suite.suite = 0xc02f;
  CHECK(step_with(suite) == Step::done);
}

TEST_CASE("own client: every scheme that an RSA key may prove itself with") {
  const EvpPkeyPtr stranger(EVP_RSA_gen(2048)), longer(EVP_RSA_gen(3072));
  constexpr std::array<std::uint16_t, 6> schemes{0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601};
  for (const std::uint16_t version : versions)
    for (const std::uint16_t scheme : schemes) {
      const bool pss = scheme >> 8 == 8;
      if (version == 0x0304 && !pss) continue;  // RFC 8446 4.2.3
      CAPTURE(version);
      CAPTURE(scheme);
      TlsScript script = rsa_script_for(version);
      script.signature_scheme = scheme;
      if (version == 0x0303) script.suite = 0xc02f;
      CHECK(step_with(script) == Step::done);
      for (const EvpPkeyPtr* key : {&stranger, &longer}) {
        TlsScript other = script;
        other.key = key->get();
        CHECK(step_with(other) == Step::declined);
        CHECK_FALSE(proves_key(other));
      }
      // The signature ends the message: each of its octets counts.
      for (std::size_t from_end = 1; from_end <= 256; from_end += 15) {
        script.change = changing(version == 0x0304 ? 15 : 12, [&](Bytes message) {
          message[message.size() - from_end] ^= 0x01;
          return Messages{message};
        });
        CHECK(step_with(script) == Step::declined);
      }
    }
}

TEST_CASE("own client: a P-256 key that many servers have is checked quickly, and as strictly") {
  OwnClient own;
  const auto step = [&own](const TlsScript& script) {
    ScriptedTlsServer server(script);
    OwnTlsSession session(own.client, request, server);
    const Step made = session.handshake();
    CHECK(session.key_proved() == (made == Step::done));
    return made;
  };
  const KeyProof& proofs = own.client.key_proof();
  for (int i = 0; i < 350; ++i) REQUIRE(step(script_for(i % 2 == 0 ? 0x0304 : 0x0303)) == Step::done);
  CHECK(proofs.done_quickly() == 51);
  for (const std::uint16_t version : versions) {
    CAPTURE(version);
    const std::uint64_t before = proofs.done_quickly();
    TlsScript other = script_for(version);
    other.key = ec_chain().issuer.key.get();
    CHECK(step(other) == Step::declined);
    for (std::size_t from_end = 1; from_end <= 64; ++from_end) {
      CAPTURE(from_end);
      TlsScript changed = script_for(version);
      changed.change = changing(version == 0x0304 ? 15 : 12, [&](Bytes message) {
        message[message.size() - from_end] ^= 0x01;
        return Messages{message};
      });
      CHECK(step(changed) == Step::declined);
    }
    CHECK(proofs.done_quickly() == before);
  }
}

TEST_CASE("own client: RSA keys that came before, in turn, prove what is theirs alone") {
  constexpr std::size_t count = 12;  // more than are remembered
  OwnClient own;
  std::vector<EvpPkeyPtr> keys;
  std::vector<Bytes> certificates;
  for (std::size_t i = 0; i < count; ++i) {
    keys.emplace_back(EVP_RSA_gen(1024));
    certificates.push_back(der_of(certificate_of(keys.back().get()).get()));
  }
  for (std::size_t i = 0; i < 4 * count; ++i) {
    const std::size_t now = i < 2 * count ? i / 2 : i % count;
    for (const std::size_t signer : {now, (now + 1) % count, now}) {
      TlsScript script = rsa_script_for(0x0304);
      script.signature_scheme = 0x0804;
      script.certificates = {certificates[now]};
      script.key = keys[signer].get();
      ScriptedTlsServer server(std::move(script));
      OwnTlsSession session(own.client, request, server);
      CHECK(session.handshake() == (signer == now ? Step::done : Step::declined));
      CHECK(session.key_proved() == (signer == now));
    }
  }
}

TEST_CASE("own client: keys on the longer curves") {
  struct Row {
    const char* curve;
    std::uint16_t scheme;
    Step tls13, tls12;  // in TLS 1.2 the scheme names no curve (RFC 8446 4.2.3)
  };
  for (const Row& row : {Row{"secp384r1", 0x0503, Step::done, Step::done},
                         Row{"secp384r1", 0x0403, Step::declined, Step::done},
                         Row{"secp521r1", 0x0603, Step::done, Step::done},
                         Row{"secp521r1", 0x0503, Step::declined, Step::done}}) {
    CAPTURE(row.curve);
    const EvpPkeyPtr key(EVP_EC_gen(row.curve)), stranger(EVP_EC_gen(row.curve));
    const X509Ptr certificate = certificate_of(key.get());
    for (const std::uint16_t version : versions) {
      TlsScript script = script_for(version);
      script.key = key.get();
      script.certificates = {der_of(certificate.get())};
      script.signature_scheme = row.scheme;
      CHECK(step_with(script) == (version == 0x0304 ? row.tls13 : row.tls12));
      script.key = stranger.get();
      CHECK(step_with(script) == Step::declined);
      CHECK_FALSE(proves_key(script));
    }
  }
}

TEST_CASE("own client: a key type that was not asked for") {
  for (const std::uint16_t version : versions) {
    TlsScript rsa = rsa_script_for(version);
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

TEST_CASE("own client: what is sealed does not begin within a record in the clear") {
  TlsScript script = script_for(0x0304);
  script.one_record = true;
  CHECK(step_with(script) == Step::declined);
}

TEST_CASE("own client: sealed records hold nothing but handshake messages") {
  for (const std::uint8_t type : {std::uint8_t{21}, std::uint8_t{23}}) {
    TlsScript script = script_for(0x0304);
    script.inner_type = type;
    CHECK(step_with(script) == Step::declined);
  }
  // No type: the last octet that is not zero is taken for it (RFC 8446 5.4), here the first of
  // EncryptedExtensions.
  TlsScript none = script_for(0x0304);
  none.inner_type = 0;
  none.record_size = 1;
  CHECK(step_with(none) == Step::declined);
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
  OwnClient own;
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
