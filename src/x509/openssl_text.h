// What several readers ask of OpenSSL's small types, for .cpp files only.
#pragma once

#include <optional>
#include <string>

#include <openssl/asn1.h>
#include <openssl/crypto.h>

#include "src/base/bytes.h"
#include "src/base/time.h"

struct asn1_object_st;

namespace chaintier {

// Dotted; cut where it is absurdly long, empty where it is none.
std::string dotted_oid(const asn1_object_st* object);
// The long name that OpenSSL has for it ("sha256WithRSAEncryption"), else dotted.
std::string object_name(const asn1_object_st* object);

// What a string type holds, as long as it lives.
inline ByteView octets(const ASN1_STRING* string) {
  return {ASN1_STRING_get0_data(string), static_cast<std::size_t>(ASN1_STRING_length(string))};
}

// Of a UTCTime or a GeneralizedTime, whichever of their forms it has.
std::optional<Time> time_of(const ASN1_TIME* time);

// DER by one of OpenSSL's i2d functions; empty when it cannot be encoded.
template <auto Encode, class T>
Bytes encoded(const T* value) {
  unsigned char* der = nullptr;
  const int size = Encode(value, &der);
  if (size <= 0) return {};
  Bytes bytes(der, der + size);
  OPENSSL_free(der);
  return bytes;
}

}  // namespace chaintier
