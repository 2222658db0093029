// How many connections a scan has in flight at most: fewer while this machine lacks descriptors or ports.
#pragma once

#include <algorithm>
#include <cstddef>

#include "probes/async.h"

namespace chaintier {

class FlightWidth {
 public:
  FlightWidth(std::size_t full, Deadline now) : full_(full), width_(full), last_had_room_(now) {}

  std::size_t now() const { return width_; }

  void had_room(Deadline now) {
    last_had_room_ = now;
    width_ = std::min(width_ + 1, full_);
  }
  // A connection of `in_flight` found no room. True while it may be begun again: until nothing got through
  // for longer than ports are kept back after use.
  bool lacked_room(std::size_t in_flight, Deadline now) {
    // Those that fail one after the other leave as many in flight as there was room for.
    width_ = std::max<std::size_t>(std::min(width_, in_flight) - 1, 1);
    return now < last_had_room_ + longest_exhaustion;
  }

 private:
  // Ports are free again after a minute at the latest (TIME_WAIT of Linux).
  static constexpr Milliseconds longest_exhaustion{90'000};

  std::size_t full_, width_;
  Deadline last_had_room_;
};

}  // namespace chaintier
