// Is it DER, or some other BER? (X.690 10, 11) The decoder reads both alike, most clients do not.
#pragma once

#include "src/base/bytes.h"

namespace chaintier {

// For a whole element that is known to be well-formed BER, or anything else: what is no element at all is no
// DER. Lengths, forms, BOOLEAN, INTEGER and the end of BIT STRING are looked at, the order within SETs is
// not: names with several attributes in one RDN are out of order too often, and nobody minds.
bool is_der(ByteView element);

}  // namespace chaintier
