#include "probes/target_run.h"

#include <algorithm>

#include "probes/scan.h"

namespace chaintier {

std::size_t captures_per_address(const ScanOptions& options, const Target& target) {
  const std::size_t by_name = static_cast<std::size_t>(options.samples) * options.key_types.size();
  const bool sends_sni = !target.host_address;
  return by_name + (options.also_without_sni && sends_sni ? 1 : 0);
}

namespace {

Milliseconds time_for(const ScanOptions& options, const Target& target) {
  const auto further = static_cast<Milliseconds::rep>(captures_per_address(options, target)) - 1;
  return options.target_timeout + std::max<Milliseconds::rep>(further, 0) * options.handshake_timeout;
}

}  // namespace

TargetRun::TargetRun(std::size_t number, const Target& target, const ScanOptions& options)
    : index(number), watch(time_for(options, target)) {
  observation.target = target;
}

std::vector<Sample> TargetRun::planned_samples(const ScanOptions& options) const {
  const Target& target = observation.target;
  std::optional<std::string> sni;
  if (!target.host_address) sni = target.host;
  std::vector<Sample> samples;
  for (int round = 0; round < options.samples; ++round)
    for (const KeyType type : options.key_types) {
      samples.emplace_back();
      samples.back().asked = {sni, type};
    }
  if (options.also_without_sni && sni) {
    samples.emplace_back();
    samples.back().asked = {std::nullopt, options.key_types.front()};
  }
  return samples;
}

// An endpoint without address.
void TargetRun::add_nowhere(Sample sample) {
  EndpointSeen nowhere;
  nowhere.port = observation.target.port;
  nowhere.samples.push_back(std::move(sample));
  observation.endpoints.push_back(std::move(nowhere));
}

void TargetRun::set_addresses(const std::vector<IpAddress>& addresses, const ScanOptions& options) {
  const std::vector<Sample> samples = planned_samples(options);
  const std::size_t first = observation.endpoints.size();
  for (const IpAddress& address : addresses)
    observation.endpoints.push_back({address, observation.target.port, EndpointRole::edge, samples});
  if (options.origin)
    observation.endpoints.push_back({options.origin->address,
                                     options.origin->port.value_or(observation.target.port),
                                     EndpointRole::origin, samples});
  for (std::size_t sample = 0; sample < samples.size(); ++sample)
    for (std::size_t endpoint = first; endpoint < observation.endpoints.size(); ++endpoint)
      places.push_back({endpoint, sample});
  open = places.size();
}

void TargetRun::set_no_address(const Error& error, const ScanOptions& options) {
  Sample sample = planned_samples(options).front();
  sample.outcome = Outcome::failed;
  sample.error = error;
  add_nowhere(std::move(sample));
  set_addresses({}, options);
}

void TargetRun::set_not_begun(const ScanOptions& options) {
  const Target& target = observation.target;
  const auto address = target.connect_to ? target.connect_to : target.host_address;
  if (!address) add_nowhere(planned_samples(options).front());
  set_addresses(address ? std::vector{*address} : std::vector<IpAddress>{}, options);
}

void TargetRun::set_resolve_time(Milliseconds took) {
  for (EndpointSeen& endpoint : observation.endpoints)
    for (Sample& sample : endpoint.samples)
      if (endpoint.role == EndpointRole::edge) sample.ms.resolve = took;
}

void TargetRun::mark_this_machine(const ScanOptions& options, bool looked_up) {
  for (EndpointSeen& endpoint : observation.endpoints)
    if (endpoint.address && endpoint.role == EndpointRole::edge)
      endpoint.this_machine =
          is_loopback(*endpoint.address)
              ? looked_up
              : std::ranges::find(options.own_addresses, *endpoint.address) != options.own_addresses.end();
}

}  // namespace chaintier
