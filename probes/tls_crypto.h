// The cryptography of a TLS client without pre-shared keys, under the names of RFC 8446 and RFC 5246. The
// algorithms themselves are OpenSSL's.
//
// A call that OpenSSL cannot fulfil (no memory, an algorithm switched off) throws std::runtime_error.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "src/base/bytes.h"

struct evp_md_ctx_st;

namespace chaintier {

enum class TlsHash { sha256, sha384 };
enum class Aead { aes_128_gcm, aes_256_gcm, chacha20_poly1305 };

// RFC 8446 B.4; RFC 5289 3.2 and RFC 7905 2. Only suites with an AEAD, and with (EC)DHE.
struct CipherSuite {
  std::uint16_t code;
  std::string_view name;
  std::uint16_t version;  // of ProtocolVersion
  TlsHash hash;
  Aead aead;
  std::size_t key_octets;
  bool ecdsa = false;  // TLS 1.2: the leaf's key must be one for ECDSA, else for RSA
};
const CipherSuite* cipher_suite(std::uint16_t code);  // null: none of ours

// A value of the key schedule, or a hash: at most 48 octets.
struct Secret {
  std::array<std::uint8_t, 48> octets{};
  std::size_t size = 0;
  ByteView view() const { return {octets.data(), size}; }
};
Secret secret_of(ByteView octets);  // no more than there is room for

using Nonce = std::array<std::uint8_t, 12>;

// For the records of one direction, RFC 8446 5.2 and 5.3; of TLS 1.2, RFC 5288 3 and RFC 7905 2.
struct TrafficKeys {
  Secret key;
  Nonce iv{};  // of AES-GCM in TLS 1.2 only the first four octets, the salt
  std::uint64_t sequence = 0;
};

constexpr std::size_t record_header = 5, aead_tag = 16;

// For any number of connections of one thread, which it does not tell apart.
class TlsCrypto {
 public:
  TlsCrypto();
  ~TlsCrypto();
  TlsCrypto(const TlsCrypto&) = delete;
  TlsCrypto& operator=(const TlsCrypto&) = delete;

  Secret digest(TlsHash hash, ByteView data);
  // RFC 8446 7.1: HKDF-Extract, HKDF-Expand-Label of up to the hash's octets, Derive-Secret.
  Secret extract(TlsHash hash, const Secret& salt, const Secret& keying_material);
  Secret expand_label(TlsHash hash, const Secret& secret, std::string_view label, ByteView context,
                      std::size_t octets);
  Secret derive(TlsHash hash, const Secret& secret, std::string_view label, const Secret& transcript);
  // The steps between the secrets of its figure: Derive-Secret(., "derived", ""); for the Handshake Secret
  // without a pre-shared key, where it is always the same; and as many zeros as the hash has octets.
  Secret derive_next(TlsHash hash, const Secret& secret);
  const Secret& handshake_salt(TlsHash hash) const;
  static Secret zeros(TlsHash hash);
  TrafficKeys traffic_keys(const CipherSuite& suite, const Secret& traffic_secret);       // 7.3
  Secret finished(TlsHash hash, const Secret& traffic_secret, const Secret& transcript);  // 4.4.4

  // RFC 5246 5.
  Bytes prf(TlsHash hash, const Secret& secret, std::string_view label, ByteView seed, std::size_t octets);

  // Appends the plaintext to `out`. False when it was not sealed so.
  bool open(Aead aead, const Secret& key, const Nonce& nonce, ByteView additional, ByteView sealed,
            Bytes& out);
  // Appends the ciphertext and its tag.
  void seal(Aead aead, const Secret& key, const Nonce& nonce, ByteView additional, ByteView plain,
            Bytes& out);

 private:
  friend class Transcript;
  struct State;
  std::unique_ptr<State> state_;
};

// RFC 8446 5.3: the sequence number, padded on the left, upon the IV. Counts it on.
Nonce next_nonce(TrafficKeys& keys);

// The running hash of the handshake messages, RFC 8446 4.4.1, RFC 5246 7.4.9.
class Transcript {
 public:
  Transcript(TlsCrypto& crypto, TlsHash hash);
  void add(ByteView message);
  Secret so_far() const;

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const noexcept;
  };
  TlsCrypto& crypto_;
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

// A key pair (RFC 7748, RFC 8422 5.4), and what it has in common with others'.
class KeyShare {
 public:
  enum class Group { x25519, secp256r1, secp384r1 };

  explicit KeyShare(Group group);
  ~KeyShare();
  KeyShare(const KeyShare&) = delete;
  KeyShare& operator=(const KeyShare&) = delete;

  ByteView public_key() const;
  // Nothing for a public key that is none, or of low order (RFC 8446 7.4.2).
  std::optional<Secret> shared_with(ByteView their_public_key);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// NamedGroup, RFC 8446 4.2.7.
std::optional<KeyShare::Group> key_share_group(std::uint16_t named_group);

}  // namespace chaintier
