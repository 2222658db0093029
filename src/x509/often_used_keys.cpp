#include "src/x509/often_used_keys.h"

namespace chaintier {

namespace {

// The tables of QuickEcdsa cost as much as some 600 checks with them save; a key that was asked about half as
// often is likely to be one of a large fleet.
constexpr std::size_t checks_before_tables = 300, most_tables = 16;
constexpr std::size_t most_counted = 4096;

}  // namespace

bool OftenUsedKeys::surely_good(const PublicKey& key, ByteView digest, ByteView signature) {
  QuickEcdsa* const tables = tables_of(key);
  const bool good = tables && tables->surely_good(digest, signature);
  if (good) ++quick_answers_;
  return good;
}

// Counts the key. Null while it has no tables; valid until the next call.
QuickEcdsa* OftenUsedKeys::tables_of(const PublicKey& key) {
  if (key.curve != "P-256") return nullptr;
  if (uses_.size() >= most_counted) std::erase_if(uses_, [](const auto& use) { return !use.second.tables; });
  Use& use = uses_[key.fingerprint];
  if (++use.checks == checks_before_tables && tables_ < most_tables) {
    use.tables = QuickEcdsa::make(key.spki);
    if (use.tables) ++tables_;
  }
  return use.tables ? &*use.tables : nullptr;
}

}  // namespace chaintier
