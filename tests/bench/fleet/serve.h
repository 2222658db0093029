#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "tests/bench/fleet/options.h"

namespace chaintier::bench {

struct Counters {
  std::uint64_t accepted = 0, handshakes = 0, failed = 0;
  std::size_t most_open = 0;
};

// Serves until SIGTERM, SIGINT or the end that the options name. `listening` is called once all targets can
// be connected to. Throws std::runtime_error when a port is taken or a file is missing.
Counters serve(const FleetOptions& options, const std::function<void()>& listening);

}  // namespace chaintier::bench
