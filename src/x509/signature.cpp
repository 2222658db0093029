#include "src/x509/signature.h"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "src/base/openssl_handles.h"
#include "src/x509/often_used_keys.h"
#include "src/x509/public_key.h"
#include "src/x509/quick_rsa.h"

namespace chaintier {

namespace {

constexpr std::size_t most_keys = 4096, most_answers = 65'536;

struct Edge {
  CertFingerprint child;
  KeyFingerprint key;
  friend bool operator==(const Edge&, const Edge&) = default;
};
struct EdgeHash {
  std::size_t operator()(const Edge& edge) const noexcept {
    return std::hash<CertFingerprint>{}(edge.child) * 31 + std::hash<KeyFingerprint>{}(edge.key);
  }
};

EvpPkeyPtr decode_key(ByteView spki) {
  const unsigned char* at = spki.data();
  return EvpPkeyPtr{d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size()))};
}

// What was signed, and with what signature.
struct Signed {
  ByteView data, algorithm, signature;
};

// The signed part as an ASN.1 value whose encoding is exactly the octets that were sent.
Asn1TypePtr signed_part(ByteView data) {
  Asn1TypePtr value(ASN1_TYPE_new());
  std::unique_ptr<ASN1_STRING, FreeWith<ASN1_STRING_free>> octets(ASN1_STRING_type_new(V_ASN1_SEQUENCE));
  if (!value || !octets || ASN1_STRING_set(octets.get(), data.data(), static_cast<int>(data.size())) != 1)
    return nullptr;
  ASN1_TYPE_set(value.get(), V_ASN1_SEQUENCE, octets.release());
  return value;
}

bool supported(const EVP_PKEY* key, const X509_ALGOR* algorithm) {
  const ASN1_OBJECT* object = nullptr;
  X509_ALGOR_get0(&object, nullptr, nullptr, algorithm);
  const int nid = OBJ_obj2nid(object);
  int digest = NID_undef;
  int kind = NID_undef;
  if (nid == NID_rsassaPss || nid == NID_ED25519 || nid == NID_ED448) return true;
  if (OBJ_find_sigid_algs(nid, &digest, &kind) != 1) return false;
  return key != nullptr && (digest == NID_undef || EVP_get_digestbynid(digest) != nullptr);
}

// The same RSA key without the restrictions that an id-RSASSA-PSS key carries (RFC 4055 3.1).
EvpPkeyPtr without_restrictions(ByteView spki) {
  const unsigned char* at = spki.data();
  const X509PubkeyPtr info(d2i_X509_PUBKEY(nullptr, &at, static_cast<long>(spki.size())));
  const unsigned char* key = nullptr;
  int size = 0;
  if (!info || X509_PUBKEY_get0_param(nullptr, &key, &size, nullptr, info.get()) != 1) return nullptr;
  return EvpPkeyPtr{d2i_PublicKey(EVP_PKEY_RSA, nullptr, &key, size)};
}

SignatureState verify(const Signed& child, EVP_PKEY* key) {
  const unsigned char* at = child.algorithm.data();
  const X509AlgorPtr algorithm(d2i_X509_ALGOR(nullptr, &at, static_cast<long>(child.algorithm.size())));
  const Asn1BitStringPtr signature(ASN1_BIT_STRING_new());
  const Asn1TypePtr data = signed_part(child.data);
  if (!algorithm || !signature || !data) return SignatureState::unsupported;
  if (ASN1_BIT_STRING_set(signature.get(), const_cast<unsigned char*>(child.signature.data()),
                          static_cast<int>(child.signature.size())) != 1)
    return SignatureState::unsupported;
  signature->flags = ASN1_STRING_FLAG_BITS_LEFT;  // all octets count: no unused bits
  if (!supported(key, algorithm.get())) return SignatureState::unsupported;
  return ASN1_item_verify(ASN1_ITEM_rptr(ASN1_ANY), algorithm.get(), signature.get(), data.get(), key) == 1
             ? SignatureState::good
             : SignatureState::bad;
}

// An algorithm that needs nothing but a digest and a kind of key.
struct PlainAlgorithm {
  int key;  // EVP_PKEY_...
  const EVP_MD* digest;
};

// Those that nearly all certificates are signed with, by the octets of their AlgorithmIdentifier (RFC 4055 5,
// RFC 5758 3.2).
std::optional<PlainAlgorithm> plain(ByteView algorithm) {
  constexpr std::uint8_t rsa[] = {0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01};
  constexpr std::uint8_t ecdsa[] = {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03};
  const auto begins = [&](ByteView with) {
    return algorithm.size() > with.size() && std::ranges::equal(algorithm.first(with.size()), with);
  };
  if (begins(rsa) && algorithm.size() == 15 && algorithm[13] == 5 && algorithm[14] == 0) {
    if (algorithm[12] == 11) return PlainAlgorithm{EVP_PKEY_RSA, EVP_sha256()};
    if (algorithm[12] == 12) return PlainAlgorithm{EVP_PKEY_RSA, EVP_sha384()};
    if (algorithm[12] == 13) return PlainAlgorithm{EVP_PKEY_RSA, EVP_sha512()};
  }
  if (begins(ecdsa) && algorithm.size() == 12) {
    if (algorithm[11] == 2) return PlainAlgorithm{EVP_PKEY_EC, EVP_sha256()};
    if (algorithm[11] == 3) return PlainAlgorithm{EVP_PKEY_EC, EVP_sha384()};
    if (algorithm[11] == 4) return PlainAlgorithm{EVP_PKEY_EC, EVP_sha512()};
  }
  return std::nullopt;
}

// A key with what it was last used for, since setting that up costs a tenth of the check itself.
class IssuerKey {
 public:
  explicit IssuerKey(ByteView spki) : key_(decode_key(spki)) {}

  SignatureState check(const Signed& child, const PublicKey& as_key, OftenUsedKeys& often_used) {
    if (!key_) return SignatureState::unsupported;
    const auto algorithm = plain(child.algorithm);
    if (!algorithm || EVP_PKEY_get_base_id(key_.get()) != algorithm->key || !ready_for(*algorithm, as_key))
      return verify(child, key_.get());
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    if (EVP_Digest(child.data.data(), child.data.size(), digest, &size, algorithm->digest, nullptr) != 1)
      return SignatureState::unsupported;
    if (often_used.surely_good(as_key, {digest, size}, child.signature) ||
        (quick_rsa_ && quick_rsa_->surely_good({digest, size}, child.signature)))
      return SignatureState::good;
    return EVP_PKEY_verify(context_.get(), child.signature.data(), child.signature.size(), digest, size) == 1
               ? SignatureState::good
               : SignatureState::bad;
  }

 private:
  bool ready_for(const PlainAlgorithm& algorithm, const PublicKey& as_key) {
    if (context_ && digest_ == algorithm.digest) return true;
    if (algorithm.key == EVP_PKEY_RSA && !quick_rsa_) quick_rsa_ = QuickRsa::make(key_octets(as_key.spki));
    context_.reset(EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr));
    digest_ = algorithm.digest;
    if (context_ && EVP_PKEY_verify_init(context_.get()) == 1 &&
        EVP_PKEY_CTX_set_signature_md(context_.get(), algorithm.digest) == 1)
      return true;
    context_.reset();
    return false;
  }

  EvpPkeyPtr key_;
  EvpPkeyCtxPtr context_;
  const EVP_MD* digest_ = nullptr;
  std::optional<QuickRsa> quick_rsa_;
};

}  // namespace

struct SignatureChecker::State {
  std::unordered_map<Edge, SignatureState, EdgeHash> answers;
  std::unordered_map<KeyFingerprint, IssuerKey> keys;
  OftenUsedKeys often_used;
  std::uint64_t done = 0;

  SignatureState check(const Signed& child, const PublicKey& issuer_key) {
    ++done;
    // Issuers recur, leaves and self-signed certificates do not: a memory that is full is emptied.
    if (keys.size() >= most_keys) keys.clear();
    IssuerKey& key = keys.try_emplace(issuer_key.fingerprint, issuer_key.spki).first->second;
    const SignatureState state = key.check(child, issuer_key, often_used);
    if (state != SignatureState::bad || issuer_key.algorithm != KeyAlgorithm::rsa_pss) return state;
    // Right as a signature, but made in a way that the key forbids: the link is there, and no client may use
    // it.
    const EvpPkeyPtr plain = without_restrictions(issuer_key.spki);
    return plain && verify(child, plain.get()) == SignatureState::good ? SignatureState::unsupported : state;
  }
};

SignatureChecker::SignatureChecker() : state_(std::make_unique<State>()) {}
SignatureChecker::~SignatureChecker() = default;
SignatureChecker::SignatureChecker(SignatureChecker&&) noexcept = default;
SignatureChecker& SignatureChecker::operator=(SignatureChecker&&) noexcept = default;

SignatureState SignatureChecker::check(const Certificate& child, const PublicKey& issuer_key) {
  const Edge edge{child.fingerprint, issuer_key.fingerprint};
  if (const auto known = state_->answers.find(edge); known != state_->answers.end()) return known->second;

  const ErrorQueueScope errors;
  if (state_->answers.size() >= most_answers) state_->answers.clear();
  const SignatureState state =
      state_->check({child.tbs, child.signature_algorithm_der, child.signature}, issuer_key);
  state_->answers.emplace(edge, state);
  return state;
}

SignatureState SignatureChecker::check(ByteView data, ByteView algorithm, ByteView signature,
                                       const PublicKey& key) {
  const ErrorQueueScope errors;
  return state_->check({data, algorithm, signature}, key);
}

std::uint64_t SignatureChecker::checks_done() const { return state_->done; }
std::uint64_t SignatureChecker::checks_done_quickly() const { return state_->often_used.quick_answers(); }

}  // namespace chaintier
