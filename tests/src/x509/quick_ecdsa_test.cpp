#include "src/x509/quick_ecdsa.h"

#include <array>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include "src/base/openssl_handles.h"
#include "tests/support/chain_builder.h"

using namespace chaintier;

namespace {

using Number = BignumPtr;
using Context = std::unique_ptr<BN_CTX, FreeWith<BN_CTX_free>>;
using Group = std::unique_ptr<EC_GROUP, FreeWith<EC_GROUP_free>>;
using Point = std::unique_ptr<EC_POINT, FreeWith<EC_POINT_free>>;

Bytes join(ByteView head, ByteView tail) {
  Bytes result(head.begin(), head.end());
  result.insert(result.end(), tail.begin(), tail.end());
  return result;
}

// Arithmetic modulo the order n of P-256, for signatures that no library makes.
struct Curve {
  Group group{EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1)};
  Context context{BN_CTX_new()};

  const BIGNUM* n() const { return EC_GROUP_get0_order(group.get()); }
  Number number(unsigned long value) const {
    Number result(BN_new());
    BN_set_word(result.get(), value);
    return result;
  }
  Number copy(const BIGNUM* value) const { return Number(BN_dup(value)); }
  Number plus(const BIGNUM* a, const BIGNUM* b) const {
    Number result(BN_new());
    BN_add(result.get(), a, b);
    return result;
  }
  Number minus(const BIGNUM* a, const BIGNUM* b) const {
    Number result(BN_new());
    BN_sub(result.get(), a, b);
    return result;
  }
  Number times(const BIGNUM* a, const BIGNUM* b) const {
    Number result(BN_new());
    BN_mod_mul(result.get(), a, b, n(), context.get());
    return result;
  }
  Number inverse(const BIGNUM* a) const { return Number(BN_mod_inverse(nullptr, a, n(), context.get())); }
  Number number(const EVP_PKEY* key, const char* name) const {
    BIGNUM* value = nullptr;
    REQUIRE(EVP_PKEY_get_bn_param(key, name, &value) == 1);
    return Number(value);
  }
  Point times_generator(const BIGNUM* k) const {
    Point point(EC_POINT_new(group.get()));
    REQUIRE(EC_POINT_mul(group.get(), point.get(), k, nullptr, nullptr, context.get()) == 1);
    return point;
  }
  Number x_of(const EC_POINT* point) const {
    Number x(BN_new());
    REQUIRE(EC_POINT_get_affine_coordinates(group.get(), point, x.get(), nullptr, context.get()) == 1);
    return x;
  }
  Bytes spki(const EC_POINT* point, point_conversion_form_t form = POINT_CONVERSION_UNCOMPRESSED) const {
    Bytes octets(65);
    octets.resize(EC_POINT_point2oct(group.get(), point, form, octets.data(), octets.size(), context.get()));
    return der::sequence({der::sequence({der::oid("1.2.840.10045.2.1"), der::oid("1.2.840.10045.3.1.7")}),
                          der::bit_string(octets)});
  }
};

Bytes integer_element(const BIGNUM* value) {
  const std::unique_ptr<ASN1_INTEGER, FreeWith<ASN1_INTEGER_free>> element(
      BN_to_ASN1_INTEGER(value, nullptr));
  unsigned char* der = nullptr;
  const int size = i2d_ASN1_INTEGER(element.get(), &der);
  REQUIRE(size > 0);
  const std::unique_ptr<unsigned char, FreeWith<free_openssl_memory>> owner(der);
  return {der, der + size};
}

Bytes signature_of(const BIGNUM* r, const BIGNUM* s) {
  return der::sequence({integer_element(r), integer_element(s)});
}

Bytes octets_of(const BIGNUM* value) {
  Bytes octets(32);
  REQUIRE(BN_bn2binpad(value, octets.data(), 32) == 32);
  return octets;
}

Bytes random_octets(std::mt19937& random, std::size_t size) {
  Bytes octets(size);
  for (std::uint8_t& octet : octets) octet = static_cast<std::uint8_t>(random());
  return octets;
}

// OpenSSL's own answer, and ours, which must be the same here: a check that is not taken quickly would be no
// fault, but nothing below has a reason for that.
struct Both {
  explicit Both(Bytes of) : spki(std::move(of)), quick(QuickEcdsa::make(spki)) {
    const unsigned char* at = spki.data();
    key.reset(d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size())));
    REQUIRE(key);
    REQUIRE(quick);
  }
  bool openssl(ByteView digest, ByteView signature) const {
    const ErrorQueueScope errors;
    const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
    REQUIRE(EVP_PKEY_verify_init(context.get()) == 1);
    return EVP_PKEY_verify(context.get(), signature.data(), signature.size(), digest.data(), digest.size()) ==
           1;
  }
  bool good(ByteView digest, ByteView signature) {
    const bool expected = openssl(digest, signature);
    CHECK(quick->surely_good(digest, signature) == expected);
    return expected;
  }

  Bytes spki;
  EvpPkeyPtr key;
  std::optional<QuickEcdsa> quick;
};

struct Signer {
  EvpPkeyPtr key{EVP_EC_gen("prime256v1")};

  Bytes spki() const {
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(key.get(), &der);
    REQUIRE(size > 0);
    const std::unique_ptr<unsigned char, FreeWith<free_openssl_memory>> owner(der);
    return {der, der + size};
  }
  Bytes sign(ByteView digest) const {
    const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
    REQUIRE(EVP_PKEY_sign_init(context.get()) == 1);
    Bytes signature(80);
    std::size_t size = signature.size();
    REQUIRE(EVP_PKEY_sign(context.get(), signature.data(), &size, digest.data(), digest.size()) == 1);
    signature.resize(size);
    return signature;
  }
};

}  // namespace

TEST_CASE("quick ECDSA: says yes to thousands of good signatures, and to none that belongs to another") {
  std::mt19937 random(20260901);
  for (int keys = 0; keys < 4; ++keys) {
    const Signer signer;
    Both both(signer.spki());
    Bytes before = signer.sign(Bytes(32, 1));
    for (int i = 0; i < 900; ++i) {
      const std::array<std::size_t, 4> sizes{32, 48, 64, 20};  // SHA-256, -384, -512, -1
      const Bytes digest = random_octets(random, sizes[static_cast<std::size_t>(i) % 4]);
      const Bytes signature = signer.sign(digest);
      REQUIRE(both.quick->surely_good(digest, signature));
      REQUIRE_FALSE(both.quick->surely_good(digest, before));
      before = signature;
    }
    REQUIRE(both.good(Bytes(32, 7), signer.sign(Bytes(32, 7))));
    REQUIRE_FALSE(both.good(Bytes(32, 7), Signer().sign(Bytes(32, 7))));
  }
}

TEST_CASE("quick ECDSA: any one bit changed gets OpenSSL's answer") {
  std::mt19937 random(1);
  const Signer signer;
  Both both(signer.spki());
  const Bytes digest = random_octets(random, 48);
  const Bytes signature = signer.sign(digest);
  REQUIRE(both.good(digest, signature));
  for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
    Bytes changed = signature;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    CAPTURE(bit);
    CHECK_FALSE(both.good(digest, changed));
  }
  for (std::size_t bit = 0; bit < digest.size() * 8; ++bit) {
    Bytes changed = digest;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    CAPTURE(bit);
    // Of a longer digest the leftmost 256 bits count.
    CHECK(both.good(changed, signature) == (bit >= 256));
  }
}

TEST_CASE("quick ECDSA: numbers out of range, and other encodings of good ones") {
  const Curve curve;
  const Signer signer;
  Both both(signer.spki());
  const Bytes digest(32, 0x5a);
  const Bytes good = signer.sign(digest);
  const unsigned char* at = good.data();
  const std::unique_ptr<ECDSA_SIG, FreeWith<ECDSA_SIG_free>> parts(
      d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(good.size())));
  const BIGNUM* r = ECDSA_SIG_get0_r(parts.get());
  const BIGNUM* s = ECDSA_SIG_get0_s(parts.get());
  REQUIRE(both.good(digest, signature_of(r, s)));

  const Number zero = curve.number(0);
  const Number n_less_s = curve.minus(curve.n(), s);
  CHECK(both.good(digest, signature_of(r, n_less_s.get())));  // ECDSA allows both
  const Number minus_r = curve.minus(zero.get(), r);
  const Number minus_s = curve.minus(zero.get(), s);
  const Number r_plus_n = curve.plus(r, curve.n());
  const Number s_plus_n = curve.plus(s, curve.n());
  const Number r_less_n = curve.minus(r, curve.n());
  const Number s_less_n = curve.minus(s, curve.n());
  const std::vector<std::pair<const BIGNUM*, const BIGNUM*>> wrong{{zero.get(), s},
                                                                   {r, zero.get()},
                                                                   {zero.get(), zero.get()},
                                                                   {curve.n(), s},
                                                                   {r, curve.n()},
                                                                   {minus_r.get(), s},
                                                                   {r, minus_s.get()},
                                                                   {minus_r.get(), minus_s.get()},
                                                                   {r_plus_n.get(), s},
                                                                   {r, s_plus_n.get()},
                                                                   {r_less_n.get(), s},
                                                                   {r, s_less_n.get()},
                                                                   {s, r}};
  for (std::size_t i = 0; i < wrong.size(); ++i) {
    CAPTURE(i);
    CHECK_FALSE(both.good(digest, signature_of(wrong[i].first, wrong[i].second)));
    CHECK_FALSE(both.good(Bytes(32), signature_of(wrong[i].first, wrong[i].second)));
  }

  const Bytes r_element = integer_element(r);
  const Bytes s_element = integer_element(s);
  const Bytes body = der::join({r_element, s_element});
  const Bytes zero_octet{0};
  const auto size = static_cast<std::uint8_t>(body.size());
  const Bytes s_longer = der::tlv(der::integer_tag, join(Bytes{0, 0}, octets_of(s)));
  const std::vector<Bytes> encodings{
      {},
      {0x30},
      {0x30, 0},
      join(good, zero_octet),                             // octets behind it
      der::sequence({r_element, s_element, zero_octet}),  // and in it
      der::sequence({r_element, s_element, der::null()}),
      der::sequence({r_element}),
      der::sequence({s_element, r_element}),
      der::sequence({r_element, s_longer}),              // more zeros than the sign needs
      join(Bytes{0x30, 0x81, size}, body),               // a length that is longer than needed
      join(Bytes{0x30, 0x80}, join(body, Bytes{0, 0})),  // and one that is not told
      join(Bytes{0x31, size}, body),
      Bytes(good.begin(), good.end() - 1),
      der::sequence({der::tlv(der::octet_string_tag, octets_of(r)), s_element}),
      der::sequence({der::tlv(der::integer_tag, Bytes{}), s_element}),
      join(octets_of(r), octets_of(s))};
  for (std::size_t i = 0; i < encodings.size(); ++i) {
    CAPTURE(i);
    CHECK_FALSE(both.good(digest, encodings[i]));
  }
}

TEST_CASE("quick ECDSA: where the two products are equal, opposite or nothing") {
  const Curve curve;
  const Signer signer;
  Both both(signer.spki());
  const Number d = curve.number(signer.key.get(), OSSL_PKEY_PARAM_PRIV_KEY);
  const Number k = curve.number(123'456'789);
  const Number r = curve.x_of(curve.times_generator(k.get()).get());
  const Number rd = curve.times(r.get(), d.get());
  const Number one_by_k = curve.inverse(k.get());
  const Bytes nothing(32);

  SUBCASE("e = 0: the whole sum comes from the key") {
    const Number s = curve.times(rd.get(), one_by_k.get());
    CHECK(both.good(nothing, signature_of(r.get(), s.get())));
    CHECK(both.good({}, signature_of(r.get(), s.get())));
    CHECK_FALSE(both.good(Bytes(32, 1), signature_of(r.get(), s.get())));
  }
  SUBCASE("e = n is 0 too") {
    const Number s = curve.times(rd.get(), one_by_k.get());
    CHECK(both.good(octets_of(curve.n()), signature_of(r.get(), s.get())));
  }
  SUBCASE("e = rd: twice the same point") {
    const Number twice = curve.plus(rd.get(), rd.get());
    const Number s = curve.times(twice.get(), one_by_k.get());
    CHECK(both.good(octets_of(rd.get()), signature_of(r.get(), s.get())));
  }
  SUBCASE("e = -rd: the point at infinity is nobody's signature") {
    const Number e = curve.minus(curve.n(), rd.get());
    for (unsigned long s = 1; s < 20; ++s)
      CHECK_FALSE(both.good(octets_of(e.get()), signature_of(r.get(), curve.number(s).get())));
  }
}

TEST_CASE("quick ECDSA: the generator as key, its opposite, its double") {
  const Curve curve;
  const Number one = curve.number(1);
  const Number two = curve.number(2);
  const Number last = curve.minus(curve.n(), one.get());
  for (const BIGNUM* d : {one.get(), two.get(), last.get()}) {
    Both both(curve.spki(curve.times_generator(d).get()));
    for (unsigned long i = 1; i < 50; ++i) {
      const Number k = curve.number(i * 7919);
      const Number e = curve.number(i * 31);
      const Number r = curve.x_of(curve.times_generator(k.get()).get());
      const Number rd = curve.times(r.get(), d);
      const Number sum = curve.plus(e.get(), rd.get());
      const Number one_by_k = curve.inverse(k.get());
      const Number s = curve.times(sum.get(), one_by_k.get());
      CHECK(both.good(octets_of(e.get()), signature_of(r.get(), s.get())));
      CHECK_FALSE(both.good(octets_of(e.get()), signature_of(s.get(), r.get())));
    }
  }
}

TEST_CASE("quick ECDSA: no tables for any other key") {
  const Curve curve;
  const Bytes good = TestKey::ec().spki();
  REQUIRE(QuickEcdsa::make(good));
  CHECK_FALSE(QuickEcdsa::make({}));
  CHECK_FALSE(QuickEcdsa::make(TestKey::rsa().spki()));
  CHECK_FALSE(QuickEcdsa::make(TestKey::ec("P-384").spki()));
  CHECK_FALSE(QuickEcdsa::make(TestKey::ed25519().spki()));
  CHECK_FALSE(QuickEcdsa::make(join(good, Bytes{0})));
  CHECK_FALSE(QuickEcdsa::make(ByteView(good).first(good.size() - 1)));
  Bytes off_the_curve = good;
  off_the_curve.back() ^= 1;
  CHECK_FALSE(QuickEcdsa::make(off_the_curve));
  Bytes other_form = good;
  other_form[26] = 6;  // hybrid
  CHECK_FALSE(QuickEcdsa::make(other_form));
  const Number seven = curve.number(7);
  CHECK_FALSE(
      QuickEcdsa::make(curve.spki(curve.times_generator(seven.get()).get(), POINT_CONVERSION_COMPRESSED)));
}
