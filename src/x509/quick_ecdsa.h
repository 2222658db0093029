// A quick yes to ECDSA signatures (FIPS 186-5 6.4.2) by one P-256 key that is asked about again and again.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "src/base/bytes.h"

namespace chaintier {

// OpenSSL keeps a table of multiples for the generator of the curve, and none for a public key. Given a copy
// of the group whose generator is the key, it makes one for that too: both multiplications of a check are
// then equally cheap, and the check takes some 40 % of the time.
//
// Not safe for use by two threads at once.
class QuickEcdsa {
 public:
  // Takes as long as some 600 checks save, and 150 kB. Nothing for what is not a SubjectPublicKeyInfo of
  // P-256 with an uncompressed point on it (RFC 5480 2), or when this OpenSSL has no such tables.
  static std::optional<QuickEcdsa> make(ByteView spki);
  ~QuickEcdsa();
  QuickEcdsa(QuickEcdsa&&) noexcept;
  QuickEcdsa& operator=(QuickEcdsa&&) noexcept;

  // True when `signature`, the DER of an ECDSA-Sig-Value, is a good one of `digest`. False says nothing: the
  // answer is then for OpenSSL to give.
  bool surely_good(ByteView digest, ByteView signature);

 private:
  struct Tables;
  explicit QuickEcdsa(std::unique_ptr<Tables> tables);
  std::unique_ptr<Tables> tables_;
};

}  // namespace chaintier
