// The state of one target in a scan: which captures it needs, which are under way, and how much time it has
// left. No sockets and no clock of its own.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "probes/async.h"
#include "src/observe/observation.h"

namespace chaintier {

struct ScanOptions;

// Counts only the time in which something of the target is in flight.
class Stopwatch {
 public:
  explicit Stopwatch(Milliseconds limit) : left_(limit) {}

  void resume(Deadline now) {
    if (running_++ == 0) over_at_ = now + left_;
  }
  void pause(Deadline now) {
    if (--running_ == 0) left_ = over_at_ - now;
  }
  // Meaningful between resume and pause.
  Deadline over_at() const { return over_at_; }
  bool is_over(Deadline now) const {
    return running_ ? now >= over_at_ : left_ <= SteadyClock::duration::zero();
  }

 private:
  SteadyClock::duration left_;
  Deadline over_at_{};
  int running_ = 0;
};

struct TargetRun {
  TargetRun(std::size_t index, const Target& target, const ScanOptions& options);

  // Makes the endpoints with all their samples, as yet not started. An error becomes one failed sample
  // at an endpoint without address.
  void set_addresses(const std::vector<IpAddress>& addresses, const ScanOptions& options);
  void set_no_address(const Error& error, const ScanOptions& options);
  // For a target that was never begun: what would have been asked, as far as that is known without a lookup.
  void set_not_begun(const ScanOptions& options);
  void set_resolve_time(Milliseconds took);
  // Marks the endpoints at this machine's own addresses; loopback only for a name that was looked up.
  void mark_this_machine(const ScanOptions& options, bool looked_up);

  struct Place {
    std::size_t endpoint = 0, sample = 0;
  };
  Sample& sample(Place place) { return observation.endpoints[place.endpoint].samples[place.sample]; }

  std::size_t index;
  std::optional<std::size_t> lane;  // that makes all its captures and finishes it, once it is chosen
  Observation observation;
  Stopwatch watch;
  std::vector<Place> places;  // the captures to make, round by round
  std::size_t open = 0;       // of them, those that are neither done nor given up
  std::size_t in_flight = 0;  // lookups and captures
  bool own_client = true;     // it is still worth trying (CaptureRequest)
  bool finished = false;      // its observation has been handed over

 private:
  std::vector<Sample> planned_samples(const ScanOptions& options) const;
  void add_nowhere(Sample sample);
};

// Captures of one address.
std::size_t captures_per_address(const ScanOptions& options, const Target& target);

}  // namespace chaintier
