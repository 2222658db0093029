#include "src/cli/issuers.h"

#include <set>

#include "src/cli/setup.h"

namespace chaintier {

namespace {

// Tiers that can be missing one above the other.
constexpr int rounds = 4;

}  // namespace

IssuerFetching::IssuerFetching(const ScanCommand& command, const StopFlag& stop)
    : enabled_(command.fetch_issuers), stop_(stop) {
  if (command.aia_allow_private) options_.may_ask = [](const IpAddress&) { return true; };
  if (command.scan.rate) options_.rate = std::make_shared<RateLimit>(command.scan.rate);
  options_.family = command.scan.family;
  options_.resolve = command.scan.resolve;
  options_.dns = command.scan.dns;
}

bool IssuerFetching::wants(const Observation& observation, Diagnoser& diagnoser) const {
  return enabled_ && !diagnoser.wants_fetched(observation).empty();
}

void IssuerFetching::complete(const std::vector<Observation*>& observations, Diagnoser& diagnoser) {
  // The scan may have made a connection just now.
  if (options_.rate) options_.rate->take(SteadyClock::now());
  for (int round = 0; round < rounds && !stop_.requested(); ++round) {
    std::vector<std::pair<Observation*, std::vector<std::string>>> wanted;
    std::set<std::string> unknown;
    for (Observation* observation : observations) {
      auto urls = diagnoser.wants_fetched(*observation);
      if (urls.empty()) continue;
      for (const std::string& url : urls)
        if (!known_.contains(url)) unknown.insert(url);
      wanted.emplace_back(observation, std::move(urls));
    }
    if (wanted.empty()) return;
    const std::vector<std::string> urls(unknown.begin(), unknown.end());
    for (FetchedPtr& fetched : fetch_issuers(urls, options_, now, stop_))
      known_.emplace(fetched->url, std::move(fetched));
    for (const auto& [observation, missing] : wanted)
      for (const std::string& url : missing) observation->fetched.push_back(known_.at(url));
  }
}

}  // namespace chaintier
