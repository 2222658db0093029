#include "probes/target_run.h"

#include <algorithm>

#include <doctest/doctest.h>

#include "probes/own_addresses.h"
#include "probes/scan.h"

using namespace chaintier;

TEST_CASE("this machine: its interfaces always, loopback only where a name led there") {
  const auto ip = [](const char* text) { return *IpAddress::parse(text); };
  ScanOptions options;
  options.own_addresses = {ip("192.0.2.1"), ip("2001:db8::1")};
  options.origin = ScanOptions::Origin{ip("192.0.2.1"), std::nullopt};
  const std::vector<IpAddress> addresses{ip("192.0.2.1"), ip("192.0.2.2"), ip("127.0.0.1"), ip("::1"),
                                         ip("2001:db8::1")};
  const auto marks = [&](bool looked_up) {
    TargetRun run(0, parse_target("www.example.tw").value(), options);
    run.set_addresses(addresses, options);
    run.mark_this_machine(options, looked_up);
    std::vector<bool> result;
    for (const EndpointSeen& endpoint : run.observation.endpoints) result.push_back(endpoint.this_machine);
    return result;
  };
  // The last one is the origin: that it is this machine is no news.
  CHECK(marks(true) == std::vector<bool>{true, false, true, true, true, false});
  CHECK(marks(false) == std::vector<bool>{true, false, false, false, true, false});
}

TEST_CASE("own addresses: sorted, each once, and no loopback among them") {
  const std::vector<IpAddress> own = own_addresses();
  CHECK(std::ranges::is_sorted(own));
  CHECK(std::ranges::adjacent_find(own) == own.end());
  CHECK(std::ranges::none_of(own, is_loopback));
}
