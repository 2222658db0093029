#include "src/local/private_key.h"

#include <algorithm>
#include <limits>

#include <openssl/crypto.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>

#include "src/base/openssl_handles.h"
#include "src/local/openssl_context.h"
#include "src/x509/openssl_text.h"
#include "src/x509/public_key.h"

namespace chaintier {

namespace {

constexpr std::int64_t most_rounds = 5'000'000;
constexpr int most_bits_tested = 16'384;  // a self-test of a larger RSA key takes seconds

using InfoPtr = std::unique_ptr<PKCS8_PRIV_KEY_INFO, FreeWith<PKCS8_PRIV_KEY_INFO_free>>;
using LockedPtr = std::unique_ptr<X509_SIG, FreeWith<X509_SIG_free>>;

// A signature made with the private half has to hold for the public one. Keys that cannot sign pass.
bool halves_fit(EVP_PKEY* key, OSSL_LIB_CTX* context) {
  if (EVP_PKEY_get_bits(key) > most_bits_tested) return true;
  const int type = EVP_PKEY_get_base_id(key);
  if (type != EVP_PKEY_RSA && type != EVP_PKEY_EC && type != EVP_PKEY_ED25519 && type != EVP_PKEY_ED448)
    return true;
  const char* digest = type == EVP_PKEY_RSA || type == EVP_PKEY_EC ? "SHA256" : nullptr;
  static constexpr unsigned char content[] = "chaintier";
  const EvpMdCtxPtr signer(EVP_MD_CTX_new()), verifier(EVP_MD_CTX_new());
  if (!signer || !verifier) return true;
  std::size_t size = 0;
  if (EVP_DigestSignInit_ex(signer.get(), nullptr, digest, context, nullptr, key, nullptr) != 1 ||
      EVP_DigestSign(signer.get(), nullptr, &size, content, sizeof content) != 1)
    return EVP_PKEY_get_bits(key) < 1024;  // too small to sign with SHA-256, which is no damage
  Bytes signature(size);
  if (EVP_DigestSign(signer.get(), signature.data(), &size, content, sizeof content) != 1) return false;
  // The public half is taken through its encoding: what the private half brought along stays out of it.
  unsigned char* spki = nullptr;
  const int spki_size = i2d_PUBKEY(key, &spki);
  if (spki_size <= 0) return false;
  const OpensslText owner(reinterpret_cast<char*>(spki));
  const unsigned char* at = spki;
  const EvpPkeyPtr half(d2i_PUBKEY_ex(nullptr, &at, spki_size, context, nullptr));
  if (!half) return false;
  return EVP_DigestVerifyInit_ex(verifier.get(), nullptr, digest, context, nullptr, half.get(), nullptr) ==
             1 &&
         EVP_DigestVerify(verifier.get(), signature.data(), size, content, sizeof content) == 1;
}

LockedPtr read_locked(ByteView der) {
  const unsigned char* at = der.data();
  LockedPtr locked(d2i_X509_SIG(nullptr, &at, static_cast<long>(der.size())));
  if (!locked || static_cast<std::size_t>(at - der.data()) != der.size()) return nullptr;
  const X509_ALGOR* algorithm = nullptr;
  X509_SIG_get0(locked.get(), &algorithm, nullptr);
  const ASN1_OBJECT* oid = nullptr;
  X509_ALGOR_get0(&oid, nullptr, nullptr, algorithm);
  // DigestInfo has the same shape: only algorithms of encryption make it a locked key.
  const int nid = OBJ_obj2nid(oid);
  if (nid == NID_pbes2 || nid == NID_pbe_WithSHA1And128BitRC4 || nid == NID_pbe_WithSHA1And40BitRC4 ||
      nid == NID_pbe_WithSHA1And3_Key_TripleDES_CBC || nid == NID_pbe_WithSHA1And2_Key_TripleDES_CBC ||
      nid == NID_pbe_WithSHA1And128BitRC2_CBC || nid == NID_pbe_WithSHA1And40BitRC2_CBC ||
      nid == NID_pbeWithMD2AndDES_CBC || nid == NID_pbeWithMD5AndDES_CBC ||
      nid == NID_pbeWithSHA1AndDES_CBC || nid == NID_pbeWithMD5AndRC2_CBC || nid == NID_pbeWithSHA1AndRC2_CBC)
    return locked;
  return nullptr;
}

LocalItem locked_item() {
  LocalItem item;
  item.kind = ItemKind::private_key;
  item.encrypted = true;
  item.checked = false;
  return item;
}

// `open` gives the key, or null where a password is not the one.
template <class Open>
LocalItem opened_with_a_password(const Unlocker& unlocker, const Open& open) {
  for (const Secret& password : unlocker.passwords())
    if (const EvpPkeyPtr key = open(password)) {
      LocalItem opened = key_item(look_at(key.get(), unlocker));
      opened.encrypted = true;
      return opened;
    }
  LocalItem item = locked_item();
  item.problem = not_opened(unlocker);
  return item;
}

std::int64_t number_of(const ASN1_INTEGER* number) {
  std::int64_t value = 0;
  if (!number) return 1;
  if (ASN1_INTEGER_get_int64(&value, number) != 1 || value < 0)
    return std::numeric_limits<std::int64_t>::max();
  return value;
}

template <class T, T* (*Read)(T**, const unsigned char**, long), void (*Free)(T*)>
std::unique_ptr<T, FreeWith<Free>> parameter_of(const X509_ALGOR* algorithm) {
  int type = V_ASN1_UNDEF;
  const void* value = nullptr;
  X509_ALGOR_get0(nullptr, &type, &value, algorithm);
  if (type != V_ASN1_SEQUENCE || !value) return nullptr;
  const auto* octets = static_cast<const ASN1_STRING*>(value);
  const unsigned char* at = ASN1_STRING_get0_data(octets);
  return std::unique_ptr<T, FreeWith<Free>>(Read(nullptr, &at, ASN1_STRING_length(octets)));
}

bool derivation_costs_too_much(const X509_ALGOR* derivation) {
  const ASN1_OBJECT* oid = nullptr;
  X509_ALGOR_get0(&oid, nullptr, nullptr, derivation);
  if (OBJ_obj2nid(oid) == NID_id_scrypt) {
    const auto scrypt = parameter_of<SCRYPT_PARAMS, d2i_SCRYPT_PARAMS, SCRYPT_PARAMS_free>(derivation);
    if (!scrypt) return false;
    const std::int64_t cost = number_of(scrypt->costParameter), block = number_of(scrypt->blockSize),
                       parallel = number_of(scrypt->parallelizationParameter);
    constexpr std::int64_t most = 1 << 22;  // of N * r * p: about the half second that people choose
    return cost > most || block > most || parallel > most || cost * block > most ||
           cost * block * parallel > most;
  }
  const auto pbkdf2 = parameter_of<PBKDF2PARAM, d2i_PBKDF2PARAM, PBKDF2PARAM_free>(derivation);
  return pbkdf2 && number_of(pbkdf2->iter) > most_rounds;
}

// Called for a locked PEM block. The empty password is never asked for by OpenSSL, hence -1 without one.
int give_password(char* buffer, int size, int /*writing*/, void* given) {
  const auto* password = static_cast<const Secret*>(given);
  if (!password || password->size() > static_cast<std::size_t>(size)) return -1;
  std::copy(password->view().begin(), password->view().end(), reinterpret_cast<unsigned char*>(buffer));
  return static_cast<int>(password->size());
}

}  // namespace

Unlocker::State::State() : context(OSSL_LIB_CTX_new()) {
  if (!context) throw std::bad_alloc();
  const ErrorQueueScope errors;
  standard = OSSL_PROVIDER_load(context, "default");
  legacy = OSSL_PROVIDER_load(context, "legacy");
}

Unlocker::State::~State() {
  if (legacy) OSSL_PROVIDER_unload(legacy);
  if (standard) OSSL_PROVIDER_unload(standard);
  OSSL_LIB_CTX_free(context);
}

Unlocker::Unlocker(std::vector<Secret> passwords)
    : state_(std::make_unique<State>()), passwords_(std::move(passwords)) {}
Unlocker::~Unlocker() = default;
void Unlocker::add(Secret password) { passwords_.push_back(std::move(password)); }
bool Unlocker::has_legacy() const { return state_->legacy != nullptr; }

Reason not_opened(const Unlocker& unlocker) {
  return {unlocker.passwords().empty() ? "password_needed" : "password_wrong", {}};
}

OpenedKey look_at(EVP_PKEY* key, const Unlocker& unlocker) {
  OpenedKey opened;
  unsigned char* spki = nullptr;
  const int size = i2d_PUBKEY(key, &spki);
  const OpensslText owner(reinterpret_cast<char*>(spki));
  auto half = size > 0 ? read_public_key({spki, static_cast<std::size_t>(size)}) : std::nullopt;
  opened.fits = half && halves_fit(key, unlocker.state().context);
  if (half) opened.half = std::move(*half);
  return opened;
}

std::optional<OpenedKey> read_private_key(ByteView der, const Unlocker& unlocker) {
  const ErrorQueueScope errors;
  OSSL_LIB_CTX* context = unlocker.state().context;
  const unsigned char* at = der.data();
  const auto size = static_cast<long>(der.size());
  if (const InfoPtr info(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, size));
      info && at == der.data() + der.size()) {
    const EvpPkeyPtr key(EVP_PKCS82PKEY_ex(info.get(), context, nullptr));
    if (!key) return std::nullopt;
    return look_at(key.get(), unlocker);
  }
  for (const int type : {EVP_PKEY_RSA, EVP_PKEY_EC, EVP_PKEY_DSA}) {
    at = der.data();
    const EvpPkeyPtr key(d2i_PrivateKey_ex(type, nullptr, &at, size, context, nullptr));
    if (key && at == der.data() + der.size()) return look_at(key.get(), unlocker);
  }
  return std::nullopt;
}

bool is_locked_key(ByteView der) {
  const ErrorQueueScope errors;
  return read_locked(der) != nullptr;
}

LocalItem key_item(const OpenedKey& key) {
  LocalItem item;
  item.kind = ItemKind::private_key;
  item.key = key_summary(key.half);
  if (key.fits) {
    item.spki = key.half.fingerprint;
  } else {
    item.checked = false;
    item.problem = Reason{"key_damaged", {}};
  }
  return item;
}

LocalItem locked_key_item(ByteView der, const Unlocker& unlocker) {
  const ErrorQueueScope errors;
  LocalItem item = locked_item();
  const LockedPtr locked = read_locked(der);
  if (!locked) {
    item.problem = Reason{"key_damaged", {}};
    return item;
  }
  const X509_ALGOR* algorithm = nullptr;
  X509_SIG_get0(locked.get(), &algorithm, nullptr);
  if (costs_too_much(encoded<i2d_X509_ALGOR>(algorithm))) {
    item.problem = Reason{"too_many_rounds", {}};
    return item;
  }
  return opened_with_a_password(unlocker, [&](const Secret& password) {
    const InfoPtr info(PKCS8_decrypt_ex(locked.get(), reinterpret_cast<const char*>(password.view().data()),
                                        static_cast<int>(password.size()), unlocker.state().context,
                                        nullptr));
    return EvpPkeyPtr(info ? EVP_PKCS82PKEY_ex(info.get(), unlocker.state().context, nullptr) : nullptr);
  });
}

LocalItem locked_pem_item(const Secret& pem, const Unlocker& unlocker) {
  const ErrorQueueScope errors;
  return opened_with_a_password(unlocker, [&](const Secret& password) {
    const BioPtr memory(BIO_new_mem_buf(pem.view().data(), static_cast<int>(pem.size())));
    if (!memory) throw std::bad_alloc();
    return EvpPkeyPtr(PEM_read_bio_PrivateKey_ex(memory.get(), nullptr, give_password,
                                                 const_cast<Secret*>(&password), unlocker.state().context,
                                                 nullptr));
  });
}

bool costs_too_much(ByteView algorithm_der) {
  const ErrorQueueScope errors;
  const unsigned char* at = algorithm_der.data();
  const X509AlgorPtr algorithm(d2i_X509_ALGOR(nullptr, &at, static_cast<long>(algorithm_der.size())));
  if (!algorithm) return false;
  const ASN1_OBJECT* oid = nullptr;
  X509_ALGOR_get0(&oid, nullptr, nullptr, algorithm.get());
  if (OBJ_obj2nid(oid) == NID_pbes2) {
    const auto scheme = parameter_of<PBE2PARAM, d2i_PBE2PARAM, PBE2PARAM_free>(algorithm.get());
    return scheme && derivation_costs_too_much(scheme->keyfunc);
  }
  const auto pbe = parameter_of<PBEPARAM, d2i_PBEPARAM, PBEPARAM_free>(algorithm.get());
  return pbe && number_of(pbe->iter) > most_rounds;
}

}  // namespace chaintier
