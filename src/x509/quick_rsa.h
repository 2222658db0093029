// A quick yes to RSA signatures (RFC 8017 8) by keys with the exponent that nearly all have, 65537.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "src/base/bytes.h"

namespace chaintier {

// OpenSSL sets up anew for each check what depends on the key alone, or on nothing; here a check is its
// multiplications, and takes some 80 % of the time.
//
// Not safe for use by two threads at once.
class QuickRsa {
 public:
  // `key` is the DER of an RSAPublicKey (A.1.1). Nothing for another exponent, or for a modulus that is even
  // or not of 1024 to 4096 bits.
  static std::optional<QuickRsa> make(ByteView key);
  ~QuickRsa();
  QuickRsa(QuickRsa&&) noexcept;
  QuickRsa& operator=(QuickRsa&&) noexcept;

  // RSAVP1 (5.2.2), as many octets as the modulus has. Empty when the signature has more or fewer, or is no
  // number below the modulus. Valid until the next call.
  ByteView encoded_in(ByteView signature);

  // True when `signature` is a good one by RSASSA-PKCS1-v1_5 (8.2.2) of a digest of SHA-256, SHA-384 or
  // SHA-512, which its size tells. False says nothing: the answer is then for OpenSSL to give.
  bool surely_good(ByteView digest, ByteView signature);

 private:
  struct Numbers;
  explicit QuickRsa(std::unique_ptr<Numbers> numbers);
  std::unique_ptr<Numbers> numbers_;
};

}  // namespace chaintier
