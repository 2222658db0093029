// Which P-256 keys of a run are asked about so often that a quick yes pays: see quick_ecdsa.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>

#include "src/x509/certificate.h"
#include "src/x509/quick_ecdsa.h"

namespace chaintier {

// Counts how often each key is asked about. The first sixteen that come often enough keep their tables; all
// others are counted anew after each 4096 of them. Not safe for use by two threads at once.
class OftenUsedKeys {
 public:
  // As QuickEcdsa::surely_good(): false says nothing, and is all that is said of a key without tables.
  bool surely_good(const PublicKey& key, ByteView digest, ByteView signature);

  std::uint64_t quick_answers() const { return quick_answers_; }  // so many were true

 private:
  QuickEcdsa* tables_of(const PublicKey& key);

  struct Use {
    std::size_t checks = 0;
    std::optional<QuickEcdsa> tables;
  };
  std::unordered_map<KeyFingerprint, Use> uses_;
  std::size_t tables_ = 0;
  std::uint64_t quick_answers_ = 0;
};

}  // namespace chaintier
