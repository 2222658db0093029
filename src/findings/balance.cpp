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

std::optional<Balance> weigh(const Observation& observation) {
  Balance balance;
  std::int64_t total = 0;
  for (const EndpointSeen& endpoint : observation.endpoints) {
    if (endpoint.role != EndpointRole::edge) continue;
    for (const Sample& sample : endpoint.samples) {
      if (sample.served.empty()) continue;
      if (!observation.target.host_address && !sample.asked.sni) continue;
      ++total;
      std::vector<CertFingerprint> served;
      for (const SentPtr& sent : sample.served) served.push_back(sent->fingerprint);
      auto group = std::ranges::find(balance.groups, served, &BalanceGroup::served);
      if (group == balance.groups.end()) group = balance.groups.insert(group, {served, 0, {}});
      ++group->count;
      const std::string address = endpoint_text(endpoint, observation.target);
      if (std::ranges::find(group->addresses, address) == group->addresses.end())
        group->addresses.push_back(address);
    }
  }
  if (total < 2) return std::nullopt;
  std::ranges::stable_sort(balance.groups, std::ranges::greater{}, &BalanceGroup::count);
  // (1 - share)^n = 5 %: the largest share that n equal answers leave possible.
  if (balance.groups.size() == 1)
    balance.excluded_share = 1.0 - std::pow(0.05, 1.0 / static_cast<double>(total));
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
