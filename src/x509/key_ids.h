// What the key identifiers say of an issuer (RFC 5280 4.2.1.1, 4.2.1.2). They are hints: a signature decides.
#pragma once

#include "src/x509/certificate.h"

namespace chaintier {

enum class KeyIds { same, absent /* at least one of the two */, different };

inline KeyIds compare_key_ids(const Certificate& child, const Certificate& issuer) {
  if (!child.authority_key_id || !child.authority_key_id->key_id || !issuer.subject_key_id)
    return KeyIds::absent;
  return *child.authority_key_id->key_id == *issuer.subject_key_id ? KeyIds::same : KeyIds::different;
}

}  // namespace chaintier
