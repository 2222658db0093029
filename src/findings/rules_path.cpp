// path.*, paths.*: what the clients make of the chain.
#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <set>

#include "src/findings/judge_chain.h"
#include "src/findings/rules.h"
#include "src/paths/path_checks.h"

namespace chaintier {

namespace {

struct Answer {
  const ClientModel* model;
  const ClientResult* result;
};

std::vector<Answer> answers(const ChainView& view) {
  std::vector<Answer> list;
  const auto& models = view.knowledge.clients;
  list.reserve(view.chain.clients.size());
  for (std::size_t i = 0; i < view.chain.clients.size(); ++i) {
    const ClientResult& result = view.chain.clients[i];
    // Results stand in the order of the models.
    auto model = i < models.size() ? models.begin() + static_cast<std::ptrdiff_t>(i) : models.end();
    if (model == models.end() || model->id != result.client)
      model = std::ranges::find(models, result.client, &ClientModel::id);
    if (model != models.end()) list.push_back({&*model, &result});
  }
  return list;
}

std::vector<Where> at_clients(const std::vector<std::string>& ids) {
  std::vector<Where> where;
  for (const std::string& id : ids) where.push_back({std::nullopt, std::nullopt, id, std::nullopt});
  return where;
}

bool trusts(const ClientResult& result) {
  return result.verdict == ClientVerdict::trusted || result.verdict == ClientVerdict::trusted_by_aia;
}

bool is_strict_reason(std::string_view reason) {
  return reason == id(Problem::missing_subject_key_id) || reason == id(Problem::missing_authority_key_id) ||
         reason == id(Problem::missing_key_usage) ||
         reason == id(Problem::missing_basic_constraints_critical);
}

bool refuses_by_strictness(const Answer& answer) {
  return answer.result->verdict == ClientVerdict::untrusted && answer.model->strict &&
         !answer.result->reasons.empty() && std::ranges::all_of(answer.result->reasons, is_strict_reason);
}

// Everything that the client holds against the path is told by a leaf.* finding.
bool explained_by_leaf(const ChainView& view, const Answer& answer) {
  const ClientResult& result = *answer.result;
  if (!view.leaf()) return false;
  if (view.set.members.front().self_signed && !view.set.members.front().anchor) return true;
  if (!result.path || result.reasons.empty()) return false;
  const Path& path = view.chain.paths[*result.path].path;
  return std::ranges::all_of(result.reasons, [&](const std::string& reason) {
    if (reason == id(Problem::lifetime)) return true;  // the client's own rule about the leaf: leaf.lifetime
    bool at_leaf = false;
    for (const PathProblem& problem : path.problems) {
      if (id(problem.problem) != reason) continue;
      if (problem.index != 0) return false;
      at_leaf = true;
    }
    static const std::set<std::string_view> told{"expired",  "not_yet_valid",  "host_mismatch",
                                                 "weak_key", "weak_signature", "no_server_auth",
                                                 "key_usage"};
    return at_leaf && told.contains(reason);
  });
}

// The chain ends at an anchor that only this machine, or a client that the user gave, knows: a CA of the
// house. That the published bundles lack it is no fault.
bool ends_at_private_anchor(const ChainView& view) {
  const auto public_anchor = [&](const CertFingerprint& anchor) {
    return view.ground.catalogue().find(anchor) != nullptr ||
           std::ranges::any_of(view.knowledge.all_clients, [&](const ClientModel& model) {
             return !model.bundle.empty() && model.whole_store->contains(anchor);
           });
  };
  return std::ranges::any_of(answers(view), [&](const Answer& answer) {
    return (answer.model->machine_store || answer.model->given) && trusts(*answer.result) &&
           !public_anchor(view.chain.paths[*answer.result->path].path.anchor().fingerprint);
  });
}

Checked client_untrusted(const ChainView& view) {
  const bool private_anchor = ends_at_private_anchor(view);
  std::vector<std::string> clients, reasons;
  for (const Answer& answer : answers(view)) {
    if (!answer.model->current || answer.result->verdict != ClientVerdict::untrusted) continue;
    if (refuses_by_strictness(answer) || explained_by_leaf(view, answer)) continue;
    if (private_anchor && !answer.model->bundle.empty()) continue;
    clients.push_back(answer.model->id);
    for (const std::string& reason : answer.result->reasons)
      if (std::ranges::find(reasons, reason) == reasons.end()) reasons.push_back(reason);
  }
  if (clients.empty()) return Passed{};
  return found({{Code::path_client_untrusted,
                 Severity::error,
                 at_clients(clients),
                 {{"clients", clients}, {"reasons", reasons}}}});
}

Checked aia_only(const ChainView& view) {
  std::vector<std::string> works, fails;
  std::set<std::string> missing;
  for (const Answer& answer : answers(view)) {
    if (!answer.model->current) continue;
    if (answer.result->verdict == ClientVerdict::untrusted) fails.push_back(answer.model->id);
    if (answer.result->verdict != ClientVerdict::trusted_by_aia) continue;
    works.push_back(answer.model->id);
    const Path& path = view.chain.paths[*answer.result->path].path;
    for (std::size_t i = 1; i + 1 < path.tiers(); ++i)
      if (!contains(path.from[i], Source::served) && !contains(path.from[i], Source::pool)) {
        missing.insert(shown(view, *path.certificates[i]));
      }
  }
  if (works.empty() || fails.empty()) return Passed{};
  return found({{Code::path_aia_only,
                 Severity::warning,
                 at_clients(fails),
                 {{"missing", std::vector<std::string>(missing.begin(), missing.end())},
                  {"works", works},
                  {"fails", fails}}}});
}

Checked strict_rejects(const ChainView& view) {
  std::vector<std::string> clients;
  std::string subject, problem;
  for (const Answer& answer : answers(view)) {
    if (!refuses_by_strictness(answer) || !answer.result->path) continue;
    clients.push_back(answer.model->id);
    const Path& path = view.chain.paths[*answer.result->path].path;
    for (const PathProblem& found_problem : strict_problems(path)) {
      subject = shown(view, *path.certificates[found_problem.index]);
      problem = id(found_problem.problem);
    }
  }
  if (clients.empty()) return Passed{};
  return found({{Code::path_strict_rejects,
                 Severity::warning,
                 at_clients(clients),
                 {{"clients", clients}, {"subject", subject}, {"problem", problem}}}});
}

Checked tiers_differ(const ChainView& view) {
  std::size_t shortest = 0, longest = 0;
  std::vector<Answer> trusted;
  for (const Answer& answer : answers(view)) {
    if (!answer.model->current || answer.result->verdict == ClientVerdict::unjudged) continue;
    if (!trusts(*answer.result)) return NotApplicable{};
    const std::size_t tiers = view.chain.paths[*answer.result->path].path.tiers();
    shortest = trusted.empty() ? tiers : std::min(shortest, tiers);
    longest = std::max(longest, tiers);
    trusted.push_back(answer);
  }
  if (shortest == longest) return Passed{};
  std::vector<std::string> few, many;
  for (const Answer& answer : trusted)
    (view.chain.paths[*answer.result->path].path.tiers() == shortest ? few : many)
        .push_back(answer.model->id);
  return found({{Code::path_tiers_differ,
                 Severity::note,
                 {},
                 {{"short_tiers", static_cast<std::int64_t>(shortest)},
                  {"short_clients", few},
                  {"long_tiers", static_cast<std::int64_t>(longest)},
                  {"long_clients", many}}}});
}

// How far ahead an end is worth planning for.
constexpr auto horizon = std::chrono::days(5 * 365);

struct End {
  Time date{};
  CertificatePtr certificate;
};

// What ends first of the roots and cross certificates on the client's path: by its own date, or because the
// client has announced to drop the root.
std::optional<End> first_end(const ChainView& view, const Answer& answer) {
  const Path& path = view.chain.paths[*answer.result->path].path;
  std::optional<End> first;
  const auto consider = [&](Time date, const CertificatePtr& certificate) {
    if (date > view.knowledge.at && date - view.knowledge.at < horizon && (!first || date < first->date))
      first = End{date, certificate};
  };
  for (std::size_t i = 1; i < path.tiers(); ++i) {
    const CertificatePtr& certificate = path.certificates[i];
    const KnownCa* known = view.catalogue().find(certificate->fingerprint);
    if (!known || known->role == CaRole::intermediate) continue;
    consider(certificate->not_after, certificate);
    if (i + 1 < path.tiers()) continue;
    for (const AnchorRule& rule : answer.model->anchors)
      if (rule.slug == known->slug && rule.until) consider(*rule.until, certificate);
  }
  return first;
}

Checked ends_ahead(const ChainView& view) {
  std::map<std::pair<Time, CertFingerprint>, std::pair<CertificatePtr, std::vector<std::string>>> ends;
  for (const Answer& answer : answers(view)) {
    if (!answer.model->current || !trusts(*answer.result)) continue;
    if (const auto end = first_end(view, answer)) {
      auto& [certificate, clients] = ends[{end->date, end->certificate->fingerprint}];
      certificate = end->certificate;
      clients.push_back(answer.model->id);
    }
  }
  std::vector<Finding> findings;
  for (const auto& [key, value] : ends) {
    const auto& [certificate, clients] = value;
    std::vector<Where> where = at_clients(clients);
    where.insert(where.begin(), at_certificate(*certificate));
    findings.push_back({Code::path_ends_ahead,
                        Severity::note,
                        std::move(where),
                        {{"subject", shown(view, *certificate)}, {"date", key.first}, {"clients", clients}}});
  }
  return found(std::move(findings));
}

Checked budget(const ChainView& view) {
  if (!view.chain.budget_hit) return Passed{};
  return found({{Code::paths_budget,
                 Severity::note,
                 {},
                 {{"paths", static_cast<std::int64_t>(view.chain.paths.size())}}}});
}

constexpr std::array rules{
    ChainRule{"path.aia_only", "RFC 5280 4.2.2.1 leaves fetching to the client", aia_only},
    ChainRule{"path.client_untrusted", "RFC 5280 6.1", client_untrusted},
    ChainRule{"path.ends_ahead", "Mozilla root lifecycles, RFC 5280 4.1.2.5", ends_ahead},
    ChainRule{"path.strict_rejects", "RFC 5280 4.2; python/cpython issue 107361", strict_rejects},
    ChainRule{"path.tiers_differ", "TWCA manual 5.7.1.2", tiers_differ},
    ChainRule{"paths.budget", "limits of the search", budget},
};
static_assert(std::ranges::is_sorted(rules, {}, &ChainRule::name));

}  // namespace

std::span<const ChainRule> path_rules() { return rules; }

}  // namespace chaintier
