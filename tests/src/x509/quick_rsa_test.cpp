#define OPENSSL_SUPPRESS_DEPRECATED

#include "src/x509/quick_rsa.h"

#include <memory>
#include <random>
#include <vector>

#include <doctest/doctest.h>
#include <openssl/bn.h>
#include <openssl/rsa.h>

#include "src/base/openssl_handles.h"
#include "tests/support/chain_builder.h"

using namespace chaintier;

namespace {

using RsaPtr = std::unique_ptr<RSA, FreeWith<RSA_free>>;

RsaPtr generated(int bits, unsigned long exponent = RSA_F4) {
  RsaPtr key(RSA_new());
  const BignumPtr e(BN_new());
  BN_set_word(e.get(), exponent);
  REQUIRE(RSA_generate_key_ex(key.get(), bits, e.get(), nullptr) == 1);
  return key;
}

Bytes public_part(const RSA* key) {
  unsigned char* der = nullptr;
  const int size = i2d_RSAPublicKey(key, &der);
  REQUIRE(size > 0);
  const std::unique_ptr<unsigned char, FreeWith<free_openssl_memory>> owner(der);
  return {der, der + size};
}

// A key, OpenSSL's answer and ours.
struct Signer {
  explicit Signer(int bits) : key(generated(bits)), quick(QuickRsa::make(public_part(key.get()))) {
    REQUIRE(quick);
  }

  Bytes sign(int hash, ByteView digest) const {
    Bytes signature(static_cast<std::size_t>(RSA_size(key.get())));
    unsigned int size = 0;
    REQUIRE(RSA_sign(hash, digest.data(), static_cast<unsigned int>(digest.size()), signature.data(), &size,
                     key.get()) == 1);
    return signature;
  }
  // What says `encoded` when it is raised, whatever that is.
  Bytes signature_saying(ByteView encoded) const {
    Bytes signature(encoded.size());
    REQUIRE(RSA_private_encrypt(static_cast<int>(encoded.size()), encoded.data(), signature.data(), key.get(),
                                RSA_NO_PADDING) > 0);
    return signature;
  }
  bool openssl(int hash, ByteView digest, ByteView signature) const {
    const ErrorQueueScope errors;
    return RSA_verify(hash, digest.data(), static_cast<unsigned int>(digest.size()), signature.data(),
                      static_cast<unsigned int>(signature.size()), key.get()) == 1;
  }
  bool good(int hash, ByteView digest, ByteView signature) {
    const bool expected = openssl(hash, digest, signature);
    CHECK(quick->surely_good(digest, signature) == expected);
    return expected;
  }

  RsaPtr key;
  std::optional<QuickRsa> quick;
};

struct Hash {
  int id;
  std::size_t octets;
};
constexpr Hash hashes[] = {{NID_sha256, 32}, {NID_sha384, 48}, {NID_sha512, 64}};

// 00 01, `padding`, 00, `info`
Bytes encoding(const Bytes& padding, const Bytes& info) {
  return der::join({Bytes{0, 1}, padding, Bytes{0}, info});
}

Bytes digest_info(const Bytes& algorithm, const Bytes& digest) {
  return der::sequence({algorithm, der::octet_string(digest)});
}

}  // namespace

TEST_CASE("quick RSA: good signatures and changed ones") {
  std::mt19937 random(1);
  for (const int bits : {1024, 1025, 2048, 3072, 4096}) {
    CAPTURE(bits);
    Signer signer(bits);
    for (const Hash& hash : hashes) {
      Bytes digest(hash.octets);
      for (std::uint8_t& octet : digest) octet = static_cast<std::uint8_t>(random());
      const Bytes signature = signer.sign(hash.id, digest);
      CHECK(signer.good(hash.id, digest, signature));
      for (int i = 0; i < 8; ++i) {
        Bytes changed = signature;
        changed[random() % changed.size()] ^= static_cast<std::uint8_t>(1u << random() % 8);
        CHECK_FALSE(signer.good(hash.id, digest, changed));
        Bytes other = digest;
        other[random() % other.size()] ^= 1;
        CHECK_FALSE(signer.good(hash.id, other, signature));
      }
    }
  }
}

TEST_CASE("quick RSA: an encoding is the whole of the octets") {
  Signer signer(2048);
  const Bytes digest(32, 0x5a);
  const Bytes sha256 = der::sequence({der::oid("2.16.840.1.101.3.4.2.1"), der::null()});
  const Bytes info = digest_info(sha256, digest);
  const std::size_t room = 256 - 3 - info.size();
  CHECK(signer.good(NID_sha256, digest, signer.signature_saying(encoding(Bytes(room, 0xff), info))));

  // Short padding, and room after the digest for what makes the number a cube (CVE-2006-4339).
  CHECK_FALSE(
      signer.good(NID_sha256, digest,
                  signer.signature_saying(der::join({encoding(Bytes(8, 0xff), info), Bytes(room - 8, 0)}))));
  Bytes gap(room, 0xff);
  gap[room / 2] = 0;
  CHECK_FALSE(signer.good(NID_sha256, digest, signer.signature_saying(encoding(gap, info))));
  Bytes type_2 = encoding(Bytes(room, 0xff), info);
  type_2[1] = 2;
  CHECK_FALSE(signer.good(NID_sha256, digest, signer.signature_saying(type_2)));
  Bytes high = encoding(Bytes(room, 0xff), info);
  high[2 + room] = 1;
  CHECK_FALSE(signer.good(NID_sha256, digest, signer.signature_saying(high)));
  // Without the NULL, with another hash of that size, and with a longer DigestInfo.
  const Bytes bare = digest_info(der::sequence({der::oid("2.16.840.1.101.3.4.2.1")}), digest);
  CHECK_FALSE(
      signer.good(NID_sha256, digest, signer.signature_saying(encoding(Bytes(room + 2, 0xff), bare))));
  const Bytes sha3 = digest_info(der::sequence({der::oid("2.16.840.1.101.3.4.2.8"), der::null()}), digest);
  CHECK_FALSE(signer.good(NID_sha256, digest, signer.signature_saying(encoding(Bytes(room, 0xff), sha3))));
  const Bytes longer = der::sequence({sha256, der::octet_string(digest), der::null()});
  CHECK_FALSE(
      signer.good(NID_sha256, digest, signer.signature_saying(encoding(Bytes(room - 2, 0xff), longer))));
  CHECK_FALSE(signer.quick->surely_good(Bytes(20, 0x5a), signer.sign(NID_sha1, Bytes(20, 0x5a))));
  CHECK_FALSE(signer.quick->surely_good({}, signer.sign(NID_sha256, digest)));
}

TEST_CASE("quick RSA: a signature is a number below the modulus, with all its octets") {
  Signer signer(2048);
  const Bytes digest(32, 7);
  const Bytes signature = signer.sign(NID_sha256, digest);
  CHECK(signer.quick->encoded_in(signature).size() == 256);
  CHECK(signer.quick->encoded_in(der::join({Bytes{0}, signature})).empty());
  CHECK(signer.quick->encoded_in(ByteView(signature).first(255)).empty());
  CHECK(signer.quick->encoded_in({}).empty());
  CHECK(signer.quick->encoded_in(Bytes(256, 0xff)).empty());
  Bytes modulus(256);
  REQUIRE(BN_bn2binpad(RSA_get0_n(signer.key.get()), modulus.data(), 256) == 256);
  CHECK(signer.quick->encoded_in(modulus).empty());
  const ByteView zero = signer.quick->encoded_in(Bytes(256, 0));
  CHECK(Bytes(zero.begin(), zero.end()) == Bytes(256, 0));
  CHECK(signer.good(NID_sha256, digest, signature));
}

TEST_CASE("quick RSA: only for keys that are like nearly all") {
  const Bytes key = public_part(generated(2048).get());
  CHECK(QuickRsa::make(key));
  CHECK_FALSE(QuickRsa::make(public_part(generated(2048, 3).get())));
  CHECK_FALSE(QuickRsa::make(public_part(generated(1023).get())));
  CHECK_FALSE(QuickRsa::make(der::join({key, Bytes{0}})));
  CHECK_FALSE(QuickRsa::make(ByteView(key).first(key.size() - 1)));
  CHECK_FALSE(QuickRsa::make({}));
  const Bytes exponent = der::integer(65537);
  const auto with_modulus = [&](std::size_t octets, std::uint8_t first, std::uint8_t last) {
    Bytes modulus(octets, 0x55);
    modulus.front() = first;
    modulus.back() = last;
    return der::sequence({der::tlv(0x02, modulus), exponent});
  };
  CHECK(QuickRsa::make(with_modulus(256, 0x55, 0x55)));
  CHECK_FALSE(QuickRsa::make(with_modulus(256, 0x55, 0x54)));  // even
  CHECK_FALSE(QuickRsa::make(with_modulus(513, 0x01, 0x55)));  // 4097 bits
}
