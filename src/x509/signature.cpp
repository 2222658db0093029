#include "src/x509/signature.h"

#include <unordered_map>

#include "src/base/openssl_handles.h"

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

// The signed part as an ASN.1 value whose encoding is exactly the octets that were sent.
Asn1TypePtr signed_part(const Certificate& child) {
  Asn1TypePtr value(ASN1_TYPE_new());
  std::unique_ptr<ASN1_STRING, FreeWith<ASN1_STRING_free>> octets(ASN1_STRING_type_new(V_ASN1_SEQUENCE));
  if (!value || !octets ||
      ASN1_STRING_set(octets.get(), child.tbs.data(), static_cast<int>(child.tbs.size())) != 1)
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

SignatureState verify(const Certificate& child, EVP_PKEY* key) {
  const unsigned char* at = child.signature_algorithm_der.data();
  const X509AlgorPtr algorithm(
      d2i_X509_ALGOR(nullptr, &at, static_cast<long>(child.signature_algorithm_der.size())));
  const Asn1BitStringPtr signature(ASN1_BIT_STRING_new());
  const Asn1TypePtr data = signed_part(child);
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

}  // namespace

struct SignatureChecker::State {
  std::unordered_map<Edge, SignatureState, EdgeHash> answers;
  std::unordered_map<KeyFingerprint, EvpPkeyPtr> keys;
  std::uint64_t done = 0;
};

SignatureChecker::SignatureChecker() : state_(std::make_unique<State>()) {}
SignatureChecker::~SignatureChecker() = default;
SignatureChecker::SignatureChecker(SignatureChecker&&) noexcept = default;
SignatureChecker& SignatureChecker::operator=(SignatureChecker&&) noexcept = default;

SignatureState SignatureChecker::check(const Certificate& child, const PublicKey& issuer_key) {
  const Edge edge{child.fingerprint, issuer_key.fingerprint};
  if (const auto known = state_->answers.find(edge); known != state_->answers.end()) return known->second;

  const ErrorQueueScope errors;
  // Issuers recur, leaves and self-signed certificates do not: a memory that is full is emptied.
  if (state_->keys.size() >= most_keys) state_->keys.clear();
  if (state_->answers.size() >= most_answers) state_->answers.clear();
  auto [key, fresh] = state_->keys.try_emplace(issuer_key.fingerprint);
  if (fresh) key->second = decode_key(issuer_key.spki);
  SignatureState state = key->second ? verify(child, key->second.get()) : SignatureState::unsupported;
  // Right as a signature, but made in a way that the key forbids: the link is there, and no client may use
  // it.
  if (state == SignatureState::bad && issuer_key.algorithm == KeyAlgorithm::rsa_pss)
    if (const EvpPkeyPtr plain = without_restrictions(issuer_key.spki))
      if (verify(child, plain.get()) == SignatureState::good) state = SignatureState::unsupported;
  ++state_->done;
  state_->answers.emplace(edge, state);
  return state;
}

std::uint64_t SignatureChecker::checks_done() const { return state_->done; }

}  // namespace chaintier
