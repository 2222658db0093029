// What a server sent, on its way to whoever shakes hands with it.
#pragma once

#include <algorithm>

#include "probes/connection.h"
#include "probes/handshake_record.h"
#include "probes/tls_session.h"

namespace chaintier {

constexpr std::size_t first_octets_kept = 256;
// A server may send without an end what libssl skips. What we read from one connection has one.
constexpr std::size_t most_octets_read = longest_certificate_list + 512 * 1024;

// Keeps the first octets from the server, which tell what speaks there when it is not TLS.
class RecordingWire final : public TlsWire {
 public:
  explicit RecordingWire(Connection& connection) : connection_(connection) {}

  Moved read(std::span<std::uint8_t> into) override {
    if (octets_ > most_octets_read) return {Status::closed, 0};
    const Moved moved = connection_.read(into);
    octets_ += moved.octets;
    if (moved.status == Status::done && first_.size() < first_octets_kept) {
      const auto fresh = into.first(std::min(moved.octets, first_octets_kept - first_.size()));
      first_.insert(first_.end(), fresh.begin(), fresh.end());
    }
    return moved;
  }
  Moved write(ByteView octets) override { return connection_.write(octets); }

  ByteView first() const { return first_; }
  bool too_much() const { return octets_ > most_octets_read; }

 private:
  Connection& connection_;
  std::size_t octets_ = 0;
  Bytes first_;
};

}  // namespace chaintier
