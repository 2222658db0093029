// EC_KEY is deprecated since OpenSSL 3.0. What an EVP_PKEY and its contexts need around the check of a
// signature takes a sixth of the time of the check.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "probes/key_proof.h"

#include <algorithm>
#include <array>
#include <optional>

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "probes/tls_encoding.h"
#include "src/base/openssl_handles.h"
#include "src/x509/public_key.h"

namespace chaintier {
namespace {

using EcKeyPtr = std::unique_ptr<EC_KEY, FreeWith<EC_KEY_free>>;

enum class Padding { none, pkcs1, pss };

// SignatureScheme, RFC 8446 4.2.3: those that a leaf of a CA has a key for, without SHA-1.
struct Scheme {
  std::uint16_t code;
  int key;    // EVP_PKEY_...
  int curve;  // of ECDSA; it belongs to the scheme in TLS 1.3 only
  Padding padding;
  const char* digest;
};
constexpr std::array<Scheme, 9> schemes{{
    {0x0403, EVP_PKEY_EC, NID_X9_62_prime256v1, Padding::none, "SHA2-256"},
    {0x0503, EVP_PKEY_EC, NID_secp384r1, Padding::none, "SHA2-384"},
    {0x0603, EVP_PKEY_EC, NID_secp521r1, Padding::none, "SHA2-512"},
    {0x0804, EVP_PKEY_RSA, NID_undef, Padding::pss, "SHA2-256"},
    {0x0805, EVP_PKEY_RSA, NID_undef, Padding::pss, "SHA2-384"},
    {0x0806, EVP_PKEY_RSA, NID_undef, Padding::pss, "SHA2-512"},
    {0x0401, EVP_PKEY_RSA, NID_undef, Padding::pkcs1, "SHA2-256"},
    {0x0501, EVP_PKEY_RSA, NID_undef, Padding::pkcs1, "SHA2-384"},
    {0x0601, EVP_PKEY_RSA, NID_undef, Padding::pkcs1, "SHA2-512"},
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

CertificatePtr read_whole(ByteView der) {
  if (der.size() > longest_certificate) return nullptr;
  auto certificate = parse_certificate(der);
  if (!certificate || (*certificate)->has(Defect::trailing_data) || !is_name((*certificate)->issuer.der) ||
      !is_name((*certificate)->subject.der))
    return nullptr;
  return *std::move(certificate);
}

// A memory of a few certificates, since many servers send the same issuers, and one the same leaf each time.
template <std::size_t Size>
class ReadLately {
 public:
  CertificatePtr read(ByteView der) {
    for (const CertificatePtr& known : known_)
      if (known && std::ranges::equal(known->der, der)) return known;
    CertificatePtr certificate = read_whole(der);
    if (certificate) known_[next_++ % Size] = certificate;
    return certificate;
  }

 private:
  std::array<CertificatePtr, Size> known_;
  std::size_t next_ = 0;
};

// RFC 5280 4.2.1.3.
bool may_sign(const Certificate& leaf) {
  return !leaf.extension("2.5.29.15") || leaf.may(KeyUse::digital_signature);
}

// RFC 8446 4.4.3: what is signed.
Bytes signed_content(ByteView transcript) {
  constexpr std::string_view context = "TLS 1.3, server CertificateVerify";
  Bytes content;
  TlsWriter out(content);
  for (int i = 0; i < 64; ++i) out.number(0x20, 1);
  out.put(bytes_of(context));
  out.number(0, 1);
  out.put(transcript);
  return content;
}

bool is_on_curve(const EVP_PKEY* key, int curve) {
  std::array<char, 32> name{};
  return EVP_PKEY_get_group_name(key, name.data(), name.size(), nullptr) == 1 &&
         (OBJ_sn2nid(name.data()) == curve || EC_curve_nist2nid(name.data()) == curve);
}

// One that our ClientHello offers and a scheme is named for.
bool is_on_usual_curve(const EVP_PKEY* key) {
  return std::ranges::any_of(schemes, [&](const Scheme& scheme) {
    return scheme.key == EVP_PKEY_EC && is_on_curve(key, scheme.curve);
  });
}

bool verifies(EVP_PKEY* key, const Signature& signature, ByteView content) {
  const Scheme& scheme = *signature.scheme;
  if (EVP_PKEY_get_base_id(key) != scheme.key) return false;
  const EvpMdCtxPtr context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* settings = nullptr;
  if (!context ||
      EVP_DigestVerifyInit_ex(context.get(), &settings, scheme.digest, nullptr, nullptr, key, nullptr) != 1)
    return false;
  if (scheme.padding == Padding::pss &&
      (EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING) != 1 ||
       EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, RSA_PSS_SALTLEN_DIGEST) != 1))
    return false;
  return EVP_DigestVerify(context.get(), signature.octets.data(), signature.octets.size(), content.data(),
                          content.size()) == 1;
}

EvpPkeyPtr decoded_key(ByteView spki) {
  const unsigned char* at = spki.data();
  return EvpPkeyPtr(d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size())));
}

}  // namespace

struct KeyProof::State {
  EcKeyPtr p256{EC_KEY_new_by_curve_name(NID_X9_62_prime256v1)};  // takes one point after the other

  ReadLately<32> issuers;
  ReadLately<8> leaves;

  // Refuses what is not on the curve.
  bool verifies_on_p256(ByteView point, const Signature& signature, ByteView content) {
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
    std::size_t size = 0;
    return signature.scheme->key == EVP_PKEY_EC && p256 &&
           EC_KEY_oct2key(p256.get(), point.data(), point.size(), nullptr) == 1 &&
           EVP_Q_digest(nullptr, signature.scheme->digest, nullptr, content.data(), content.size(),
                        digest.data(), &size) == 1 &&
           ECDSA_verify(0, digest.data(), static_cast<int>(size), signature.octets.data(),
                        static_cast<int>(signature.octets.size()), p256.get()) == 1;
  }
};

KeyProof::KeyProof() : state_(std::make_unique<State>()) {}
KeyProof::~KeyProof() = default;

CertificatePtr KeyProof::leaf_of(std::span<const ByteView> certificates) {
  if (certificates.empty()) return nullptr;
  for (const ByteView issuer : certificates.subspan(1))
    if (!state_->issuers.read(issuer)) return nullptr;
  return state_->leaves.read(certificates.front());
}

bool KeyProof::in_certificate_verify(ByteView signature, ByteView transcript, const Certificate& leaf,
                                     KeyType asked) {
  const auto read = read_signature(signature, asked);
  if (!read || read->scheme->padding == Padding::pkcs1) return false;
  const Bytes content = signed_content(transcript);
  if (const auto point = p256_point(leaf.key.spki))
    return read->scheme->curve == NID_X9_62_prime256v1 && state_->verifies_on_p256(*point, *read, content);
  const EvpPkeyPtr key = decoded_key(leaf.key.spki);
  if (!key || (read->scheme->curve != NID_undef && !is_on_curve(key.get(), read->scheme->curve)))
    return false;
  return verifies(key.get(), *read, content);
}

bool KeyProof::in_key_exchange(ByteView signature, ByteView content, const Certificate& leaf, KeyType asked,
                               bool ecdsa) {
  const auto read = read_signature(signature, asked);
  if (!read || (read->scheme->key == EVP_PKEY_EC) != ecdsa || (ecdsa && !may_sign(leaf))) return false;
  if (const auto point = p256_point(leaf.key.spki)) return state_->verifies_on_p256(*point, *read, content);
  const EvpPkeyPtr key = decoded_key(leaf.key.spki);
  if (!key || (ecdsa && !is_on_usual_curve(key.get()))) return false;
  return verifies(key.get(), *read, content);
}

}  // namespace chaintier
