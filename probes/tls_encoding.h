// Reads the vectors and numbers of TLS (RFC 8446 3).
#pragma once

#include <cstddef>
#include <cstdint>

#include "src/base/bytes.h"

namespace chaintier {

// Reads from the front; after a read beyond the end everything is zero or empty and ok() is false.
class TlsCursor {
 public:
  explicit TlsCursor(ByteView bytes) : rest_(bytes) {}

  std::uint32_t number(std::size_t octets) {
    std::uint32_t value = 0;
    for (const std::uint8_t octet : take(octets)) value = value << 8 | octet;
    return value;
  }
  std::uint16_t number16() { return static_cast<std::uint16_t>(number(2)); }
  ByteView take(std::size_t count) {
    if (count > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const ByteView taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }
  // Its length in `octets` octets, then its content.
  ByteView vector(std::size_t octets) { return take(number(octets)); }

  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }

 private:
  ByteView rest_;
  bool ok_ = true;
};

// Writes them. The length of a vector is put in when it is closed.
class TlsWriter {
 public:
  explicit TlsWriter(Bytes& out) : out_(out) {}

  void number(std::size_t value, std::size_t octets) {
    for (std::size_t i = octets; i-- > 0;) out_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
  void put(ByteView octets) { out_.insert(out_.end(), octets.begin(), octets.end()); }

  struct Vector {
    std::size_t at, octets;
  };
  Vector open(std::size_t octets) {
    const Vector vector{out_.size(), octets};
    number(0, octets);
    return vector;
  }
  void close(Vector vector) {
    const std::size_t size = out_.size() - vector.at - vector.octets;
    for (std::size_t i = 0; i < vector.octets; ++i)
      out_[vector.at + i] = static_cast<std::uint8_t>(size >> (8 * (vector.octets - 1 - i)));
  }

 private:
  Bytes& out_;
};

}  // namespace chaintier
