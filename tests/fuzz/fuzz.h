// What the fuzz targets share. A broken promise ends the process, which is how libFuzzer learns of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "src/base/bytes.h"
#include "src/base/text.h"

namespace chaintier {

inline void promise(bool kept, const char* what) {
  if (kept) return;
  std::fprintf(stderr, "broken promise: %s\n", what);
  std::abort();
}

// Sentences of errors go to terminals as they are.
inline void promise_printable(std::string_view text) {
  promise(!text.empty(), "an error says something");
  promise(printable(text) == text, "an error's sentence is printable");
}

// Reads an input as a list of small things; what is not there any more is zero or empty.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_(data, size) {}

  bool empty() const { return rest_.empty(); }
  std::uint8_t octet() { return rest_.empty() ? std::uint8_t{0} : take(1)[0]; }
  std::size_t number() {
    const std::size_t high = octet();
    return high << 8 | octet();
  }
  ByteView take(std::size_t count) {
    const ByteView taken = rest_.first(count < rest_.size() ? count : rest_.size());
    rest_ = rest_.subspan(taken.size());
    return taken;
  }
  ByteView all() { return take(rest_.size()); }

 private:
  ByteView rest_;
};

}  // namespace chaintier
