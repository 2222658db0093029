#include "src/x509/public_key.h"

#include <algorithm>

#include <doctest/doctest.h>

#include "tests/support/chain_builder.h"

using namespace chaintier;

namespace {

const Bytes algorithm = der::sequence({der::oid("1.2.840.113549.1.1.1"), der::null()});

}  // namespace

TEST_CASE("key_octets: the BIT STRING of a SubjectPublicKeyInfo") {
  const Bytes key{1, 2, 3};
  CHECK(std::ranges::equal(key_octets(der::sequence({algorithm, der::bit_string(key)})), key));
  CHECK(key_octets(TestKey::rsa().spki()).size() > 256);
}

TEST_CASE("key_octets: nothing of what is none, or is not made of whole octets") {
  const Bytes bits = der::bit_string(Bytes{1, 2, 3});
  for (const Bytes& none :
       {Bytes{}, der::null(), der::sequence({}), der::sequence({algorithm}),
        der::sequence({der::null(), bits}), der::sequence({algorithm, der::octet_string(Bytes{0, 1, 2})}),
        der::sequence({algorithm, bits, bits}), der::set({algorithm, bits}),
        der::join({der::sequence({algorithm, bits}), der::null()}),
        der::sequence({algorithm, der::tlv(0x03, Bytes{1, 2, 4})}),
        der::sequence({algorithm, der::tlv(0x03, Bytes{})})})
    CHECK(key_octets(none).empty());
}

TEST_CASE("p256_point: uncompressed points on P-256 alone") {
  const Bytes spki = TestKey::ec().spki();
  const auto point = p256_point(spki);
  REQUIRE(point.has_value());
  CHECK(std::ranges::equal(*point, key_octets(spki)));
  CHECK(point->size() == 65);
  CHECK(point->front() == 4);
  for (const Bytes& other : {TestKey::rsa().spki(), TestKey::ed25519().spki(), Bytes{}})
    CHECK_FALSE(p256_point(other));
  Bytes changed = spki;
  for (std::size_t at = 0; at < changed.size() - 64; ++at) {
    changed[at] ^= 1;  // lengths, OIDs, unused bits, and the form of the point
    CHECK_FALSE(p256_point(changed));
    changed[at] ^= 1;
  }
  changed.push_back(0);
  CHECK_FALSE(p256_point(changed));
}
