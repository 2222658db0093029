// Evenly spaced starts: at most `rate` a second. Without a clock of its own.
#pragma once

#include <algorithm>
#include <optional>

#include "probes/async.h"

namespace chaintier {

class RateLimit {
 public:
  explicit RateLimit(std::optional<double> per_second) {
    if (per_second)
      interval_ =
          std::chrono::duration_cast<SteadyClock::duration>(std::chrono::duration<double>(1.0 / *per_second));
  }

  // The moment from which on the next start is allowed.
  Deadline next() const { return next_; }
  bool allows(Deadline now) const { return now >= next_; }

  // Starts that a late timer has missed are caught up with, but no more than a short burst of them.
  void take(Deadline now) { next_ = std::max(next_, now - longest_burst) + interval_; }
  // Connections that were made without asking.
  void charge(int starts) { next_ += interval_ * starts; }

 private:
  static constexpr Milliseconds longest_burst{20};
  SteadyClock::duration interval_{0};
  Deadline next_{};
};

}  // namespace chaintier
