#include "src/x509/often_used_keys.h"

#include <doctest/doctest.h>

#include "src/x509/public_key.h"
#include "tests/support/chain_builder.h"

using namespace chaintier;

namespace {

PublicKey key_on(std::string_view curve) { return read_public_key(TestKey::ec(curve).spki()).value(); }

// Whether the last of `times` checks found tables.
bool has_tables_after(OftenUsedKeys& keys, const PublicKey& key, int times) {
  bool has = false;
  for (int i = 0; i < times; ++i) has = keys.tables_of(key) != nullptr;
  return has;
}

}  // namespace

TEST_CASE("often used keys: tables from the 300th check on") {
  OftenUsedKeys keys;
  const PublicKey one = key_on("P-256"), other = key_on("P-256");
  CHECK_FALSE(has_tables_after(keys, one, 299));
  CHECK_FALSE(has_tables_after(keys, other, 299));
  CHECK(has_tables_after(keys, one, 1));
  CHECK(has_tables_after(keys, one, 1));
  CHECK(has_tables_after(keys, other, 1));
  CHECK_FALSE(has_tables_after(keys, key_on("P-384"), 400));
  CHECK_FALSE(has_tables_after(keys, read_public_key(TestKey::rsa().spki()).value(), 400));
}

TEST_CASE("often used keys: the tables are those of the key") {
  OftenUsedKeys keys;
  const TestKey one = TestKey::ec(), other = TestKey::ec();
  const Bytes content(100, 7);
  const auto digest = sha256(content);
  const Bytes signature = one.sign(content, "SHA256");
  REQUIRE(has_tables_after(keys, read_public_key(one.spki()).value(), 300));
  REQUIRE(has_tables_after(keys, read_public_key(other.spki()).value(), 300));
  CHECK(keys.tables_of(read_public_key(one.spki()).value())->surely_good(digest, signature));
  CHECK_FALSE(keys.tables_of(read_public_key(other.spki()).value())->surely_good(digest, signature));
}

TEST_CASE("often used keys: no more than sixteen have tables") {
  OftenUsedKeys keys;
  for (int i = 0; i < 16; ++i) CHECK(has_tables_after(keys, key_on("P-256"), 300));
  CHECK_FALSE(has_tables_after(keys, key_on("P-256"), 400));
}

TEST_CASE("often used keys: of thousands of keys those with tables are remembered") {
  OftenUsedKeys keys;
  const PublicKey often = key_on("P-256"), seldom = key_on("P-256");
  REQUIRE(has_tables_after(keys, often, 300));
  REQUIRE_FALSE(has_tables_after(keys, seldom, 299));
  PublicKey other = key_on("P-256");
  for (int i = 0; i < 5000; ++i) {
    other.fingerprint =
        KeyFingerprint::of(Bytes{static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i >> 8)});
    keys.tables_of(other);
  }
  CHECK(has_tables_after(keys, often, 1));
  CHECK_FALSE(has_tables_after(keys, seldom, 299));
  CHECK(has_tables_after(keys, seldom, 1));
}
