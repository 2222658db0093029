#include "src/x509/almost_inverse.h"

#include <bit>
#include <random>

#include <doctest/doctest.h>
#include <openssl/bn.h>

#include "src/base/openssl_handles.h"

using namespace chaintier;

namespace {

using Number = BignumPtr;
using Context = std::unique_ptr<BN_CTX, FreeWith<BN_CTX_free>>;

// The order of P-256 and its prime (SP 800-186 3.2.1.3), and the largest prime below 2^256.
constexpr Words256 order{0xf3b9cac2fc632551, 0xbce6faada7179e84, 0xffffffffffffffff, 0xffffffff00000000};
constexpr Words256 prime{0xffffffffffffffff, 0x00000000ffffffff, 0, 0xffffffff00000001};
constexpr Words256 largest{0xffffffffffffff43, ~0ULL, ~0ULL, ~0ULL};

Number number(const Words256& words) {
  Number result(BN_new());
  for (int i = 3; i >= 0; --i) {
    BN_lshift(result.get(), result.get(), 64);
    Number word(BN_new());
    BN_set_word(word.get(), words[static_cast<std::size_t>(i)]);
    BN_add(result.get(), result.get(), word.get());
  }
  return result;
}

void holds(const Words256& a, const Words256& modulus) {
  const AlmostInverse almost = almost_inverse(a, modulus);
  const Context context(BN_CTX_new());
  const Number n = number(modulus);
  const Number value = number(almost.value);
  REQUIRE(almost.twos <= 512);
  CHECK(BN_cmp(value.get(), n.get()) < 0);
  const Number product(BN_new());
  const Number power(BN_new());
  BN_mod_mul(product.get(), value.get(), number(a).get(), n.get(), context.get());
  BN_set_bit(power.get(), static_cast<int>(almost.twos));
  BN_add(product.get(), product.get(), power.get());
  CHECK(BN_nnmod(power.get(), product.get(), n.get(), context.get()) == 1);
  CHECK(BN_is_zero(power.get()));
}

Words256 less(Words256 from, std::uint64_t word) {
  from[0] -= word;  // none of the moduli has so small a lowest word
  return from;
}

}  // namespace

TEST_CASE("almost inverse: random numbers") {
  std::mt19937_64 random(20261123);
  for (const Words256& modulus : {order, prime, largest})
    for (int i = 0; i < 3000; ++i) {
      Words256 a{random(), random(), random(), random() >> 1};
      if (i % 3 == 0) a[3] = 0;
      if (i % 5 == 0) a[2] = a[3] = 0;
      if (i % 7 == 0) a[0] = 0;
      if (a == Words256{}) continue;
      holds(a, modulus);
    }
}

TEST_CASE("almost inverse: one, the last number, every power of two and what stands beside it") {
  for (const Words256& modulus : {order, prime, largest}) {
    for (std::uint64_t i = 1; i < 100; ++i) {
      holds({i}, modulus);
      holds(less(modulus, i), modulus);
    }
    for (std::size_t bit = 0; bit < 255; ++bit) {
      Words256 power{};
      power[bit / 64] = std::uint64_t{1} << bit % 64;
      holds(power, modulus);
      power[0] |= 1;
      holds(power, modulus);
    }
  }
}

TEST_CASE("almost inverse: small moduli") {
  for (const std::uint64_t modulus : {3U, 5U, 7U, 65'537U})
    for (std::uint64_t a = 1; a < std::min<std::uint64_t>(modulus, 300); ++a) holds({a}, {modulus});
}
