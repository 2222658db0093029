// EC_KEY and RSA are deprecated since OpenSSL 3.0. Here most keys check one signature, and what an EVP_PKEY
// needs before that (decoding, an export to the provider, contexts) costs a good part of the check itself, or
// more.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "probes/key_proof.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "probes/tls_encoding.h"
#include "src/base/openssl_handles.h"
#include "src/x509/often_used_keys.h"
#include "src/x509/public_key.h"
#include "src/x509/quick_rsa.h"

namespace chaintier {
namespace {

using EcKeyPtr = std::unique_ptr<EC_KEY, FreeWith<EC_KEY_free>>;
using RsaPtr = std::unique_ptr<RSA, FreeWith<RSA_free>>;

enum class Padding { none, pkcs1, pss };

constexpr std::array digest_names{"SHA2-256", "SHA2-384", "SHA2-512"};

// SignatureScheme, RFC 8446 4.2.3: those that a leaf of a CA has a key for, without SHA-1.
struct Scheme {
  std::uint16_t code;
  int key;                 // EVP_PKEY_...
  std::string_view curve;  // of ECDSA; it belongs to the scheme in TLS 1.3 only
  Padding padding;
  std::size_t digest;  // of digest_names
};
constexpr std::array<Scheme, 9> schemes{{
    {0x0403, EVP_PKEY_EC, "P-256", Padding::none, 0},
    {0x0503, EVP_PKEY_EC, "P-384", Padding::none, 1},
    {0x0603, EVP_PKEY_EC, "P-521", Padding::none, 2},
    {0x0804, EVP_PKEY_RSA, {}, Padding::pss, 0},
    {0x0805, EVP_PKEY_RSA, {}, Padding::pss, 1},
    {0x0806, EVP_PKEY_RSA, {}, Padding::pss, 2},
    {0x0401, EVP_PKEY_RSA, {}, Padding::pkcs1, 0},
    {0x0501, EVP_PKEY_RSA, {}, Padding::pkcs1, 1},
    {0x0601, EVP_PKEY_RSA, {}, Padding::pkcs1, 2},
}};

struct Signature {
  const Scheme* scheme = nullptr;
  ByteView octets;
};

std::optional<Signature> read_signature(ByteView sent, KeyType asked) {
  TlsCursor in(sent);
  const std::uint16_t code = in.number16();
  const ByteView octets = in.vector(2);
  const auto scheme = std::ranges::find(schemes, code, &Scheme::code);
  if (!in.ok() || !in.at_end() || scheme == schemes.end()) return std::nullopt;
  const bool rsa = scheme->key == EVP_PKEY_RSA;
  if ((asked == KeyType::rsa && !rsa) || (asked == KeyType::ecdsa && rsa)) return std::nullopt;
  return Signature{&*scheme, octets};
}

// Longer ones are left to libssl, which keeps a certificate as it came: in memory a hostile one becomes forty
// times as long once we have read it, for each of thousands of connections.
constexpr std::size_t longest_certificate = std::size_t{16} * 1024;

// We read names by ourselves; libssl has OpenSSL read them.
bool is_name(ByteView whole) {
  const unsigned char* at = whole.data();
  const X509NamePtr name(d2i_X509_NAME(nullptr, &at, static_cast<long>(whole.size())));
  return name && at == whole.data() + whole.size();
}

// A memory of the last few.
template <class Value, std::size_t Size>
class LastFew {
 public:
  // Null when there is none that fits. Valid until the next put().
  Value* find(const auto& fits) {
    const auto end = values_.begin() + static_cast<std::ptrdiff_t>(std::min(put_, Size));
    const auto found = std::find_if(values_.begin(), end, fits);
    return found == end ? nullptr : &*found;
  }
  Value& put(Value value) { return values_[put_++ % Size] = std::move(value); }

 private:
  std::array<Value, Size> values_;
  std::size_t put_ = 0;
};

// Most leaves name one of a few issuers.
class IssuerNames {
 public:
  bool is_one(ByteView whole) {
    if (known_.find([&](const Bytes& name) { return std::ranges::equal(name, whole); })) return true;
    if (!is_name(whole)) return false;
    known_.put(Bytes(whole.begin(), whole.end()));
    return true;
  }

 private:
  LastFew<Bytes, 8> known_;
};

CertificatePtr read_whole(ByteView der, IssuerNames& issuer_names) {
  if (der.size() > longest_certificate) return nullptr;
  auto certificate = parse_certificate(der);
  if (!certificate || (*certificate)->has(Defect::trailing_data) ||
      !issuer_names.is_one((*certificate)->issuer.der) || !is_name((*certificate)->subject.der))
    return nullptr;
  return *std::move(certificate);
}

// Many servers send the same issuers, and one the same leaf each time.
template <std::size_t Size>
class ReadLately {
 public:
  CertificatePtr read(ByteView der, IssuerNames& issuer_names) {
    const auto fits = [&](const CertificatePtr& known) { return std::ranges::equal(known->der, der); };
    if (const CertificatePtr* known = known_.find(fits)) return *known;
    CertificatePtr certificate = read_whole(der, issuer_names);
    if (certificate) known_.put(certificate);
    return certificate;
  }

 private:
  LastFew<CertificatePtr, Size> known_;
};

// RFC 8017 A.1.1, and what is worked out for each check of it.
struct RsaKey {
  Bytes der;
  RsaPtr key;
  std::optional<QuickRsa> quick;
};

// RSA keys that came lately: one key may stand in the certificates of many servers.
class RsaKeys {
 public:
  // Null when it is none. Valid until the next call.
  RsaKey* decoded(ByteView der) {
    if (RsaKey* known = known_.find([&](const RsaKey& key) { return std::ranges::equal(key.der, der); }))
      return known;
    const unsigned char* at = der.data();
    RsaPtr key(d2i_RSAPublicKey(nullptr, &at, static_cast<long>(der.size())));
    if (!key || at != der.data() + der.size()) return nullptr;
    return &known_.put({Bytes(der.begin(), der.end()), std::move(key), QuickRsa::make(der)});
  }

 private:
  LastFew<RsaKey, 8> known_;
};

// RFC 5280 4.2.1.3.
bool may_sign(const Certificate& leaf) {
  return !leaf.extension("2.5.29.15") || leaf.may(KeyUse::digital_signature);
}

// RFC 8446 4.4.3: what is signed.
Bytes signed_content(ByteView transcript) {
  constexpr std::string_view context = "TLS 1.3, server CertificateVerify";
  Bytes content;
  content.reserve(160);
  content.assign(64, 0x20);
  TlsWriter out(content);
  out.put(bytes_of(context));
  out.number(0, 1);
  out.put(transcript);
  return content;
}

// One that our ClientHello offers and a scheme is named for.
bool is_usual(std::string_view curve) {
  return std::ranges::any_of(
      schemes, [&](const Scheme& scheme) { return scheme.key == EVP_PKEY_EC && scheme.curve == curve; });
}

}  // namespace

struct KeyProof::State {
  State() {
    for (std::size_t i = 0; i < digests.size(); ++i)
      digests[i].reset(EVP_MD_fetch(nullptr, digest_names[i], nullptr));
  }

  std::array<EvpMdPtr, digest_names.size()> digests;
  EcKeyPtr p256{EC_KEY_new_by_curve_name(NID_X9_62_prime256v1)};  // takes one point after the other

  OftenUsedKeys often_used;
  RsaKeys rsa_keys;

  IssuerNames issuer_names;
  ReadLately<32> issuers;
  ReadLately<8> leaves;

  bool verifies(const Certificate& leaf, const Signature& signature, ByteView content) {
    const Scheme& scheme = *signature.scheme;
    const EVP_MD* method = digests[scheme.digest].get();
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> octets{};
    unsigned int size = 0;
    if (!method || EVP_Digest(content.data(), content.size(), octets.data(), &size, method, nullptr) != 1)
      return false;
    const ByteView digest(octets.data(), size);
    if (scheme.key == EVP_PKEY_RSA)
      return leaf.key.algorithm == KeyAlgorithm::rsa &&
             verifies_with_rsa(leaf.key.spki, signature, method, digest);
    if (const auto point = p256_point(leaf.key.spki)) {
      if (often_used.surely_good(leaf.key, digest, signature.octets)) return true;
      return verifies_on_p256(*point, signature, digest);
    }
    return is_usual(leaf.key.curve) && verifies_on_curve(leaf.key.spki, signature, digest);
  }

  // RFC 8017 8.1.2 and 8.2.2. As RFC 8446 4.2.3 has it, the salt of PSS is as long as the digest, which MGF1
  // uses too.
  bool verifies_with_rsa(ByteView spki, const Signature& signature, const EVP_MD* method, ByteView digest) {
    RsaKey* const key = rsa_keys.decoded(key_octets(spki));
    if (!key) return false;
    const int size = RSA_size(key->key.get());
    const auto octets = static_cast<std::size_t>(size);
    if (signature.octets.size() != octets) return false;
    if (signature.scheme->padding == Padding::pkcs1)
      return (key->quick && key->quick->surely_good(digest, signature.octets)) ||
             RSA_verify(EVP_MD_get_type(method), digest.data(), static_cast<unsigned int>(digest.size()),
                        signature.octets.data(), static_cast<unsigned int>(size), key->key.get()) == 1;
    Bytes decrypted;
    ByteView encoded;
    if (key->quick) {
      encoded = key->quick->encoded_in(signature.octets);
    } else {
      decrypted.resize(octets);
      if (RSA_public_decrypt(size, signature.octets.data(), decrypted.data(), key->key.get(),
                             RSA_NO_PADDING) == size)
        encoded = decrypted;
    }
    return encoded.size() == octets &&
           RSA_verify_PKCS1_PSS_mgf1(key->key.get(), digest.data(), method, method, encoded.data(),
                                     RSA_PSS_SALTLEN_DIGEST) == 1;
  }

  // Refuses what is not on the curve.
  bool verifies_on_p256(ByteView point, const Signature& signature, ByteView digest) {
    return p256 && EC_KEY_oct2key(p256.get(), point.data(), point.size(), nullptr) == 1 &&
           ECDSA_verify(0, digest.data(), static_cast<int>(digest.size()), signature.octets.data(),
                        static_cast<int>(signature.octets.size()), p256.get()) == 1;
  }

  static bool verifies_on_curve(ByteView spki, const Signature& signature, ByteView digest) {
    const unsigned char* at = spki.data();
    const EvpPkeyPtr key(d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size())));
    const EvpPkeyCtxPtr context(key ? EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr) : nullptr);
    return context && EVP_PKEY_verify_init(context.get()) == 1 &&
           EVP_PKEY_verify(context.get(), signature.octets.data(), signature.octets.size(), digest.data(),
                           digest.size()) == 1;
  }
};

KeyProof::KeyProof() : state_(std::make_unique<State>()) {}
KeyProof::~KeyProof() = default;

CertificatePtr KeyProof::leaf_of(std::span<const ByteView> certificates) {
  if (certificates.empty()) return nullptr;
  for (const ByteView issuer : certificates.subspan(1))
    if (!state_->issuers.read(issuer, state_->issuer_names)) return nullptr;
  return state_->leaves.read(certificates.front(), state_->issuer_names);
}

bool KeyProof::in_certificate_verify(ByteView signature, ByteView transcript, const Certificate& leaf,
                                     KeyType asked) {
  const auto read = read_signature(signature, asked);
  if (!read || read->scheme->padding == Padding::pkcs1) return false;
  if (read->scheme->key == EVP_PKEY_EC && leaf.key.curve != read->scheme->curve) return false;
  return state_->verifies(leaf, *read, signed_content(transcript));
}

bool KeyProof::in_key_exchange(ByteView signature, ByteView content, const Certificate& leaf, KeyType asked,
                               bool ecdsa) {
  const auto read = read_signature(signature, asked);
  if (!read || (read->scheme->key == EVP_PKEY_EC) != ecdsa || (ecdsa && !may_sign(leaf))) return false;
  return state_->verifies(leaf, *read, content);
}

std::uint64_t KeyProof::done_quickly() const { return state_->often_used.quick_answers(); }

}  // namespace chaintier
