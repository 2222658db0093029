#include "src/x509/asn1_layout.h"

namespace chaintier::asn1 {

namespace {

// OpenSSL's template macros, which clang-format takes for something else.
// clang-format off
// NOLINTBEGIN
ASN1_SEQUENCE(Validity) = {
  ASN1_SIMPLE(Validity, not_before, ASN1_TIME),
  ASN1_SIMPLE(Validity, not_after, ASN1_TIME)
} static_ASN1_SEQUENCE_END(Validity)

ASN1_SEQUENCE_enc(KeyInfo, encoding, 0) = {
  ASN1_SIMPLE(KeyInfo, algorithm, X509_ALGOR),
  ASN1_SIMPLE(KeyInfo, key, ASN1_BIT_STRING)
} static_ASN1_SEQUENCE_END_ref(KeyInfo, KeyInfo)

ASN1_SEQUENCE_enc(Tbs, encoding, 0) = {
  ASN1_EXP_OPT(Tbs, version, ASN1_INTEGER, 0),
  ASN1_SIMPLE(Tbs, serial, ASN1_INTEGER),
  ASN1_SIMPLE(Tbs, signature, X509_ALGOR),
  ASN1_SIMPLE(Tbs, issuer, ASN1_SEQUENCE),
  ASN1_SIMPLE(Tbs, validity, Validity),
  ASN1_SIMPLE(Tbs, subject, ASN1_SEQUENCE),
  ASN1_SIMPLE(Tbs, key, KeyInfo),
  ASN1_IMP_OPT(Tbs, issuer_id, ASN1_BIT_STRING, 1),
  ASN1_IMP_OPT(Tbs, subject_id, ASN1_BIT_STRING, 2),
  ASN1_EXP_SEQUENCE_OF_OPT(Tbs, extensions, X509_EXTENSION, 3)
} static_ASN1_SEQUENCE_END_ref(Tbs, Tbs)

ASN1_SEQUENCE(Cert) = {
  ASN1_SIMPLE(Cert, tbs, Tbs),
  ASN1_SIMPLE(Cert, algorithm, X509_ALGOR),
  ASN1_SIMPLE(Cert, signature, ASN1_BIT_STRING)
} static_ASN1_SEQUENCE_END(Cert)
// NOLINTEND
// clang-format on

}  // namespace

void FreeCert::operator()(Cert* cert) const noexcept {
  ASN1_item_free(reinterpret_cast<ASN1_VALUE*>(cert), ASN1_ITEM_rptr(Cert));
}

CertPtr read_cert(const unsigned char** in, long length) {
  return CertPtr{reinterpret_cast<Cert*>(ASN1_item_d2i(nullptr, in, length, ASN1_ITEM_rptr(Cert)))};
}

Bytes as_sent(const ASN1_ENCODING& encoding) { return Bytes(encoding.enc, encoding.enc + encoding.len); }

}  // namespace chaintier::asn1
