// Certificates as files that servers take.
#pragma once

#include <span>
#include <string>

#include "src/x509/certificate.h"

namespace chaintier {

// PEM, one after the other in the given order.
std::string pem_bundle(std::span<const CertificatePtr> certificates);

// A PKCS#7 SignedData without signers (RFC 2315 9.1), PEM: what Windows calls .p7b. Certificates only; DER
// would sort a SET, and the order is kept here as given.
std::string pkcs7_bundle(std::span<const CertificatePtr> certificates);

}  // namespace chaintier
