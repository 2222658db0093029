// Public keys (RFC 5280 4.1.2.7) as plain values, without decoding them.
#pragma once

#include <optional>
#include <string>

#include "src/x509/certificate.h"

struct X509_algor_st;

namespace chaintier {

// Of a SubjectPublicKeyInfo that stands alone; nothing when it is none.
std::optional<PublicKey> read_public_key(ByteView spki);

// Of one that was taken apart, for .cpp files: `key` is the BIT STRING's content, `spki` the whole.
PublicKey read_public_key(const X509_algor_st* algorithm, ByteView key, Bytes spki);

// The octets of the BIT STRING of a SubjectPublicKeyInfo, which is the key itself: an RSAPublicKey (RFC 8017
// A.1.1), a point ... Empty when it is none, or its bits are no whole octets.
ByteView key_octets(ByteView spki);

// The point of a key on P-256: the 65 octets of its uncompressed form, whether it lies on the curve or not.
// Nothing for any other key or form (RFC 5480 2).
std::optional<ByteView> p256_point(ByteView spki);

// "RSA 2048", "EC P-256", "Ed25519".
std::string key_summary(const PublicKey& key);

}  // namespace chaintier
