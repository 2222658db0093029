#include "tests/probes/test_pki.h"

#include <array>
#include <stdexcept>

#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

namespace chaintier::test {
namespace {

void must(bool done, const char* what) {
  if (!done) throw std::runtime_error(what);
}

Bytes der_of(X509* certificate) {
  const int size = i2d_X509(certificate, nullptr);
  Bytes der(static_cast<std::size_t>(size));
  unsigned char* out = der.data();
  i2d_X509(certificate, &out);
  return der;
}

TestChain make_chain(Kind kind) {
  TestChain chain;
  chain.root = make_identity(kind, "Test Root");
  chain.issuer = make_identity(kind, "Test Issuer", &chain.root);
  chain.leaf = make_identity(kind, "leaf.test", &chain.issuer);
  return chain;
}

}  // namespace

EvpPkeyPtr make_key(Kind kind) {
  EvpPkeyPtr key(kind == Kind::rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256"));
  must(key != nullptr, "no key");
  return key;
}

EvpPkeyPtr forged_key(const EVP_PKEY& shown, const EVP_PKEY& used) {
  std::array<unsigned char, 128> point{};
  std::size_t size = 0;
  must(EVP_PKEY_get_octet_string_param(&shown, OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size(), &size) ==
           1,
       "point");
  BIGNUM* secret = nullptr;
  must(EVP_PKEY_get_bn_param(&used, OSSL_PKEY_PARAM_PRIV_KEY, &secret) == 1, "secret");
  const std::unique_ptr<BIGNUM, FreeWith<BN_free>> secret_owner(secret);
  const std::unique_ptr<OSSL_PARAM_BLD, FreeWith<OSSL_PARAM_BLD_free>> builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), size);
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, secret);
  const std::unique_ptr<OSSL_PARAM, FreeWith<OSSL_PARAM_free>> params(OSSL_PARAM_BLD_to_param(builder.get()));
  const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  must(EVP_PKEY_fromdata_init(context.get()) == 1 &&
           EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, params.get()) == 1,
       "forged key");
  return EvpPkeyPtr(key);
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
