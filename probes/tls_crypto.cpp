#include "probes/tls_crypto.h"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "probes/tls_encoding.h"
#include "probes/tls_numbers.h"
#include "src/base/openssl_handles.h"

namespace chaintier {
namespace {

using EvpCipherPtr = std::unique_ptr<EVP_CIPHER, FreeWith<EVP_CIPHER_free>>;
using EvpCipherCtxPtr = std::unique_ptr<EVP_CIPHER_CTX, FreeWith<EVP_CIPHER_CTX_free>>;

constexpr std::array<CipherSuite, 9> suites{{
    {0x1301, "TLS_AES_128_GCM_SHA256", tls::version::tls13, TlsHash::sha256, Aead::aes_128_gcm, 16, false},
    {0x1302, "TLS_AES_256_GCM_SHA384", tls::version::tls13, TlsHash::sha384, Aead::aes_256_gcm, 32, false},
    {0x1303, "TLS_CHACHA20_POLY1305_SHA256", tls::version::tls13, TlsHash::sha256, Aead::chacha20_poly1305,
     32, false},
    {0xc02b, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", tls::version::tls12, TlsHash::sha256,
     Aead::aes_128_gcm, 16, true},
    {0xc02c, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", tls::version::tls12, TlsHash::sha384,
     Aead::aes_256_gcm, 32, true},
    {0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", tls::version::tls12, TlsHash::sha256, Aead::aes_128_gcm,
     16, false},
    {0xc030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", tls::version::tls12, TlsHash::sha384, Aead::aes_256_gcm,
     32, false},
    {0xcca8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", tls::version::tls12, TlsHash::sha256,
     Aead::chacha20_poly1305, 32, false},
    {0xcca9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", tls::version::tls12, TlsHash::sha256,
     Aead::chacha20_poly1305, 32, true},
}};
constexpr std::array hash_names{"SHA2-256", "SHA2-384"};
constexpr std::array cipher_names{"AES-128-GCM", "AES-256-GCM", "ChaCha20-Poly1305"};

template <class Enum>
constexpr std::size_t index(Enum value) {
  return static_cast<std::size_t>(value);
}

void must(bool done, std::string_view what) {
  if (!done) throw std::runtime_error(fmt::format("OpenSSL refused {}", what));
}

int size_of(ByteView octets) { return static_cast<int>(octets.size()); }

}  // namespace

const CipherSuite* cipher_suite(std::uint16_t code) {
  const auto found = std::ranges::find(suites, code, &CipherSuite::code);
  return found == suites.end() ? nullptr : &*found;
}

Secret secret_of(ByteView octets) {
  Secret secret;
  must(octets.size() <= secret.octets.size(), "a secret that long");
  secret.size = octets.size();
  std::ranges::copy(octets, secret.octets.begin());
  return secret;
}

// Fetched once: to look up an algorithm costs as much as to use it.
struct TlsCrypto::State {
  std::array<EvpMdPtr, 2> digests;
  std::array<Secret, 2> digests_of_nothing, handshake_salts;
  std::array<EvpCipherPtr, 3> ciphers;
  EvpMdCtxPtr digest{EVP_MD_CTX_new()};
  EvpCipherCtxPtr cipher{EVP_CIPHER_CTX_new()};

  Secret digest_of(TlsHash hash, ByteView first, ByteView second) {
    Secret out;
    unsigned int size = 0;
    must(EVP_DigestInit_ex2(digest.get(), digests[index(hash)].get(), nullptr) == 1 &&
             EVP_DigestUpdate(digest.get(), first.data(), first.size()) == 1 &&
             EVP_DigestUpdate(digest.get(), second.data(), second.size()) == 1 &&
             EVP_DigestFinal_ex(digest.get(), out.octets.data(), &size) == 1,
         "a digest");
    out.size = size;
    return out;
  }

  // RFC 2104 2, for a key that is no longer than the hash's block. OpenSSL's own takes some 40 % longer, and a
  // handshake needs twenty.
  Secret mac(TlsHash hash, const Secret& key, ByteView data) {
    constexpr std::uint8_t inner = 0x36, outer = 0x5c;
    std::array<std::uint8_t, 128> block{};
    const ByteView pad(block.data(), hash == TlsHash::sha256 ? 64 : 128);
    std::ranges::copy(key.view(), block.begin());
    for (std::uint8_t& octet : block) octet ^= inner;
    const Secret within = digest_of(hash, pad, data);
    for (std::uint8_t& octet : block) octet ^= inner ^ outer;
    const Secret out = digest_of(hash, pad, within.view());
    OPENSSL_cleanse(block.data(), block.size());
    return out;
  }
};

TlsCrypto::TlsCrypto() : state_(std::make_unique<State>()) {
  must(state_->digest && state_->cipher, "a context");
  for (std::size_t i = 0; i < hash_names.size(); ++i) {
    state_->digests[i].reset(EVP_MD_fetch(nullptr, hash_names[i], nullptr));
    must(state_->digests[i] != nullptr, hash_names[i]);
  }
  for (std::size_t i = 0; i < cipher_names.size(); ++i) {
    state_->ciphers[i].reset(EVP_CIPHER_fetch(nullptr, cipher_names[i], nullptr));
    must(state_->ciphers[i] != nullptr, cipher_names[i]);
  }
  for (const TlsHash hash : {TlsHash::sha256, TlsHash::sha384}) {
    const Secret empty = state_->digests_of_nothing[index(hash)] = digest(hash, {});
    const Secret early = extract(hash, zeros(hash), zeros(hash));
    state_->handshake_salts[index(hash)] = derive(hash, early, "derived", empty);
  }
}

TlsCrypto::~TlsCrypto() = default;

Secret TlsCrypto::digest(TlsHash hash, ByteView data) { return state_->digest_of(hash, data, {}); }

Secret TlsCrypto::zeros(TlsHash hash) {
  Secret none;
  none.size = hash == TlsHash::sha256 ? 32 : 48;
  return none;
}

const Secret& TlsCrypto::handshake_salt(TlsHash hash) const { return state_->handshake_salts[index(hash)]; }

Secret TlsCrypto::extract(TlsHash hash, const Secret& salt, const Secret& keying_material) {
  return state_->mac(hash, salt, keying_material.view());
}

// HKDF-Expand (RFC 5869 2.3) ends with its first block here.
Secret TlsCrypto::expand_label(TlsHash hash, const Secret& secret, std::string_view label, ByteView context,
                               std::size_t octets) {
  constexpr std::string_view prefix = "tls13 ";
  std::array<std::uint8_t, 96> info;
  must(octets < 256 && prefix.size() + label.size() + context.size() + 5 <= info.size(), "a label that long");
  auto at = info.begin();
  const auto put = [&at](std::size_t number) { *at++ = static_cast<std::uint8_t>(number); };
  put(0);
  put(octets);
  put(prefix.size() + label.size());
  at = std::ranges::copy(prefix, at).out;
  at = std::ranges::copy(label, at).out;
  put(context.size());
  at = std::ranges::copy(context, at).out;
  put(1);
  Secret expanded = state_->mac(hash, secret, {info.begin(), at});
  must(octets <= expanded.size, "a secret that long");
  expanded.size = octets;
  return expanded;
}

Secret TlsCrypto::derive_next(TlsHash hash, const Secret& secret) {
  return derive(hash, secret, "derived", state_->digests_of_nothing[index(hash)]);
}

Secret TlsCrypto::derive(TlsHash hash, const Secret& secret, std::string_view label,
                         const Secret& transcript) {
  return expand_label(hash, secret, label, transcript.view(), transcript.size);
}

TrafficKeys TlsCrypto::traffic_keys(const CipherSuite& suite, const Secret& traffic_secret) {
  TrafficKeys keys;
  keys.key = expand_label(suite.hash, traffic_secret, "key", {}, suite.key_octets);
  const Secret iv = expand_label(suite.hash, traffic_secret, "iv", {}, keys.iv.size());
  std::ranges::copy(iv.view(), keys.iv.begin());
  return keys;
}

Secret TlsCrypto::finished(TlsHash hash, const Secret& traffic_secret, const Secret& transcript) {
  const Secret key = expand_label(hash, traffic_secret, "finished", {}, transcript.size);
  return state_->mac(hash, key, transcript.view());
}

Bytes TlsCrypto::prf(TlsHash hash, const Secret& secret, std::string_view label, ByteView seed,
                     std::size_t octets) {
  Bytes labelled;
  TlsWriter writer(labelled);
  writer.put(bytes_of(label));
  writer.put(seed);
  Bytes out;
  Secret chain = state_->mac(hash, secret, labelled);  // A(1)
  while (out.size() < octets) {
    Bytes input;
    TlsWriter block(input);
    block.put(chain.view());
    block.put(labelled);
    const Secret part = state_->mac(hash, secret, input);
    out.insert(out.end(), part.view().begin(), part.view().end());
    chain = state_->mac(hash, secret, chain.view());
  }
  out.resize(octets);
  return out;
}

bool TlsCrypto::open(Aead aead, const Secret& key, const Nonce& nonce, ByteView additional, ByteView sealed,
                     Bytes& out) {
  if (sealed.size() < aead_tag) return false;
  const ByteView tag = sealed.last(aead_tag);
  const ByteView text = sealed.first(sealed.size() - aead_tag);
  const std::size_t before = out.size();
  out.resize(before + text.size());
  EVP_CIPHER_CTX* context = state_->cipher.get();
  int size = 0;
  must(EVP_DecryptInit_ex2(context, state_->ciphers[index(aead)].get(), key.octets.data(), nonce.data(),
                           nullptr) == 1 &&
           EVP_DecryptUpdate(context, nullptr, &size, additional.data(), size_of(additional)) == 1,
       cipher_names[index(aead)]);
  const bool good = EVP_DecryptUpdate(context, out.data() + before, &size, text.data(), size_of(text)) == 1 &&
                    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, size_of(tag),
                                        const_cast<std::uint8_t*>(tag.data())) == 1 &&
                    EVP_DecryptFinal_ex(context, out.data() + before + size, &size) == 1;
  if (!good) out.resize(before);
  return good;
}

void TlsCrypto::seal(Aead aead, const Secret& key, const Nonce& nonce, ByteView additional, ByteView plain,
                     Bytes& out) {
  const std::size_t before = out.size();
  out.resize(before + plain.size() + aead_tag);
  std::uint8_t* const sealed = out.data() + before;
  EVP_CIPHER_CTX* context = state_->cipher.get();
  int size = 0;
  must(EVP_EncryptInit_ex2(context, state_->ciphers[index(aead)].get(), key.octets.data(), nonce.data(),
                           nullptr) == 1 &&
           EVP_EncryptUpdate(context, nullptr, &size, additional.data(), size_of(additional)) == 1 &&
           EVP_EncryptUpdate(context, sealed, &size, plain.data(), size_of(plain)) == 1 &&
           EVP_EncryptFinal_ex(context, sealed + size, &size) == 1 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, int{aead_tag}, sealed + plain.size()) == 1,
       cipher_names[index(aead)]);
}

Nonce next_nonce(TrafficKeys& keys) {
  Nonce nonce = keys.iv;
  for (std::size_t i = 0; i < 8; ++i)
    nonce[nonce.size() - 1 - i] ^= static_cast<std::uint8_t>(keys.sequence >> (8 * i));
  ++keys.sequence;
  return nonce;
}

void Transcript::Free::operator()(evp_md_ctx_st* context) const noexcept { EVP_MD_CTX_free(context); }

Transcript::Transcript(TlsCrypto& crypto, TlsHash hash) : crypto_(crypto), context_(EVP_MD_CTX_new()) {
  must(
      context_ && EVP_DigestInit_ex2(context_.get(), crypto.state_->digests[index(hash)].get(), nullptr) == 1,
      "a digest");
}

void Transcript::add(ByteView message) {
  must(EVP_DigestUpdate(context_.get(), message.data(), message.size()) == 1, "a digest");
}

Secret Transcript::so_far() const {
  Secret out;
  unsigned int size = 0;
  EVP_MD_CTX* copy = crypto_.state_->digest.get();
  must(EVP_MD_CTX_copy_ex(copy, context_.get()) == 1 &&
           EVP_DigestFinal_ex(copy, out.octets.data(), &size) == 1,
       "a digest");
  out.size = size;
  return out;
}

struct KeyShare::State {
  Group group;
  EvpPkeyPtr pair, theirs;
  EvpPkeyCtxPtr derivation;
  Bytes public_key;

  bool decode(ByteView key) {
    if (group == Group::x25519) {
      // Such a key is nothing but its octets and can take others.
      if (theirs) return EVP_PKEY_set1_encoded_public_key(theirs.get(), key.data(), key.size()) == 1;
      theirs.reset(EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, key.data(), key.size()));
      return theirs != nullptr;
    }
    theirs.reset(EVP_PKEY_new());
    return theirs && EVP_PKEY_copy_parameters(theirs.get(), pair.get()) == 1 &&
           EVP_PKEY_set1_encoded_public_key(theirs.get(), key.data(), key.size()) == 1;
  }
};

KeyShare::KeyShare(Group group) : state_(std::make_unique<State>()) {
  state_->group = group;
  state_->pair.reset(group == Group::x25519
                         ? EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519")
                         : EVP_PKEY_Q_keygen(nullptr, nullptr, "EC",
                                             group == Group::secp256r1 ? "prime256v1" : "secp384r1"));
  must(state_->pair != nullptr, "a key pair");
  state_->derivation.reset(EVP_PKEY_CTX_new(state_->pair.get(), nullptr));
  unsigned char* encoded = nullptr;
  const std::size_t size = EVP_PKEY_get1_encoded_public_key(state_->pair.get(), &encoded);
  const std::unique_ptr<unsigned char, FreeWith<free_openssl_memory>> owner(encoded);
  must(size > 0 && state_->derivation && EVP_PKEY_derive_init(state_->derivation.get()) == 1, "a key pair");
  state_->public_key.assign(encoded, encoded + size);
}

KeyShare::~KeyShare() = default;

ByteView KeyShare::public_key() const { return state_->public_key; }

std::optional<Secret> KeyShare::shared_with(ByteView their_public_key) {
  Secret out;
  out.size = out.octets.size();
  if (!state_->decode(their_public_key) ||
      EVP_PKEY_derive_set_peer_ex(state_->derivation.get(), state_->theirs.get(), 0) != 1 ||
      EVP_PKEY_derive(state_->derivation.get(), out.octets.data(), &out.size) != 1)
    return std::nullopt;
  return out;
}

std::optional<KeyShare::Group> key_share_group(std::uint16_t named_group) {
  switch (named_group) {
    case tls::group::x25519:
      return KeyShare::Group::x25519;
    case tls::group::secp256r1:
      return KeyShare::Group::secp256r1;
    case tls::group::secp384r1:
      return KeyShare::Group::secp384r1;
    default:
      return std::nullopt;
  }
}

}  // namespace chaintier
