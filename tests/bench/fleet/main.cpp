// Many TLS servers in one process on loopback, some of which misbehave: what a scanner is measured against.
#include <cstdio>
#include <fstream>
#include <stdexcept>

#include <fmt/format.h>

#include "tests/bench/fleet/serve.h"

using namespace chaintier::bench;

namespace {

void write_targets(const FleetOptions& options) {
  std::ofstream file(options.targets_file, std::ios::binary);
  for (const FleetTarget& target : options.targets)
    file << fmt::format("{} {} {} {}\n", host_name(target.index % options.leaves, options.profile),
                        dotted(target.address), target.port, target.fault ? target.fault->name : "none");
  if (!file.flush()) throw std::runtime_error(fmt::format("cannot write {}", options.targets_file));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const FleetOptions options = read_fleet_options({argv + 1, argv + argc});
    if (!options.targets_file.empty()) write_targets(options);
    const std::function<void()> say_so = [&] {
      // Whoever started the fleet waits for this line.
      fmt::print("listening: {} targets, profile {}\n", options.targets.size(), options.profile);
      std::fflush(stdout);
    };
    const Counters seen = serve(options, say_so);
    fmt::print("accepted={} handshakes={} failed={} most_open={}\n", seen.accepted, seen.handshakes,
               seen.failed, seen.most_open);
  } catch (const UsageError& error) {
    fmt::print(stderr, "tls_fleet: {}\n{}", error.what(), fleet_usage());
    return 2;
  } catch (const std::exception& error) {
    fmt::print(stderr, "tls_fleet: {}\n", error.what());
    return 1;
  }
}
