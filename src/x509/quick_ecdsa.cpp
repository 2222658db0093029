// Tables for a generator of one's own are deprecated since OpenSSL 3.0, and nothing has taken their place.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "src/x509/quick_ecdsa.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/obj_mac.h>

#include "src/base/openssl_handles.h"
#include "src/x509/almost_inverse.h"
#include "src/x509/public_key.h"

namespace chaintier {

namespace {

using BnCtxPtr = std::unique_ptr<BN_CTX, FreeWith<BN_CTX_free>>;
using GroupPtr = std::unique_ptr<EC_GROUP, FreeWith<EC_GROUP_free>>;
using PointPtr = std::unique_ptr<EC_POINT, FreeWith<EC_POINT_free>>;
using EcdsaSigPtr = std::unique_ptr<ECDSA_SIG, FreeWith<ECDSA_SIG_free>>;

constexpr std::size_t order_octets = 32;
constexpr int most_twos = 512;  // of an almost inverse

Words256 words_of(const BIGNUM* number) {
  std::array<std::uint8_t, order_octets> octets{};
  BN_bn2lebinpad(number, octets.data(), static_cast<int>(octets.size()));
  Words256 words{};
  for (std::size_t i = 0; i < octets.size(); ++i) words[i / 8] |= std::uint64_t{octets[i]} << i % 8 * 8;
  return words;
}

bool put(const Words256& words, BIGNUM* number) {
  std::array<std::uint8_t, order_octets> octets{};
  for (std::size_t i = 0; i < octets.size(); ++i)
    octets[i] = static_cast<std::uint8_t>(words[i / 8] >> i % 8 * 8);
  return BN_lebin2bn(octets.data(), static_cast<int>(octets.size()), number) != nullptr;
}

// OpenSSL's code for any curve multiplies the generator without tables, and slowly, to keep a secret that
// nobody has here.
bool uses_tables(const EC_GROUP* curve) {
  const EC_METHOD* method = EC_GROUP_method_of(curve);
  return method != EC_GFp_mont_method() && method != EC_GFp_nist_method() && method != EC_GFp_simple_method();
}

// Nothing unless the octets are the DER of the value: BER has further forms of it, which OpenSSL refuses too.
EcdsaSigPtr decode(ByteView signature) {
  const unsigned char* at = signature.data();
  EcdsaSigPtr decoded(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(signature.size())));
  if (!decoded) return nullptr;
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(decoded.get(), &der);
  const std::unique_ptr<unsigned char, FreeWith<free_openssl_memory>> owner(der);
  if (size < 0 || !std::ranges::equal(signature, ByteView(der, static_cast<std::size_t>(size))))
    return nullptr;
  return decoded;
}

}  // namespace

struct QuickEcdsa::Tables {
  GroupPtr curve{EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1)};
  GroupPtr of_key;  // the same with the key Q as its generator
  PointPtr sum, part;
  BnCtxPtr context{BN_CTX_new()};
  BignumPtr field{BN_new()};
  Words256 order_words{};
  BignumPtr out_twos{BN_new()};  // -(2 ^ -most_twos) modulo the order
  BignumPtr e{BN_new()}, w{BN_new()}, u1{BN_new()}, u2{BN_new()}, x{BN_new()}, y{BN_new()}, z{BN_new()};

  const BIGNUM* order() const { return EC_GROUP_get0_order(curve.get()); }

  bool fill(ByteView key) {
    if (!curve || !context || !field || !out_twos || !e || !w || !u1 || !u2 || !x || !y || !z) return false;
    BN_CTX* ctx = context.get();
    of_key.reset(EC_GROUP_dup(curve.get()));
    sum.reset(EC_POINT_new(curve.get()));
    part.reset(EC_POINT_new(curve.get()));
    // EC_POINT_oct2point() refuses what is not on the curve; the cofactor is 1, so the key has the order of
    // the generator (SP 800-186 3.2.1.3).
    return of_key && sum && part && uses_tables(curve.get()) &&
           EC_POINT_oct2point(curve.get(), part.get(), key.data(), key.size(), ctx) == 1 &&
           EC_GROUP_set_generator(of_key.get(), part.get(), order(), BN_value_one()) == 1 &&
           EC_GROUP_precompute_mult(of_key.get(), ctx) == 1 &&
           EC_GROUP_have_precompute_mult(of_key.get()) == 1 &&
           EC_GROUP_get_curve(curve.get(), field.get(), nullptr, nullptr, ctx) == 1 && prepare_inverting();
  }

  bool prepare_inverting() {
    BN_CTX* ctx = context.get();
    order_words = words_of(order());
    return BN_set_bit(out_twos.get(), most_twos) == 1 &&
           BN_mod_inverse(out_twos.get(), out_twos.get(), order(), ctx) &&
           BN_sub(out_twos.get(), order(), out_twos.get()) == 1;
  }

  // The inverse of `s` modulo the order, into w.
  bool invert(const BIGNUM* s) {
    BN_CTX* ctx = context.get();
    const AlmostInverse almost = almost_inverse(words_of(s), order_words);
    return put(almost.value, w.get()) &&
           BN_lshift(w.get(), w.get(), most_twos - static_cast<int>(almost.twos)) == 1 &&
           BN_mod_mul(w.get(), w.get(), out_twos.get(), order(), ctx) == 1;
  }

  bool in_range(const BIGNUM* number) const {
    return !BN_is_zero(number) && !BN_is_negative(number) && BN_cmp(number, order()) < 0;
  }

  // The names are those of SEC 1 4.1.4.
  bool verifies(ByteView digest, const BIGNUM* r, const BIGNUM* s) {
    BN_CTX* ctx = context.get();
    if (!in_range(r) || !in_range(s)) return false;
    const ByteView leftmost = digest.first(std::min(digest.size(), order_octets));
    return BN_bin2bn(leftmost.data(), static_cast<int>(leftmost.size()), e.get()) && invert(s) &&
           BN_mod_mul(u1.get(), e.get(), w.get(), order(), ctx) == 1 &&
           BN_mod_mul(u2.get(), r, w.get(), order(), ctx) == 1 &&
           EC_POINT_mul(curve.get(), sum.get(), u1.get(), nullptr, nullptr, ctx) == 1 &&
           EC_POINT_mul(of_key.get(), part.get(), u2.get(), nullptr, nullptr, ctx) == 1 &&
           EC_POINT_add(curve.get(), sum.get(), sum.get(), part.get(), ctx) == 1 &&
           EC_POINT_is_at_infinity(curve.get(), sum.get()) == 0 && has_x(sum.get(), r);
  }

  // The point is kept as X, Y, Z and has the x-coordinate X / Z^2: comparing X with r Z^2 spares the
  // division. An x-coordinate of r + order is as good (SEC 1 4.1.4 step 7) and too rare to be looked for.
  bool has_x(const EC_POINT* point, const BIGNUM* r) {
    BN_CTX* ctx = context.get();
    return EC_POINT_get_Jprojective_coordinates_GFp(curve.get(), point, x.get(), y.get(), z.get(), ctx) ==
               1 &&
           BN_mod_sqr(z.get(), z.get(), field.get(), ctx) == 1 &&
           BN_mod_mul(z.get(), z.get(), r, field.get(), ctx) == 1 && BN_cmp(x.get(), z.get()) == 0;
  }
};

std::optional<QuickEcdsa> QuickEcdsa::make(ByteView spki) {
  const ErrorQueueScope errors;
  const auto key = p256_point(spki);
  if (!key) return std::nullopt;
  auto tables = std::make_unique<Tables>();
  if (!tables->fill(*key)) return std::nullopt;
  return QuickEcdsa(std::move(tables));
}

QuickEcdsa::QuickEcdsa(std::unique_ptr<Tables> tables) : tables_(std::move(tables)) {}
QuickEcdsa::~QuickEcdsa() = default;
QuickEcdsa::QuickEcdsa(QuickEcdsa&&) noexcept = default;
QuickEcdsa& QuickEcdsa::operator=(QuickEcdsa&&) noexcept = default;

bool QuickEcdsa::surely_good(ByteView digest, ByteView signature) {
  const ErrorQueueScope errors;
  const EcdsaSigPtr decoded = decode(signature);
  return decoded &&
         tables_->verifies(digest, ECDSA_SIG_get0_r(decoded.get()), ECDSA_SIG_get0_s(decoded.get()));
}

}  // namespace chaintier
