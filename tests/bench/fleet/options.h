// What a test fleet serves and how it misbehaves, as its command line says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace chaintier::bench {

enum class Fault {
  delay,      // waits ARG milliseconds before the first octet is answered
  stall,      // accepts, reads, never answers
  reset,      // cuts the connection after the ClientHello
  close,      // closes it in order after the ClientHello
  halfway,    // sends the first 64 octets of its flight, then cuts the connection
  drip,       // sends its flight one octet each ARG milliseconds
  alert,      // fatal handshake_failure
  http,       // "HTTP/1.1 400 Bad Request"
  alternate,  // every second connection gets the expired leaf: a stale server behind a load balancer
  leaf_only,  // no intermediates
  blackhole,  // never completes the TCP handshake
  refuse,     // nothing listens
};

// KIND:EVERY[:ARG]: target i has the fault when i % EVERY == EVERY - 1.
struct FaultRule {
  Fault kind{};
  std::size_t every = 1;
  int argument = 2000;
  std::string name;
};

// One address and port. The leaf it serves is `index` modulo the number of leaves, unless SNI names another.
struct FleetTarget {
  std::uint32_t address = 0;  // IPv4, in host order, always in 127.0.0.0/8
  std::uint16_t port = 0;
  std::size_t index = 0;
  std::optional<FaultRule> fault;

  bool has(Fault kind) const { return fault && fault->kind == kind; }
};

struct FleetOptions {
  std::string certificates = "certs", profile = "ec4", targets_file;
  std::vector<FleetTarget> targets;
  std::size_t leaves = 0;  // 0: as many as there are targets
  std::size_t tickets = 0;
  int only_version = 0;  // 12, 13, or 0 for both
  int max_seconds = 3600;
  bool staples = false, root_too = false;
};

// The command line cannot be obeyed; what() is one sentence.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

FleetOptions read_fleet_options(const std::vector<std::string_view>& arguments);
std::string_view fleet_usage();

std::string dotted(std::uint32_t address);
std::string host_name(std::size_t index, std::string_view profile);  // "h00012.ec4.fleet.test"

}  // namespace chaintier::bench
