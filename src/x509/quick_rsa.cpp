// RSA is deprecated since OpenSSL 3.0; decoding a key as EVP_PKEY costs more than a check with it.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "src/x509/quick_rsa.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include <openssl/bn.h>
#include <openssl/rsa.h>

#include "src/base/openssl_handles.h"

namespace chaintier {

namespace {

using BnCtxPtr = std::unique_ptr<BN_CTX, FreeWith<BN_CTX_free>>;
using MontgomeryPtr = std::unique_ptr<BN_MONT_CTX, FreeWith<BN_MONT_CTX_free>>;
using RsaPtr = std::unique_ptr<RSA, FreeWith<RSA_free>>;

constexpr int least_bits = 1024, most_bits = 4096;
constexpr int squarings = 16;  // 65537 is 2^16 + 1

// What stands before a digest, RFC 8017 9.2 note 1: the DER of DigestInfo as far as to its octets. The hashes
// differ in the last arc of their identifier and in lengths.
using DigestHead = std::array<std::uint8_t, 19>;
std::optional<DigestHead> head_of(std::size_t digest_octets) {
  const std::uint8_t arc = digest_octets == 32 ? 1 : digest_octets == 48 ? 2 : digest_octets == 64 ? 3 : 0;
  if (arc == 0) return std::nullopt;
  DigestHead head{0x30, 0, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                  0x65, 3, 0x04, 0x02, 0,    0x05, 0x00, 0x04, 0};
  head[1] = static_cast<std::uint8_t>(17 + digest_octets);
  head[14] = arc;
  head[18] = static_cast<std::uint8_t>(digest_octets);
  return head;
}

// EMSA-PKCS1-v1_5 (9.2): 00 01 ff ... ff 00, DigestInfo. As in 8.2.2, the whole is compared.
bool is_encoding(ByteView encoded, ByteView digest) {
  constexpr std::size_t least_padding = 8;
  const auto head = head_of(digest.size());
  if (!head || encoded.size() < 3 + least_padding + head->size() + digest.size()) return false;
  const ByteView padding = encoded.subspan(2, encoded.size() - 3 - head->size() - digest.size());
  const ByteView rest = encoded.subspan(2 + padding.size());
  return encoded[0] == 0 && encoded[1] == 1 &&
         std::ranges::all_of(padding, [](std::uint8_t octet) { return octet == 0xff; }) && rest[0] == 0 &&
         std::ranges::equal(rest.subspan(1, head->size()), *head) &&
         std::ranges::equal(rest.last(digest.size()), digest);
}

}  // namespace

struct QuickRsa::Numbers {
  BignumPtr modulus;
  MontgomeryPtr montgomery{BN_MONT_CTX_new()};
  BnCtxPtr context{BN_CTX_new()};
  BignumPtr signature{BN_new()}, power{BN_new()};
  Bytes encoded;

  bool fill(ByteView key) {
    const unsigned char* at = key.data();
    const RsaPtr decoded(d2i_RSAPublicKey(nullptr, &at, static_cast<long>(key.size())));
    if (!decoded || at != key.data() + key.size()) return false;
    const BIGNUM* n = RSA_get0_n(decoded.get());
    const int bits = BN_num_bits(n);
    if (BN_get_word(RSA_get0_e(decoded.get())) != RSA_F4 || !BN_is_odd(n) || bits < least_bits ||
        bits > most_bits)
      return false;
    modulus.reset(BN_dup(n));
    encoded.resize(static_cast<std::size_t>(BN_num_bytes(n)));
    return modulus && montgomery && context && signature && power &&
           BN_MONT_CTX_set(montgomery.get(), modulus.get(), context.get()) == 1;
  }

  bool multiply(BIGNUM* result, const BIGNUM* a, const BIGNUM* b) {
    return BN_mod_mul_montgomery(result, a, b, montgomery.get(), context.get()) == 1;
  }

  // Of the two factors of the last product only one is in Montgomery's form, so that the product is not.
  bool raise() {
    if (BN_to_montgomery(power.get(), signature.get(), montgomery.get(), context.get()) != 1) return false;
    for (int i = 0; i < squarings; ++i)
      if (!multiply(power.get(), power.get(), power.get())) return false;
    return multiply(power.get(), power.get(), signature.get());
  }
};

std::optional<QuickRsa> QuickRsa::make(ByteView key) {
  const ErrorQueueScope errors;
  auto numbers = std::make_unique<Numbers>();
  if (!numbers->fill(key)) return std::nullopt;
  return QuickRsa(std::move(numbers));
}

QuickRsa::QuickRsa(std::unique_ptr<Numbers> numbers) : numbers_(std::move(numbers)) {}
QuickRsa::~QuickRsa() = default;
QuickRsa::QuickRsa(QuickRsa&&) noexcept = default;
QuickRsa& QuickRsa::operator=(QuickRsa&&) noexcept = default;

ByteView QuickRsa::encoded_in(ByteView signature) {
  Numbers& with = *numbers_;
  const int octets = static_cast<int>(with.encoded.size());
  const bool done = signature.size() == with.encoded.size() &&
                    BN_bin2bn(signature.data(), octets, with.signature.get()) &&
                    BN_ucmp(with.signature.get(), with.modulus.get()) < 0 && with.raise() &&
                    BN_bn2binpad(with.power.get(), with.encoded.data(), octets) == octets;
  return done ? ByteView(with.encoded) : ByteView{};
}

bool QuickRsa::surely_good(ByteView digest, ByteView signature) {
  const ErrorQueueScope errors;
  return is_encoding(encoded_in(signature), digest);
}

}  // namespace chaintier
