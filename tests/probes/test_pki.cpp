// The forged keys are put together with the low-level functions, deprecated and the only ones that allow it.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "tests/probes/test_pki.h"

#include <array>
#include <stdexcept>

#include <openssl/core_names.h>
#include <openssl/decoder.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>

namespace chaintier::test {
namespace {

void must(bool done, const char* what) {
  if (!done) throw std::runtime_error(what);
}

TestChain make_chain(Kind kind) {
  TestChain chain;
  chain.root = make_identity(kind, "Test Root");
  chain.issuer = make_identity(kind, "Test Issuer", &chain.root);
  chain.leaf = make_identity(kind, "leaf.test", &chain.issuer);
  return chain;
}

}  // namespace

Bytes der_of(X509* certificate) {
  const int size = i2d_X509(certificate, nullptr);
  Bytes der(static_cast<std::size_t>(size));
  unsigned char* out = der.data();
  i2d_X509(certificate, &out);
  return der;
}

EvpPkeyPtr make_key(Kind kind) {
  EvpPkeyPtr key(kind == Kind::rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("prime256v1"));
  must(key != nullptr, "no key");
  return key;
}

EvpPkeyPtr as_in_a_server(const EVP_PKEY& made) {
  unsigned char* der = nullptr;
  const int size = i2d_PrivateKey(&made, &der);
  must(size > 0, "no encoding of a key");
  const std::unique_ptr<unsigned char, FreeWith<free_openssl_memory>> owner(der);
  const unsigned char* at = der;
  auto left = static_cast<std::size_t>(size);
  EVP_PKEY* key = nullptr;
  const std::unique_ptr<OSSL_DECODER_CTX, FreeWith<OSSL_DECODER_CTX_free>> decoder(
      OSSL_DECODER_CTX_new_for_pkey(&key, "DER", nullptr, nullptr, EVP_PKEY_KEYPAIR, nullptr, nullptr));
  must(decoder && OSSL_DECODER_from_data(decoder.get(), &at, &left) == 1, "no key from its encoding");
  return EvpPkeyPtr(key);
}

namespace {

BIGNUM* number_of(const EVP_PKEY& key, const char* name) {
  BIGNUM* number = nullptr;
  must(EVP_PKEY_get_bn_param(&key, name, &number) == 1, name);
  return number;
}

EvpPkeyPtr forged_rsa_key(const EVP_PKEY& shown, const EVP_PKEY& used) {
  EvpPkeyPtr key(EVP_PKEY_new());
  RSA* rsa = RSA_new();
  must(RSA_set0_key(rsa, number_of(shown, OSSL_PKEY_PARAM_RSA_N), number_of(shown, OSSL_PKEY_PARAM_RSA_E),
                    number_of(used, OSSL_PKEY_PARAM_RSA_D)) == 1 &&
           EVP_PKEY_assign_RSA(key.get(), rsa) == 1,
       "forged RSA key");
  return key;
}

EvpPkeyPtr forged_ec_key(const EVP_PKEY& shown, const EVP_PKEY& used) {
  std::array<unsigned char, 128> point{};
  std::size_t size = 0;
  must(EVP_PKEY_get_octet_string_param(&shown, OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size(), &size) ==
           1,
       "point");
  const std::unique_ptr<BIGNUM, FreeWith<BN_clear_free>> secret(number_of(used, OSSL_PKEY_PARAM_PRIV_KEY));
  EvpPkeyPtr key(EVP_PKEY_new());
  EC_KEY* ec = EC_KEY_new_by_curve_name(NID_X9_62_prime256v1);
  must(EC_KEY_oct2key(ec, point.data(), size, nullptr) == 1 &&
           EC_KEY_set_private_key(ec, secret.get()) == 1 && EVP_PKEY_assign_EC_KEY(key.get(), ec) == 1,
       "forged EC key");
  return key;
}

}  // namespace

EvpPkeyPtr forged_key(const EVP_PKEY& shown, const EVP_PKEY& used) {
  return EVP_PKEY_is_a(&shown, "RSA") ? forged_rsa_key(shown, used) : forged_ec_key(shown, used);
}

Identity make_identity(Kind kind, const std::string& common_name, const Identity* issuer) {
  static long serial = 1;
  Identity identity{X509Ptr(X509_new()), make_key(kind), {}};
  X509* certificate = identity.certificate.get();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
  ASN1_TIME_set_string_X509(X509_getm_notBefore(certificate), "20260101000000Z");
  ASN1_TIME_set_string_X509(X509_getm_notAfter(certificate), "20360101000000Z");
  X509_set_pubkey(certificate, identity.key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0);
  X509* signer = issuer ? issuer->certificate.get() : certificate;
  X509_set_issuer_name(certificate, X509_get_subject_name(signer));
  must(X509_sign(certificate, issuer ? issuer->key.get() : identity.key.get(), EVP_sha256()) > 0,
       "not signed");
  identity.der = der_of(certificate);
  return identity;
}

const TestChain& rsa_chain() {
  static const TestChain chain = make_chain(Kind::rsa);
  return chain;
}

const TestChain& ec_chain() {
  static const TestChain chain = make_chain(Kind::ec);
  return chain;
}

}  // namespace chaintier::test
