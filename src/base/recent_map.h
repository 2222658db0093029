// A memory of what came lately.
#pragma once

#include <cstddef>
#include <unordered_map>
#include <utility>

namespace chaintier {

// Remembers at least the last `size` values that were put, and at most twice as many. To find a value does
// not make it younger.
template <class Key, class Value>
class RecentMap {
 public:
  explicit RecentMap(std::size_t size) : size_(size) {}

  // Null when it is not there; valid until the next put().
  const Value* find(const Key& key) const {
    for (const auto* values : {&young_, &old_})
      if (const auto found = values->find(key); found != values->end()) return &found->second;
    return nullptr;
  }

  // A value that is there already is replaced. Valid until the next put().
  const Value& put(Key key, Value value) {
    if (young_.size() >= size_) {
      old_ = std::move(young_);
      young_.clear();
    }
    return young_.insert_or_assign(std::move(key), std::move(value)).first->second;
  }

 private:
  std::size_t size_;
  std::unordered_map<Key, Value> young_, old_;
};

}  // namespace chaintier
