// balance.*, sni.*, net.*: what differs between addresses and samples, and why nothing was seen.
#include <algorithm>
#include <array>
#include <map>
#include <set>

#include <fmt/format.h>

#include "src/findings/balance.h"
#include "src/findings/rules.h"

namespace chaintier {

namespace {

// One leaf as it was seen at the edge, with SNI, by one kind of question.
struct Seen {
  CertificatePtr leaf;
  std::vector<CertFingerprint> chain;
  std::string address;
  KeyType asked = KeyType::any;
  EndpointRole role = EndpointRole::edge;
};

CertificatePtr leaf_of(const TargetView& view, const Sample& sample) {
  for (const auto& chain : view.chains)
    if (!chain->served.empty() && chain->served.front()->fingerprint == sample.served.front()->fingerprint)
      return chain->leaf();
  return nullptr;
}

bool asked_by_name(const TargetView& view, const Sample& sample) {
  return view.observation.target.host_address || sample.asked.sni;
}

std::vector<Seen> seen(const TargetView& view) {
  std::vector<Seen> result;
  for (const EndpointSeen& endpoint : view.observation.endpoints)
    for (const Sample& sample : endpoint.samples) {
      if (sample.served.empty() || !asked_by_name(view, sample)) continue;
      Seen one{leaf_of(view, sample),
               {},
               endpoint_text(endpoint, view.observation.target),
               sample.asked.key_type,
               endpoint.role};
      for (const SentPtr& sent : sample.served) one.chain.push_back(sent->fingerprint);
      result.push_back(std::move(one));
    }
  return result;
}

std::vector<Where> at(const std::set<std::string>& addresses) {
  std::vector<Where> where;
  for (const std::string& address : addresses)
    where.push_back({address, std::nullopt, std::nullopt, std::nullopt});
  return where;
}

std::vector<std::string> list(const std::set<std::string>& texts) { return {texts.begin(), texts.end()}; }

// A server with an RSA and an ECDSA certificate serves two, and neither is stale for that.
bool comparable(const Seen& a, const Seen& b) {
  return a.leaf && b.leaf && a.asked == b.asked && a.leaf->key.algorithm == b.leaf->key.algorithm;
}

bool same_name(const TargetView& view, const Seen& a, const Seen& b) {
  const Target& target = view.observation.target;
  const ReferenceName host{target.host_address ? "" : target.host, target.host_address};
  return matches_host(*a.leaf, host) && matches_host(*b.leaf, host);
}

Checked differences(const TargetView& view) {
  std::vector<Seen> edge = seen(view);
  std::erase_if(edge, [](const Seen& one) { return one.role != EndpointRole::edge; });
  if (edge.size() < 2) return NotApplicable{};

  std::set<std::string> stale_at;
  std::set<CertFingerprint> stale;
  std::int64_t stale_seen = 0;
  CertificatePtr stale_leaf, fresh_leaf;
  for (const Seen& one : edge)
    for (const Seen& other : edge)
      if (comparable(one, other) && same_name(view, one, other) &&
          compare_age(*one.leaf, *other.leaf) == Age::older) {
        ++stale_seen;
        stale.insert(one.leaf->fingerprint);
        stale_at.insert(one.address);
        stale_leaf = one.leaf;
        if (!fresh_leaf || compare_age(*fresh_leaf, *other.leaf) == Age::older) fresh_leaf = other.leaf;
        break;
      }
  std::vector<Finding> findings;
  if (stale_leaf)
    findings.push_back({Code::balance_stale,
                        Severity::error,
                        at(stale_at),
                        {{"stale_not_after", stale_leaf->not_after},
                         {"fresh_not_after", fresh_leaf->not_after},
                         {"addresses", list(stale_at)},
                         {"seen", stale_seen},
                         {"total", static_cast<std::int64_t>(edge.size())}}});

  // What is left beside the stale ones.
  std::erase_if(edge, [&](const Seen& one) { return one.leaf && stale.contains(one.leaf->fingerprint); });
  std::set<std::vector<CertFingerprint>> chains;
  std::set<std::string> addresses;
  for (const Seen& one : edge)
    for (const Seen& other : edge)
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

Checked origin(const TargetView& view) {
  const std::vector<Seen> all = seen(view);
  if (std::ranges::none_of(all, [](const Seen& one) { return one.role == EndpointRole::origin; }))
    return NotApplicable{};
  for (const Seen& edge : all)
    for (const Seen& behind : all)
      if (edge.role == EndpointRole::edge && behind.role == EndpointRole::origin &&
          comparable(edge, behind) && compare_age(*edge.leaf, *behind.leaf) == Age::older)
        return found(
            {{Code::balance_edge_behind_origin,
              Severity::error,
              at({edge.address}),
              {{"edge_not_after", edge.leaf->not_after}, {"origin_not_after", behind.leaf->not_after}}}});
  return Passed{};
}

bool has_chain(const EndpointSeen& endpoint) {
  return std::ranges::any_of(endpoint.samples, [](const Sample& sample) { return !sample.served.empty(); });
}

bool has_failed(const EndpointSeen& endpoint) {
  return std::ranges::any_of(endpoint.samples,
                             [](const Sample& sample) { return sample.outcome == Outcome::failed; });
}

Checked unreachable(const TargetView& view) {
  std::set<std::string> dead, alive;
  for (const EndpointSeen& endpoint : view.observation.endpoints) {
    const std::string text = endpoint_text(endpoint, view.observation.target);
    if (has_chain(endpoint))
      alive.insert(text);
    else if (has_failed(endpoint))
      dead.insert(text);
  }
  if (dead.empty() || alive.empty()) return Passed{};
  return found({{Code::balance_unreachable,
                 Severity::warning,
                 at(dead),
                 {{"unreachable", list(dead)}, {"reachable", list(alive)}}}});
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
      if (const CertificatePtr leaf = leaf_of(view, sample); leaf && leaf->subject_alt_name && names.empty())
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
    TargetRule{"sni.default", "RFC 6066 3, TWCA manual 5.8", default_certificate},
};
static_assert(std::ranges::is_sorted(rules, {}, &TargetRule::name));

}  // namespace

std::span<const TargetRule> endpoint_rules() { return rules; }

}  // namespace chaintier
