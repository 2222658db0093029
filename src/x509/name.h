// Reading distinguished names, for the .cpp files of x509 only.
#pragma once

#include "src/base/openssl_handles.h"
#include "src/x509/certificate.h"

namespace chaintier {

// `bad` is set when a string is not valid for its type, or holds NUL.
Name read_name(const X509_NAME* name, bool& bad);

Bytes encoded_name(const X509_NAME* name);

// RFC 5280 7.1 as far as octet comparison goes: case folded, NFKC, inner white space one blank, none at the
// ends.
std::string canonical_value(std::string_view utf8);

}  // namespace chaintier
