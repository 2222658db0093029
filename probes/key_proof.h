// The server's proof that it holds the key of its certificate: CertificateVerify (RFC 8446 4.4.3), or the
// signature of the ServerKeyExchange (RFC 8422 5.4).
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "src/base/bytes.h"
#include "src/observe/observation.h"
#include "src/x509/certificate.h"

namespace chaintier {

class KeyProof {
 public:
  KeyProof();
  ~KeyProof();
  KeyProof(const KeyProof&) = delete;
  KeyProof& operator=(const KeyProof&) = delete;

  // The first certificate. Null unless each of them is a certificate from its first octet to its last, as
  // libssl wants it, and no longer than 16 KiB.
  CertificatePtr leaf_of(std::span<const ByteView> certificates);

  // Both take `signature` as sent, with its SignatureScheme before it, and the key type that the ClientHello
  // offered. False also for what is not known here: schemes and keys that servers seldom have.

  // `transcript`: the hash of all messages before CertificateVerify.
  bool in_certificate_verify(ByteView signature, ByteView transcript, const Certificate& leaf, KeyType asked);
  // `content`: both randoms and the parameters of the key exchange. `ecdsa`: what the cipher suite demands.
  bool in_key_exchange(ByteView signature, ByteView content, const Certificate& leaf, KeyType asked,
                       bool ecdsa);

  // Proofs checked with tables made for a key that comes often (quick_ecdsa.h).
  std::uint64_t done_quickly() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace chaintier
