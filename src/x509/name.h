// Reading distinguished names, for the .cpp files of x509 only.
#pragma once

#include <optional>

#include "src/base/openssl_handles.h"
#include "src/x509/certificate.h"

namespace chaintier {

// A Name (RFC 5280 4.1.2.4) from its encoding; nothing when it is none. `bad` is set when a string holds NUL;
// a string that is not valid for its type makes the whole unreadable. BER that is not DER is read by OpenSSL,
// as far as that can.
std::optional<Name> read_name(ByteView encoded, bool& bad);

// The same for a name that OpenSSL has read already.
Name read_name(const X509_NAME* name, bool& bad);

// RFC 5280 7.1 as far as octet comparison goes: case folded, NFKC, inner white space one blank, none at the
// ends.
std::string canonical_value(std::string_view utf8);

}  // namespace chaintier
