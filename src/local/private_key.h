// Private keys: what they are and which public key belongs to them. Nothing of the private half is given out.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/secret.h"
#include "src/local/local_report.h"

namespace chaintier {

// OpenSSL with the algorithms of old files (RC2, MD5 ...) where its "legacy" provider is installed, apart
// from what the rest of the program uses, and the passwords to try. One for a run.
class Unlocker {
 public:
  explicit Unlocker(std::vector<Secret> passwords);
  ~Unlocker();
  Unlocker(const Unlocker&) = delete;
  Unlocker& operator=(const Unlocker&) = delete;

  // As given; the readers of containers try no password at all besides.
  const std::vector<Secret>& passwords() const { return passwords_; }
  // A further one that a server's configuration holds.
  void add(Secret password);
  bool has_legacy() const;

  struct State;  // see openssl_context.h, for .cpp files
  const State& state() const { return *state_; }

 private:
  std::unique_ptr<State> state_;
  std::vector<Secret> passwords_;
};

// Why something stays locked: no password was there to try, or none was the right one.
Reason not_opened(const Unlocker& unlocker);

// An unencrypted key: PKCS#8 (RFC 5958), PKCS#1 (RFC 8017), EC (RFC 5915) or OpenSSL's DSA form. Nothing for
// anything else. `fits` is false when its private half does not fit its public half: the file is damaged.
struct OpenedKey {
  PublicKey half;  // the public one; empty where the key has none
  bool fits = true;
};
std::optional<OpenedKey> read_private_key(ByteView der, const Unlocker& unlocker);

// EncryptedPrivateKeyInfo (RFC 5958 3) in DER: is it one?
bool is_locked_key(ByteView der);

// A key item: opened if it can be. Never fails; what could not be done is its `problem`.
LocalItem locked_key_item(ByteView der, const Unlocker& unlocker);
LocalItem locked_pem_item(const Secret& pem, const Unlocker& unlocker);  // RFC 1421, "4,ENCRYPTED"
LocalItem key_item(const OpenedKey& key);

// More rounds of key derivation than this are not tried: a hostile file could ask for hours.
bool costs_too_much(ByteView algorithm_der);

}  // namespace chaintier
