// Octets that must not be found again: passwords, files that may hold private keys, decrypted keys.
#pragma once

#include <string_view>

#include "src/base/bytes.h"

namespace chaintier {

// Owns octets and overwrites them when it goes. Not copyable, and it never grows, so that no stale copy stays
// behind. Nothing prints one.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::size_t size) : bytes_(size) {}
  explicit Secret(ByteView content) : bytes_(content.begin(), content.end()) {}
  ~Secret();
  Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)) { other.bytes_.clear(); }
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;

  ByteView view() const { return bytes_; }
  std::string_view text() const { return text_of(bytes_); }
  std::uint8_t* data() { return bytes_.data(); }
  std::size_t size() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }
  // Cuts off what lies behind `size`; the octets there are overwritten.
  void shrink(std::size_t size);

 private:
  void wipe();
  Bytes bytes_;
};

}  // namespace chaintier
