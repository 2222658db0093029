// What several readers ask of OpenSSL's small types, for .cpp files only.
#pragma once

#include <string>

#include "src/base/bytes.h"

struct asn1_object_st;
struct X509_algor_st;

namespace chaintier {

// Dotted; cut where it is absurdly long, empty where it is none.
std::string dotted_oid(const asn1_object_st* object);
// The long name that OpenSSL has for it ("sha256WithRSAEncryption"), else dotted.
std::string object_name(const asn1_object_st* object);

// DER; empty when it cannot be encoded.
Bytes encoded(const X509_algor_st* algorithm);

}  // namespace chaintier
