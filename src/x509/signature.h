// Was this certificate signed with that key? (RFC 5280 4.1.1.3)
#pragma once

#include <cstdint>
#include <memory>

#include "src/x509/certificate.h"

namespace chaintier {

enum class SignatureState { good, bad, unsupported /* algorithm or key that cannot be used, or not so */ };

// Remembers each answer by (child, issuer key) and each decoded issuer key: a signature is checked once
// however many paths and clients share it. A P-256 key that is used often becomes quicker to check with, see
// quick_ecdsa.h. Not safe for use by two threads at once; make one for each.
class SignatureChecker {
 public:
  SignatureChecker();
  ~SignatureChecker();
  SignatureChecker(SignatureChecker&&) noexcept;
  SignatureChecker& operator=(SignatureChecker&&) noexcept;

  // Weak digests and short keys are no reason to say `bad`: judging them is for the rules.
  SignatureState check(const Certificate& child, const PublicKey& issuer_key);

  // The same for something else that was signed, which is not remembered: `data` as signed, and the DER of
  // the AlgorithmIdentifier.
  SignatureState check(ByteView data, ByteView algorithm, ByteView signature, const PublicKey& key);

  std::uint64_t checks_done() const;          // public key operations so far
  std::uint64_t checks_done_quickly() const;  // of these, by tables made for a key that is used often

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace chaintier
