// The bulk capture: every address of every target, within limits that hold for the whole run.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "probes/resolver.h"
#include "probes/stop_flag.h"
#include "src/base/address.h"
#include "src/base/time.h"
#include "src/observe/observation.h"
#include "src/observe/target.h"

namespace chaintier {

struct ScanOptions {
  int samples = 1;  // fresh handshakes per address and key type
  bool also_without_sni = false;
  std::vector<KeyType> key_types = {KeyType::any};
  AddressFamily family = AddressFamily::any;  // of names; an address given as such is always asked
  int concurrency = 200;                      // lookups and connections in flight
  int per_address = 2;                        // connections in flight to one address and port, across targets
  // New connections a second. They are begun evenly spaced, but what waits for a lane that is busy leaves
  // together, at most a quarter of a second late.
  std::optional<double> rate;
  double lookup_rate = 500;  // names looked up a second; no more than `rate` where there is one
  Milliseconds connect_timeout{5000};
  Milliseconds handshake_timeout{8000};  // the STARTTLS dialogue has the same, by itself
  Milliseconds target_timeout{30000};    // grows by handshake_timeout for each further capture of an address
  std::map<std::string, std::vector<IpAddress>> resolve;   // by A-label name: these instead of a lookup
  std::optional<std::pair<IpAddress, std::uint16_t>> dns;  // this name server instead of the machine's
  // While the calling thread is less far behind than this and has few targets under way, it takes the next
  // one itself. None at all divides the targets evenly.
  std::chrono::microseconds longest_backlog{2000};
  struct Origin {
    IpAddress address;
    std::optional<std::uint16_t> port;  // the target's when nothing
  };
  std::optional<Origin> origin;  // asked beside the addresses of each target
  // Of the scanning machine, without loopback: endpoints at one of them are marked. Loopback addresses are
  // marked where a lookup led to them; who asks for one by number knows.
  std::vector<IpAddress> own_addresses;
};

// How many connections may be in flight at a time: as many as asked for, or as the descriptors leave that
// this process may open and so many lanes do not need.
std::size_t most_in_flight(const ScanOptions& options, std::size_t lanes);

// The name server part of a run, so that tests can script it. Called once, with the executor of the run.
using ResolverFactory = std::function<std::unique_ptr<Resolver>(boost::asio::any_io_executor)>;

// What is done with a finished target, in two steps: this one on the lane of its captures, while other lanes
// go on; then what it returns (nothing more when empty), on the calling thread, one target after the other.
using Finish = std::function<std::function<void()>(std::size_t index, Observation)>;

// Finishes every target once, as soon as its captures are over, and returns after all. There is a lane, which
// is a thread, for each of `finish`, whose calls belong to it alone; the first lane is the calling thread,
// and the others get what it cannot do alone. `clock` gives the time that samples are marked with.
//
// A target is begun only when there is room for it, and its time is counted only while a lookup or a
// connection of its own is under way: waiting for another target costs it nothing. When its time is over,
// what is in flight ends as a timeout and what was not begun stays `not_started`. After a request by `stop`
// everything not finished becomes `not_started` and the call returns within a fraction of a second.
//
// When this machine runs out of descriptors or ports, fewer connections are in flight for a while and what
// found none is begun again later. Only when nothing gets through for longer than ports are kept back after
// use is that a failure (Cause::limit).
//
// An exception thrown by either step ends the run and leaves this function.
void scan(const std::vector<Target>& targets, const ScanOptions& options, const std::function<Time()>& clock,
          const StopFlag& stop, const std::vector<Finish>& finish);
void scan(const std::vector<Target>& targets, const ScanOptions& options, const std::function<Time()>& clock,
          const StopFlag& stop, const std::vector<Finish>& finish, const ResolverFactory& resolver);

// On the calling thread alone.
void scan(const std::vector<Target>& targets, const ScanOptions& options, const std::function<Time()>& clock,
          const StopFlag& stop, const std::function<void(std::size_t, Observation)>& done);

}  // namespace chaintier
