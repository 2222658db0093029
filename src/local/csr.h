// Certificate requests (RFC 2986), DER.
#pragma once

#include <optional>

#include "src/local/local_report.h"

namespace chaintier {

// Nothing for anything that is not a request.
std::optional<LocalItem> read_csr(ByteView der);
// A revocation list: known when seen, nothing more.
bool is_crl(ByteView der);

}  // namespace chaintier
