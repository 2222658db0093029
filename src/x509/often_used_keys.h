// Which P-256 keys of a run are asked about so often that a quick yes pays: see quick_ecdsa.h.
#pragma once

#include <cstddef>
#include <optional>
#include <unordered_map>

#include "src/x509/certificate.h"
#include "src/x509/quick_ecdsa.h"

namespace chaintier {

// Not safe for use by two threads at once.
class OftenUsedKeys {
 public:
  // Counts a check with this key. Null for a key that has not come often, of another kind, or beyond the
  // first sixteen; else valid until the next call.
  QuickEcdsa* tables_of(const PublicKey& key);

 private:
  struct Use {
    std::size_t checks = 0;
    std::optional<QuickEcdsa> tables;
  };
  std::unordered_map<KeyFingerprint, Use> uses_;
  std::size_t tables_ = 0;
};

}  // namespace chaintier
