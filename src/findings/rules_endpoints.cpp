// balance.*, sni.*, net.*: what differs between addresses and samples, and why nothing was seen.
#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>

#include <fmt/format.h>

#include "src/findings/balance.h"
#include "src/findings/rules.h"
#include "src/findings/staleness.h"

namespace chaintier {

namespace {

std::vector<Where> at(const std::set<std::string>& addresses) {
  std::vector<Where> where;
  for (const std::string& address : addresses)
    where.push_back({address, std::nullopt, std::nullopt, std::nullopt});
  return where;
}

std::vector<std::string> list(const std::set<std::string>& texts) { return {texts.begin(), texts.end()}; }

// "192.0.2.1:443 (2/5)": how many of the answers there were old.
std::vector<std::string> shares(const std::vector<SeenAnswer>& answers, const StaleLeaves& stale) {
  std::map<std::string, std::pair<std::int64_t, std::int64_t>> counts;
  for (const SeenAnswer& one : answers) {
    auto& [old, all] = counts[one.address];
    ++all;
    if (one.leaf && stale.contains({one.asked, one.leaf->fingerprint})) ++old;
  }
  std::vector<std::string> result;
  for (const auto& [address, count] : counts)
    if (count.first > 0) result.push_back(fmt::format("{} ({}/{})", address, count.first, count.second));
  return result;
}

Checked differences(const TargetView& view) {
  std::vector<SeenAnswer> edge;
  std::ranges::copy_if(view.answers, std::back_inserter(edge),
                       [](const SeenAnswer& one) { return one.role == EndpointRole::edge; });
  if (edge.empty()) return NotApplicable{};
  const StaleLeaves stale = stale_leaves(view, edge);

  std::set<std::string> stale_at;
  std::int64_t stale_seen = 0;
  CertificatePtr stale_leaf, fresh_leaf;  // the oldest, and the newest of those that should be there
  for (const SeenAnswer& one : edge) {
    const auto old = one.leaf ? stale.find({one.asked, one.leaf->fingerprint}) : stale.end();
    if (old == stale.end()) continue;
    ++stale_seen;
    stale_at.insert(one.address);
    if (!stale_leaf || compare_age(*one.leaf, *stale_leaf) == Age::older) stale_leaf = one.leaf;
    if (!fresh_leaf || compare_age(*fresh_leaf, *old->second) == Age::older) fresh_leaf = old->second;
  }
  std::vector<Finding> findings;
  if (stale_leaf)
    findings.push_back({Code::balance_stale,
                        Severity::error,
                        at(stale_at),
                        {{"stale_not_after", stale_leaf->not_after},
                         {"fresh_not_after", fresh_leaf->not_after},
                         {"addresses", shares(edge, stale)},
                         {"seen", stale_seen},
                         {"total", static_cast<std::int64_t>(edge.size())}}});

  // What is left beside the stale ones.
  std::erase_if(edge, [&](const SeenAnswer& one) {
    return one.leaf && stale.contains({one.asked, one.leaf->fingerprint});
  });
  if (edge.size() > 1) edge = distinct(std::move(edge));
  std::set<std::vector<CertFingerprint>> chains;
  std::set<std::string> addresses;
  for (const SeenAnswer& one : edge)
    for (const SeenAnswer& other : edge)
      if (one.asked == other.asked && one.chain != other.chain &&
          (!one.leaf || !other.leaf || comparable(one, other))) {
        chains.insert({one.chain, other.chain});
        addresses.insert({one.address, other.address});
      }
  if (chains.size() > 1)
    findings.push_back(
        {Code::balance_differs,
         Severity::warning,
         at(addresses),
         {{"groups", static_cast<std::int64_t>(chains.size())}, {"addresses", list(addresses)}}});
  return found(std::move(findings));
}

// The origin has what was issued, or simply something newer; the edge has not.
Checked origin(const TargetView& view) {
  if (std::ranges::none_of(view.answers,
                           [](const SeenAnswer& one) { return one.role == EndpointRole::origin; }))
    return NotApplicable{};
  const std::vector<SeenAnswer> all = distinct(view.answers);
  const StaleLeaves stale = stale_leaves(view, all);
  const auto is_stale = [&](const SeenAnswer& one) {
    return one.leaf && stale.contains({one.asked, one.leaf->fingerprint});
  };
  const auto is_behind = [&](const SeenAnswer& edge, const SeenAnswer& origin) {
    const bool older = comparable(edge, origin) && compare_age(*edge.leaf, *origin.leaf) == Age::older;
    return older || (view.knowledge.expected && is_stale(edge) && !is_stale(origin));
  };
  const auto pairs = [&](const SeenAnswer& edge, const SeenAnswer& origin) {
    return edge.role == EndpointRole::edge && origin.role == EndpointRole::origin && edge.leaf &&
           origin.leaf && edge.asked == origin.asked;
  };
  std::set<std::string> behind_at;
  CertificatePtr old, fresh;
  for (const SeenAnswer& behind : all) {
    // Where a part of the edge has as new a one, balance.stale tells of the rest.
    if (std::ranges::any_of(all, [&](const SeenAnswer& edge) {
          return pairs(edge, behind) && comparable(edge, behind) && names_host(view, *edge.leaf) &&
                 !is_behind(edge, behind);
        }))
      continue;
    for (const SeenAnswer& edge : all) {
      if (!pairs(edge, behind) || !is_behind(edge, behind)) continue;
      behind_at.insert(edge.address);
      if (!old || compare_age(*edge.leaf, *old) == Age::older) old = edge.leaf;
      if (!fresh || compare_age(*fresh, *behind.leaf) == Age::older) fresh = behind.leaf;
    }
  }
  if (behind_at.empty()) return Passed{};
  return found({{Code::balance_edge_behind_origin,
                 Severity::error,
                 at(behind_at),
                 {{"edge_not_after", old->not_after}, {"origin_not_after", fresh->not_after}}}});
}

bool has_chain(const EndpointSeen& endpoint) {
  return std::ranges::any_of(endpoint.samples, [](const Sample& sample) { return !sample.served.empty(); });
}

// What answers here need not be what answers visitors (TWCA manual 6.2.4, 6.2.5).
Checked this_machine(const TargetView& view) {
  std::set<std::string> addresses;
  for (const EndpointSeen& endpoint : view.observation.endpoints)
    if (endpoint.this_machine && endpoint.role == EndpointRole::edge && has_chain(endpoint))
      addresses.insert(endpoint_text(endpoint, view.observation.target));
  if (addresses.empty()) return Passed{};
  return found({{Code::server_is_this_machine,
                 Severity::note,
                 at(addresses),
                 {{"host", view.observation.target.shown_host}, {"addresses", list(addresses)}}}});
}

bool has_failed(const EndpointSeen& endpoint) {
  return std::ranges::any_of(endpoint.samples,
                             [](const Sample& sample) { return sample.outcome == Outcome::failed; });
}

// An origin that does not answer keeps no visitor from the site.
Checked unreachable(const TargetView& view) {
  const auto& endpoints = view.observation.endpoints;
  if (std::ranges::none_of(endpoints, has_failed)) return Passed{};
  std::map<EndpointRole, std::set<std::string>> dead;
  std::set<std::string> alive;
  for (const EndpointSeen& endpoint : endpoints) {
    const std::string text = endpoint_text(endpoint, view.observation.target);
    if (has_chain(endpoint))
      alive.insert(text);
    else if (has_failed(endpoint))
      dead[endpoint.role].insert(text);
  }
  if (alive.empty()) return Passed{};
  std::vector<Finding> findings;
  for (const auto& [role, addresses] : dead)
    findings.push_back(
        {Code::balance_unreachable,
         Severity::warning,
         at(addresses),
         {{"unreachable", list(addresses)}, {"reachable", list(alive)}, {"role", std::string(id(role))}}});
  return found(std::move(findings));
}

CertificatePtr default_leaf(const TargetView& view, const Sample& sample) {
  for (const auto& chain : view.chains)
    if (!chain->served.empty() && chain->served.front()->fingerprint == sample.served.front()->fingerprint)
      return chain->leaf();
  return nullptr;
}

Checked default_certificate(const TargetView& view) {
  std::set<std::string> addresses;
  std::vector<std::string> names;
  bool asked = false;
  for (const EndpointSeen& endpoint : view.observation.endpoints) {
    std::optional<CertFingerprint> named;
    for (const Sample& sample : endpoint.samples)
      if (sample.asked.sni && !sample.served.empty()) named = sample.served.front()->fingerprint;
    for (const Sample& sample : endpoint.samples) {
      if (sample.asked.sni || sample.served.empty() || !named) continue;
      asked = true;
      if (sample.served.front()->fingerprint == *named) continue;
      addresses.insert(endpoint_text(endpoint, view.observation.target));
      if (const CertificatePtr leaf = default_leaf(view, sample);
          leaf && leaf->subject_alt_name && names.empty())
        names = leaf->subject_alt_name->dns;
    }
  }
  if (!asked) return NotApplicable{};
  if (addresses.empty()) return Passed{};
  return found({{Code::sni_default_differs, Severity::note, at(addresses), {{"names", names}}}});
}

Code code_of(Cause cause) {
  switch (cause) {
    case Cause::resolve:
      return Code::net_resolve;
    case Cause::refused:
      return Code::net_refused;
    case Cause::timeout:
      return Code::net_timeout;
    case Cause::not_tls:
      return Code::net_not_tls;
    case Cause::alert:
      return Code::net_alert;
    case Cause::reset:
      return Code::net_reset;
    case Cause::unreachable:
      return Code::net_unreachable;
    case Cause::starttls:
      return Code::net_starttls;
    case Cause::no_certificate:
      return Code::net_no_certificate;
    case Cause::limit:
    case Cause::none:
      return Code::net_limit;
  }
  std::abort();
}

Checked nothing_captured(const TargetView& view) {
  if (std::ranges::any_of(view.observation.endpoints, has_chain)) return NotApplicable{};
  std::map<Code, std::pair<Error, std::set<std::string>>> reasons;
  for (const EndpointSeen& endpoint : view.observation.endpoints)
    for (const Sample& sample : endpoint.samples)
      if (sample.error)
        reasons.try_emplace(code_of(sample.error->cause), *sample.error, std::set<std::string>{})
            .first->second.second.insert(endpoint_text(endpoint, view.observation.target));
  std::vector<Finding> findings;
  for (const auto& [code, reason] : reasons) {
    const auto& [error, addresses] = reason;
    std::map<std::string, Fact> facts{{"host", view.observation.target.shown_host}, {"detail", error.detail}};
    if (code != Code::net_resolve)
      facts.emplace("port", static_cast<std::int64_t>(view.observation.target.port));
    if (code == Code::net_timeout || code == Code::net_reset)
      facts.emplace("stage", std::string(id(error.stage)));
    if (code == Code::net_alert)
      facts.emplace("alert", error.alert ? static_cast<std::int64_t>(*error.alert) : 0);
    findings.push_back({code, Severity::note, at(addresses), std::move(facts)});
  }
  return found(std::move(findings));
}

constexpr std::array rules{
    TargetRule{"balance.differences", "TWCA manual 6.2.3, 6.2.4", differences},
    TargetRule{"balance.origin", "TWCA manual 6.2.4", origin},
    TargetRule{"balance.unreachable", "every address of a name should answer", unreachable},
    TargetRule{"net", "nothing seen is nothing judged", nothing_captured},
    TargetRule{"server.this_machine", "TWCA manual 6.2.4, 6.2.5", this_machine},
    TargetRule{"sni.default", "RFC 6066 3, TWCA manual 5.8", default_certificate},
};
static_assert(std::ranges::is_sorted(rules, {}, &TargetRule::name));

}  // namespace

std::span<const TargetRule> endpoint_rules() { return rules; }

}  // namespace chaintier
