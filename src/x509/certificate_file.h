// Certificates out of the files people have: PEM (several, with text around, CRLF, BOM), DER, PKCS#7.
// The kind is told by the content, never by the name (manual 6.5).
#pragma once

#include <string_view>
#include <vector>

#include "src/base/bytes.h"
#include "src/base/result.h"

namespace chaintier {

// DER of each certificate in file order; they need not parse as certificates. Fails, with one clear
// sentence, when there is none: what the file is instead (a CSR, a private key, HTML ...) or where the
// base64 is damaged.
Result<std::vector<Bytes>> certificates_in(ByteView content);

}  // namespace chaintier
