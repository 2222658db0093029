#include "src/findings/balance.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace chaintier {

std::string endpoint_text(const EndpointSeen& endpoint, const Target& target) {
  if (!endpoint.address) return target.text;
  const std::string port = std::to_string(endpoint.port);
  return endpoint.address->is_v6() ? "[" + endpoint.address->text() + "]:" + port
                                   : endpoint.address->text() + ":" + port;
}

namespace {

void count(Balance& balance, const Sample& sample, const std::string& address, const StaleLeaves& stale) {
  std::vector<CertFingerprint> served;
  for (const SentPtr& sent : sample.served) served.push_back(sent->fingerprint);
  const KeyType asked = sample.asked.key_type;
  auto group = std::ranges::find_if(balance.groups, [&](const BalanceGroup& known) {
    return known.asked == asked && known.served == served;
  });
  if (group == balance.groups.end()) {
    const bool old = stale.contains({asked, served.front()});
    group = balance.groups.insert(group, {std::move(served), 0, {}, asked, {}, old});
  }
  ++group->count;
  auto place = std::ranges::find(group->seen_at, address, &SeenAt::address);
  if (place == group->seen_at.end()) {
    place = group->seen_at.insert(place, {address, 0});
    group->addresses.push_back(address);
  }
  ++place->count;

  auto kind = std::ranges::find(balance.certainty, asked, &BalanceCertainty::asked);
  if (kind == balance.certainty.end()) kind = balance.certainty.insert(kind, {asked, 0, 0, std::nullopt});
  ++kind->samples;
  if (group->stale) ++kind->stale;
}

// Asked by name, where the target has one, and answered.
bool counts(const Observation& observation, const Sample& sample) {
  return !sample.served.empty() && (observation.target.host_address || sample.asked.sni);
}

std::ptrdiff_t answers_at_the_edge(const Observation& observation) {
  std::ptrdiff_t total = 0;
  for (const EndpointSeen& endpoint : observation.endpoints)
    if (endpoint.role == EndpointRole::edge)
      total += std::ranges::count_if(endpoint.samples,
                                     [&](const Sample& sample) { return counts(observation, sample); });
  return total;
}

}  // namespace

double excluded_share_of(std::int64_t samples) {
  // (1 - share)^n = 5 %
  return 1.0 - std::pow(0.05, 1.0 / static_cast<double>(samples));
}

std::optional<Balance> weigh(const Observation& observation, const StaleLeaves& stale, bool expected) {
  if (answers_at_the_edge(observation) < 2) return std::nullopt;
  Balance balance;
  for (const EndpointSeen& endpoint : observation.endpoints) {
    if (endpoint.role != EndpointRole::edge) continue;
    const std::string address = endpoint_text(endpoint, observation.target);
    for (const Sample& sample : endpoint.samples)
      if (counts(observation, sample)) count(balance, sample, address, stale);
  }
  std::ranges::stable_sort(balance.groups, std::ranges::greater{}, &BalanceGroup::count);

  bool all_agree = true;
  double largest = 0;
  for (BalanceCertainty& kind : balance.certainty) {
    const double share = excluded_share_of(kind.samples);
    const bool agree = std::ranges::count(balance.groups, kind.asked, &BalanceGroup::asked) == 1;
    if (kind.stale == 0 && (agree || expected)) kind.excluded_share = share;
    all_agree = all_agree && agree;
    largest = std::max(largest, share);
  }
  if (all_agree) balance.excluded_share = largest;
  return balance;
}

Age compare_age(const Certificate& a, const Certificate& b) {
  using std::chrono::days;
  if (a.fingerprint == b.fingerprint) return Age::same;
  const auto apart = a.not_before - b.not_before;
  if (apart > days(1)) return Age::newer;
  if (apart < -days(1)) return Age::older;
  if (a.not_after == b.not_after) return Age::unclear;
  return a.not_after < b.not_after ? Age::older : Age::newer;
}

}  // namespace chaintier
