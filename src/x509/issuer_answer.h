// What a caIssuers URL delivers (RFC 5280 4.2.2.1): a certificate in DER, or several in PKCS#7; some servers
// send PEM.
#pragma once

#include <vector>

#include "src/base/bytes.h"
#include "src/base/result.h"
#include "src/x509/certificate.h"

namespace chaintier {

// The certificates of an answer, each once, in its order and at most 32 of them. The error says what the
// answer is instead. It comes from a stranger: nothing of it is trusted here, the signatures decide.
Result<std::vector<CertificatePtr>> issuers_in(ByteView body);

}  // namespace chaintier
