#include "src/x509/often_used_keys.h"

#include <doctest/doctest.h>

#include "src/x509/public_key.h"
#include "tests/support/chain_builder.h"

using namespace chaintier;

namespace {

// A key that has signed something.
struct Signer {
  explicit Signer(const TestKey& of)
      : key(read_public_key(of.spki()).value()), signature(of.sign(content, "SHA256")) {}

  static inline const Bytes content = Bytes(100, 7);
  static inline const auto digest = sha256(content);
  PublicKey key;
  Bytes signature;
};

Signer on(std::string_view curve) { return Signer(TestKey::ec(curve)); }

// Whether the last of `times` good signatures was known to be one.
bool is_quick_after(OftenUsedKeys& keys, const Signer& signer, int times) {
  bool quick = false;
  for (int i = 0; i < times; ++i) quick = keys.surely_good(signer.key, Signer::digest, signer.signature);
  return quick;
}

}  // namespace

TEST_CASE("often used keys: a quick yes from the 300th question on") {
  OftenUsedKeys keys;
  const Signer one = on("P-256"), other = on("P-256");
  CHECK_FALSE(is_quick_after(keys, one, 299));
  CHECK_FALSE(is_quick_after(keys, other, 299));
  CHECK(is_quick_after(keys, one, 1));
  CHECK(is_quick_after(keys, one, 1));
  CHECK(is_quick_after(keys, other, 1));
  CHECK(keys.quick_answers() == 3);
  CHECK_FALSE(keys.surely_good(one.key, Signer::digest, other.signature));
  CHECK_FALSE(keys.surely_good(other.key, Signer::digest, one.signature));
  CHECK_FALSE(is_quick_after(keys, on("P-384"), 400));
  CHECK_FALSE(is_quick_after(keys, Signer(TestKey::rsa()), 400));
  CHECK(keys.quick_answers() == 3);
}

TEST_CASE("often used keys: sixteen of them") {
  OftenUsedKeys keys;
  for (int i = 0; i < 16; ++i) CHECK(is_quick_after(keys, on("P-256"), 300));
  CHECK_FALSE(is_quick_after(keys, on("P-256"), 400));
}

TEST_CASE("often used keys: of thousands of keys those with tables are remembered") {
  OftenUsedKeys keys;
  const Signer often = on("P-256"), seldom = on("P-256");
  REQUIRE(is_quick_after(keys, often, 300));
  REQUIRE_FALSE(is_quick_after(keys, seldom, 299));
  Signer other = on("P-256");
  for (int i = 0; i < 5000; ++i) {
    other.key.fingerprint =
        KeyFingerprint::of(Bytes{static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i >> 8)});
    is_quick_after(keys, other, 1);
  }
  CHECK(is_quick_after(keys, often, 1));
  CHECK_FALSE(is_quick_after(keys, seldom, 299));
  CHECK(is_quick_after(keys, seldom, 1));
}
