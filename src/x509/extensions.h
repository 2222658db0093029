// Reading certificate extensions (RFC 5280 4.2) into a Certificate, for certificate.cpp only.
#pragma once

#include "src/base/openssl_handles.h"
#include "src/x509/certificate.h"

namespace chaintier {

// Fills the extension members and adds a Defect for what does not parse, repeats itself or is empty.
void read_extensions(const STACK_OF(X509_EXTENSION) * extensions, Certificate& certificate);

}  // namespace chaintier
