#include "reports/impact.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "reports/view.h"

namespace chaintier {

namespace {

constexpr std::size_t shown_clients = 4;

// Clients by what they do; one that refuses any chain of the target counts as refusing.
struct Reception {
  std::vector<std::string> refused, fetching, trusting, unknown;
  std::vector<std::string> always_refused, sometimes_refused;  // parts of `refused`
  bool of_everybody = false;  // a current client is among them whose store is not this machine's alone
};

const ClientInfo* current_client(const Report& report, const std::string& client) {
  const auto found = std::find_if(report.clients.begin(), report.clients.end(),
                                  [&](const ClientInfo& info) { return info.id == client && info.current; });
  return found == report.clients.end() ? nullptr : &*found;
}

// The store of a client that was given, and this machine's, have no date.
bool is_published(const ClientInfo& client) { return !client.store_date.empty(); }

Reception reception_of(const Report& report, const TargetReport& target) {
  std::map<std::string, std::set<ClientVerdict>> seen;
  std::vector<std::string> order;
  std::size_t chains = 0;
  for (const auto& chain : target.chains) {
    if (chain->without_sni_only) continue;
    ++chains;
    for (const ClientResult& result : chain->clients) {
      if (seen[result.client].empty()) order.push_back(result.client);
      seen[result.client].insert(result.verdict);
    }
  }
  Reception reception;
  const bool any_current = std::any_of(order.begin(), order.end(),
                                       [&](const auto& client) { return current_client(report, client); });
  for (const std::string& client : order) {
    const ClientInfo* const current = current_client(report, client);
    if (any_current && !current) continue;
    if (current && is_published(*current)) reception.of_everybody = true;
    const std::set<ClientVerdict>& verdicts = seen[client];
    if (verdicts.contains(ClientVerdict::untrusted)) {
      reception.refused.push_back(client);
      (verdicts.size() > 1 ? reception.sometimes_refused : reception.always_refused).push_back(client);
    } else if (verdicts.contains(ClientVerdict::trusted_by_aia)) {
      reception.fetching.push_back(client);
    } else if (verdicts.contains(ClientVerdict::trusted)) {
      reception.trusting.push_back(client);
    } else {
      reception.unknown.push_back(client);
    }
  }
  return reception;
}

std::string names(const Report& report, const std::vector<std::string>& clients) {
  const Texts& texts = Texts::of(report.language);
  std::vector<std::string> labels;
  for (std::size_t i = 0; i < std::min(clients.size(), shown_clients); ++i)
    labels.push_back(client_label(report, clients[i]));
  const std::string items = joined(labels, texts.word("list.clients"));
  if (clients.size() <= shown_clients) return items;
  const auto number = [](std::size_t count) { return static_cast<std::int64_t>(count); };
  return texts.phrase("list.more", {{"items", items},
                                    {"more", number(clients.size() - shown_clients)},
                                    {"total", number(clients.size())}});
}

bool refused_by_current(const Report& report, const TargetReport& target) {
  return !target.bad_target && !reception_of(report, target).refused.empty();
}

}  // namespace

std::string impact_text(const Report& report, const TargetReport& target) {
  if (target.bad_target || not_started(target)) return {};
  const Texts& texts = Texts::of(report.language);
  const Reception reception = reception_of(report, target);
  const std::vector<std::string>& refused = reception.refused;
  if (target.verdict == Verdict::unjudged) return texts.word("impact.unjudged");
  // Few clients are judged then, and none of the others would do better.
  if (target.headline == Code::leaf_self_signed) return texts.word("impact.self_signed");
  if (!refused.empty()) {
    if (reception.always_refused.empty())
      return texts.phrase("impact.sometimes", {{"clients", names(report, refused)}});
    if (!reception.sometimes_refused.empty())
      return texts.phrase("impact.always_or_sometimes",
                          {{"clients", names(report, reception.always_refused)},
                           {"others", names(report, reception.sometimes_refused)}});
    if (reception.fetching.empty() && reception.trusting.empty() && reception.unknown.empty())
      return texts.word("impact.all");
    const bool fine_elsewhere =
        reception.of_everybody && reception.unknown.empty() && reception.fetching.empty();
    return texts.phrase(fine_elsewhere ? "impact.some" : "impact.those",
                        {{"clients", names(report, refused)}});
  }
  if (!reception.fetching.empty())
    return texts.phrase("impact.fetching", {{"clients", names(report, reception.fetching)}});
  if (reception.trusting.size() < reception.unknown.size() || reception.trusting.empty())
    return texts.word("impact.unknown");
  if (!reception.of_everybody)
    return texts.phrase("impact.judged", {{"clients", names(report, reception.trusting)}});
  switch (target.verdict) {
    case Verdict::error:
      return texts.word("impact.error");
    case Verdict::warning:
      return texts.word("impact.warning");
    default:
      return texts.word("impact.none");
  }
}

std::string impact_text(const Report& report) {
  const Texts& texts = Texts::of(report.language);
  std::map<Code, std::int64_t> causes;
  std::int64_t refused = 0, judged = 0;
  for (const TargetReport& target : report.targets) {
    judged += target.verdict != Verdict::unjudged;
    if (!refused_by_current(report, target)) continue;
    ++refused;
    if (target.headline) ++causes[*target.headline];
  }
  if (judged == 0) return texts.word("impact.fleet_unjudged");
  if (refused == 0) return texts.phrase("impact.fleet_none", {{"total", judged}});
  std::string sentence = texts.phrase("impact.fleet_some", {{"count", refused}, {"total", judged}});
  const auto most = std::max_element(causes.begin(), causes.end(), [](const auto& a, const auto& b) {
    return std::pair(a.second, -rank(a.first)) < std::pair(b.second, -rank(b.first));
  });
  // A cause that only one target has is no more than the list below says.
  if (most != causes.end() && most->second > 1)
    sentence += texts.phrase(
        "impact.fleet_cause",
        {{"cause", texts.word("short." + std::string(id(most->first)))}, {"count", most->second}});
  return sentence;
}

}  // namespace chaintier
