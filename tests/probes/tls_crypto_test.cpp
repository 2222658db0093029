#include "probes/tls_crypto.h"

#include <algorithm>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

using namespace chaintier;

namespace {

std::string hex(ByteView octets) { return fmt::format("{:02x}", fmt::join(octets, "")); }

Bytes octets_of(std::string_view text) {
  Bytes out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    out.push_back(static_cast<std::uint8_t>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  return out;
}

}  // namespace

// RFC 8448 3: the part that depends on nobody's keys.
TEST_CASE("TLS crypto: the key schedule of TLS 1.3 begins as published") {
  TlsCrypto crypto;
  const Secret zeros = secret_of(Bytes(32, 0));
  const Secret early = crypto.extract(TlsHash::sha256, zeros, zeros);
  CHECK(hex(early.view()) == "33ad0a1c607ec03b09e6cd9893680ce210adf300aa1f2660e1b22e10f170f92a");
  const Secret empty = crypto.digest(TlsHash::sha256, {});
  CHECK(hex(crypto.derive(TlsHash::sha256, early, "derived", empty).view()) ==
        "6f2615a108c702c5678f54fc9dbab69716c076189c48250cebeac3576c3611ba");
  CHECK(hex(crypto.handshake_salt(TlsHash::sha256).view()) ==
        hex(crypto.derive_next(TlsHash::sha256, early).view()));
  CHECK(hex(crypto.derive_next(TlsHash::sha256, early).view()) ==
        "6f2615a108c702c5678f54fc9dbab69716c076189c48250cebeac3576c3611ba");
  const Secret early_384 =
      crypto.extract(TlsHash::sha384, TlsCrypto::zeros(TlsHash::sha384), TlsCrypto::zeros(TlsHash::sha384));
  CHECK(hex(crypto.handshake_salt(TlsHash::sha384).view()) ==
        hex(crypto.derive_next(TlsHash::sha384, early_384).view()));
}

// RFC 4231 4.3: HKDF-Extract is an HMAC.
TEST_CASE("TLS crypto: HMAC as published") {
  TlsCrypto crypto;
  const Secret key = secret_of(bytes_of("Jefe")), data = secret_of(bytes_of("what do ya want for nothing?"));
  CHECK(hex(crypto.extract(TlsHash::sha256, key, data).view()) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(hex(crypto.extract(TlsHash::sha384, key, data).view()) ==
        "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
        "8e2240ca5e69e2c78b3239ecfab21649");
}

// The test vector of TLS 1.2's PRF with SHA-256 that was published on the TLS working group's list.
TEST_CASE("TLS crypto: the PRF of TLS 1.2") {
  TlsCrypto crypto;
  const Secret secret = secret_of(octets_of("9bbe436ba940f017b17652849a71db35"));
  const Bytes seed = octets_of("a0ba9f936cda311827a6f796ffd5198c");
  CHECK(hex(crypto.prf(TlsHash::sha256, secret, "test label", seed, 100)) ==
        "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a"
        "6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab"
        "4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff701"
        "87347b66");
}

TEST_CASE("TLS crypto: what was sealed opens again, and nothing else does") {
  TlsCrypto crypto;
  const Bytes additional(5, 1), plain(300, 0x42);
  for (const Aead aead : {Aead::aes_128_gcm, Aead::aes_256_gcm, Aead::chacha20_poly1305}) {
    const Secret key = secret_of(Bytes(aead == Aead::aes_128_gcm ? 16 : 32, 7));
    const Nonce nonce{1, 2, 3};
    Bytes sealed;
    crypto.seal(aead, key, nonce, additional, plain, sealed);
    CHECK(sealed.size() == plain.size() + aead_tag);
    Bytes opened{9};
    REQUIRE(crypto.open(aead, key, nonce, additional, sealed, opened));
    CHECK(std::ranges::equal(ByteView(opened).subspan(1), plain));
    for (const std::size_t at : {std::size_t{0}, plain.size() - 1, sealed.size() - 1}) {
      Bytes changed = sealed;
      changed[at] ^= 1;
      Bytes out{9};
      CHECK_FALSE(crypto.open(aead, key, nonce, additional, changed, out));
      CHECK(out == Bytes{9});
    }
    Bytes out;
    CHECK_FALSE(crypto.open(aead, key, nonce, Bytes(5, 2), sealed, out));
    CHECK_FALSE(crypto.open(aead, key, Nonce{1, 2}, additional, sealed, out));
    CHECK_FALSE(crypto.open(aead, key, nonce, additional, ByteView(sealed).first(15), out));
    CHECK(out.empty());
  }
}

TEST_CASE("TLS crypto: key pairs agree, and refuse what is no key") {
  for (const auto group : {KeyShare::Group::x25519, KeyShare::Group::secp256r1, KeyShare::Group::secp384r1}) {
    KeyShare one(group), other(group);
    const auto shared = one.shared_with(other.public_key());
    REQUIRE(shared);
    CHECK(shared->size == (group == KeyShare::Group::secp384r1 ? 48 : 32));
    CHECK(std::ranges::equal(shared->view(), other.shared_with(one.public_key())->view()));
    CHECK_FALSE(one.shared_with({}));
    CHECK_FALSE(one.shared_with(Bytes(other.public_key().size(), 0)));  // of low order; no point
    CHECK_FALSE(one.shared_with(Bytes(other.public_key().size() - 1, 4)));
    Bytes off_curve(other.public_key().begin(), other.public_key().end());
    if (group != KeyShare::Group::x25519) {
      off_curve.back() ^= 1;
      CHECK_FALSE(one.shared_with(off_curve));
    }
    CHECK(one.shared_with(other.public_key()));  // and goes on
  }
  CHECK(key_share_group(0x001d) == KeyShare::Group::x25519);
  CHECK_FALSE(key_share_group(0x0019));
}
