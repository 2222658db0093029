// The ASN.1 shape of a certificate (RFC 5280 4.1) for OpenSSL's decoder, for .cpp files only.
//
// OpenSSL's own X509 type decodes the subject's public key while it parses, which takes ten times as long as
// all the rest, and puts names into a canonical form of its own. In this layout key and names stay octets.
#pragma once

#include <memory>

#include <openssl/asn1t.h>
#include <openssl/x509.h>

#include "src/base/bytes.h"
#include "src/base/openssl_handles.h"

namespace chaintier::asn1 {

struct Validity {
  ASN1_TIME* not_before;
  ASN1_TIME* not_after;
};

struct KeyInfo {
  X509_ALGOR* algorithm;
  ASN1_BIT_STRING* key;
  ASN1_ENCODING encoding;  // see as_sent()
};

struct Tbs {
  ASN1_INTEGER* version;  // absent for v1
  ASN1_INTEGER* serial;
  X509_ALGOR* signature;
  ASN1_STRING* issuer;  // the whole encoding, as `subject`
  Validity* validity;
  ASN1_STRING* subject;
  KeyInfo* key;
  ASN1_BIT_STRING* issuer_id;
  ASN1_BIT_STRING* subject_id;
  STACK_OF(X509_EXTENSION) * extensions;
  ASN1_ENCODING encoding;
};

struct Cert {
  Tbs* tbs;
  X509_ALGOR* algorithm;
  ASN1_BIT_STRING* signature;
};

struct FreeCert {
  void operator()(Cert* cert) const noexcept;
};
using CertPtr = std::unique_ptr<Cert, FreeCert>;

// Moves `in` behind what was read; null when the structure cannot be read.
CertPtr read_cert(const unsigned char** in, long length);
// Of a structure that was read: its octets unchanged.
Bytes as_sent(const ASN1_ENCODING& encoding);

}  // namespace chaintier::asn1
