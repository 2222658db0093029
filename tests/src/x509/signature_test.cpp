#include "src/x509/signature.h"

#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/chain_builder.h"

using namespace chaintier;

namespace {

PublicKey public_key(const TestKey& key) {
  return leaf_by(TestCa{"any"}, "www.example.tw", [&](Draft& d) { d.spki = key.spki(); })->key;
}

CertificatePtr signed_by(const TestKey& key, const std::string& digest = "SHA256", bool pss = false) {
  return leaf_by(TestCa{"Test CA", key}, "www.example.tw", [&](Draft& d) {
    d.digest = digest;
    d.pss = pss;
  });
}

}  // namespace

TEST_CASE("signature: good by the key that made it, bad by any other of its kind") {
  struct Row {
    TestKey key, other;
    const char* digest;
    bool pss;
  };
  const TestKey rsa = TestKey::rsa();
  const TestKey rsa_2 = TestKey::rsa();
  const std::vector<Row> rows{{TestKey::ec(), TestKey::ec(), "SHA256", false},
                              {TestKey::ec("P-384"), TestKey::ec("P-384"), "SHA384", false},
                              {rsa, rsa_2, "SHA256", false},
                              {rsa, rsa_2, "SHA256", true},
                              {TestKey::ed25519(), TestKey::ed25519(), "", false},
                              // Weak, but right: judging that is for the rules.
                              {rsa, rsa_2, "SHA1", false},
                              {rsa, rsa_2, "MD5", false},
                              {TestKey::rsa(512), TestKey::rsa(512), "SHA256", false}};
  SignatureChecker checker;
  for (const Row& row : rows) {
    CAPTURE(row.digest);
    const auto child = signed_by(row.key, row.digest, row.pss);
    CHECK(checker.check(*child, public_key(row.key)) == SignatureState::good);
    CHECK(checker.check(*child, public_key(row.other)) == SignatureState::bad);
  }
}

TEST_CASE("signature: one changed octet of what is signed") {
  const TestKey key = TestKey::ec();
  const Bytes good = leaf_der(TestCa{"Test CA", key});
  Bytes changed = good;
  const std::string host = "www.example.tw";
  const auto at = std::search(changed.begin(), changed.end(), host.begin(), host.end());
  REQUIRE(at != changed.end());
  *at = 'x';
  SignatureChecker checker;
  CHECK(checker.check(*parsed(good), public_key(key)) == SignatureState::good);
  CHECK(checker.check(*parsed(changed), public_key(key)) == SignatureState::bad);
}

TEST_CASE("signature: a key of another kind made none of this") {
  SignatureChecker checker;
  const auto by_ec = signed_by(TestKey::ec());
  CHECK(checker.check(*by_ec, public_key(TestKey::rsa())) != SignatureState::good);
  CHECK(checker.check(*by_ec, public_key(TestKey::ed25519())) != SignatureState::good);
}

TEST_CASE("signature: by an RSA-PSS key") {
  const TestKey bound = TestKey::rsa_pss("SHA256");
  SignatureChecker checker;
  CHECK(checker.check(*signed_by(bound, "SHA256"), public_key(bound)) == SignatureState::good);
  CHECK(checker.check(*signed_by(bound, "SHA256"), public_key(TestKey::rsa_pss("SHA256"))) ==
        SignatureState::bad);
}

TEST_CASE("signature: made in a way that the RSA-PSS key forbids, it is unusable and not bad") {
  // One RSA key under two identifiers: the second binds it to PSS with SHA-256 (RFC 4055 3.1).
  const TestKey rsa = TestKey::rsa();
  const Bytes plain = rsa.spki();
  const Bytes identifier = der::sequence({der::oid("1.2.840.113549.1.1.1"), der::null()});
  const auto key = std::search(plain.begin(), plain.end(), identifier.begin(), identifier.end()) +
                   static_cast<std::ptrdiff_t>(identifier.size());
  const Bytes bound = der::sequence({rsa.algorithm("SHA256", true), Bytes(key, plain.end())});
  const auto bound_key = leaf_by(TestCa{"any"}, "www.example.tw", [&](Draft& d) { d.spki = bound; })->key;
  REQUIRE(bound_key.algorithm == KeyAlgorithm::rsa_pss);
  SignatureChecker checker;
  CHECK(checker.check(*signed_by(rsa, "SHA256", true), bound_key) == SignatureState::good);
  CHECK(checker.check(*signed_by(rsa, "SHA384", true), bound_key) == SignatureState::unsupported);
  CHECK(checker.check(*signed_by(rsa, "SHA256", false), bound_key) == SignatureState::unsupported);
  CHECK(checker.check(*signed_by(TestKey::rsa(), "SHA384", true), bound_key) == SignatureState::bad);
}

TEST_CASE("signature: what cannot be checked is neither good nor bad") {
  const TestKey key = TestKey::ec();
  SignatureChecker checker;
  SUBCASE("an algorithm that nobody knows") {
    Bytes der = leaf_der(TestCa{"Test CA", key});
    const Bytes oid = der::oid("1.2.840.10045.4.3.2");
    for (auto at = der.begin(); (at = std::search(at, der.end(), oid.begin(), oid.end())) != der.end(); ++at)
      at[static_cast<std::ptrdiff_t>(oid.size()) - 1] = 0x42;
    CHECK(checker.check(*parsed(der), public_key(key)) == SignatureState::unsupported);
  }
  SUBCASE("a key that does not decode") {
    PublicKey broken = public_key(key);
    broken.spki.back() ^= 1;  // no point of the curve any more
    broken.fingerprint = KeyFingerprint::of(broken.spki);
    CHECK(checker.check(*signed_by(key), broken) == SignatureState::unsupported);
  }
  SUBCASE("a key of no known kind") {
    PublicKey other;
    other.spki = der::sequence({der::sequence({der::oid("1.2.3.4")}), der::bit_string(Bytes{1})});
    other.fingerprint = KeyFingerprint::of(other.spki);
    CHECK(checker.check(*signed_by(key), other) == SignatureState::unsupported);
  }
}

TEST_CASE("signature: an empty one is bad") {
  const TestKey key = TestKey::ec();
  Certificate child = *signed_by(key);
  child.signature.clear();
  SignatureChecker checker;
  CHECK(checker.check(child, public_key(key)) == SignatureState::bad);
}

TEST_CASE("signature: each pair is worked out once") {
  const TestKey key = TestKey::ec();
  const auto child = signed_by(key);
  SignatureChecker checker;
  for (int i = 0; i < 5; ++i) checker.check(*child, public_key(key));
  CHECK(checker.checks_done() == 1);
  checker.check(*child, public_key(TestKey::ec()));
  CHECK(checker.checks_done() == 2);
}

TEST_CASE("signature: a key that is used often is checked with quickly, and as strictly") {
  const TestKey key = TestKey::ec();
  const PublicKey known = public_key(key);
  const PublicKey another = public_key(TestKey::ec());
  SignatureChecker checker;
  std::uint64_t before = 0;
  for (const char* digest : {"SHA256", "SHA384", "SHA512"}) {
    const Bytes algorithm = key.algorithm(digest);
    for (std::uint8_t i = 0; i < 250; ++i) {
      const Bytes data(100, i);
      const Bytes signature = key.sign(data, digest);
      REQUIRE(checker.check(data, algorithm, signature, known) == SignatureState::good);
      Bytes other = data;
      other.back() ^= 1;
      REQUIRE(checker.check(other, algorithm, signature, known) == SignatureState::bad);
      if (i % 50 == 0) REQUIRE(checker.check(data, algorithm, signature, another) == SignatureState::bad);
    }
    CHECK(checker.checks_done_quickly() > before);
    before = checker.checks_done_quickly();
  }
  // From the 300th check on, every second one of them good: 100 with the first digest, 250 with each other.
  CHECK(checker.checks_done_quickly() == 600);
}
