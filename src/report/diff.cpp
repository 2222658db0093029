#include "src/report/diff.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <tuple>

#include <fmt/format.h>

#include "src/observe/share.h"

namespace chaintier {

namespace {

std::string place_text(const EndpointSeen& endpoint) {
  if (!endpoint.address) return {};
  const std::string address = endpoint.address->text();
  return endpoint.address->is_v6() ? fmt::format("[{}]:{}", address, endpoint.port)
                                   : fmt::format("{}:{}", address, endpoint.port);
}

bool was_captured(const EndpointSeen& endpoint) {
  return std::ranges::any_of(endpoint.samples, [](const Sample& sample) { return !sample.served.empty(); });
}

std::string code_key(Code code) {
  const std::string_view name = id(code);
  return std::string(name.starts_with("net.") ? "net" : name);
}

std::optional<Severity> worst(const std::vector<Finding>& findings) {
  if (findings.empty()) return std::nullopt;
  return std::ranges::max(findings, {}, &Finding::severity).severity;
}

bool same(const std::vector<Finding>& before, const std::vector<Finding>& after) {
  return before.size() == after.size() && std::ranges::all_of(after, [&](const Finding& one) {
           return std::ranges::any_of(before, [&](const Finding& other) { return same_meaning(one, other); });
         });
}

}  // namespace

std::string_view id(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::fresh:
      return "new";
    case ChangeKind::changed:
      return "changed";
    case ChangeKind::unjudged:
      return "unjudged";
    case ChangeKind::gone:
      return "gone";
    case ChangeKind::fixed:
      return "fixed";
  }
  std::abort();
}

std::optional<Severity> Change::severity_before() const { return worst(before); }
std::optional<Severity> Change::severity_after() const { return worst(after); }

bool same_meaning(const Finding& one, const Finding& other) {
  constexpr std::array<std::string_view, 5> passing{"days", "detail", "seen", "total", "paths"};
  const auto without = [&](std::map<std::string, Fact> facts) {
    for (const std::string_view name : passing) facts.erase(std::string(name));
    return facts;
  };
  return one.code == other.code && one.severity == other.severity &&
         without(one.facts) == without(other.facts);
}

void Differ::add_before(const Report& head, const TargetReport& target) { add(before_, head, target); }
void Differ::add_after(const Report& head, const TargetReport& target) { add(after_, head, target); }

void Differ::add(Side& side, const Report& head, const TargetReport& target) {
  if (side.entries.empty() || head.judged_at >= side.facts.judged_at) {
    side.facts.judged_at = head.judged_at;
    side.facts.catalogue_date = head.catalogue_date;
    side.clients = head.clients;
  }
  const Target& asked = target.observation.target;
  const std::string identity = target.bad_target ? identity_of(*target.bad_target) : identity_of(asked);
  const auto [place, fresh] = side.entries.try_emplace(identity);
  Entry& entry = place->second;
  if (!fresh && entry.judged_at > head.judged_at) return;
  entry = Entry{{asked.text, asked.host, asked.tag, asked.port, asked.protocol, asked.connect_to},
                head.judged_at,
                target.verdict != Verdict::unjudged,
                {},
                {}};
  for (const EndpointSeen& endpoint : target.observation.endpoints)
    if (endpoint.address) entry.addresses[place_text(endpoint)] |= was_captured(endpoint);
  for (const Finding& finding : target.findings) {
    std::set<std::string> places;
    for (const Where& where : finding.where)
      if (where.address) places.insert(*where.address);
    if (places.empty()) places.insert("");
    Finding kept = finding;
    kept.where.clear();
    for (const std::string& where : places) entry.findings[{code_key(finding.code), where}].push_back(kept);
  }
  side.facts.targets = side.entries.size();
}

ChangeKind Differ::what_became(const Entry* after, const std::string& address) {
  if (!after) return ChangeKind::gone;
  if (!after->judged) return ChangeKind::unjudged;
  if (address.empty()) return ChangeKind::fixed;
  const auto place = after->addresses.find(address);
  if (place == after->addresses.end()) return ChangeKind::gone;
  return place->second ? ChangeKind::fixed : ChangeKind::unjudged;
}

void Differ::compare_entries(const Entry* before, const Entry* after, Diff& diff) {
  const ChangedTarget& target = after ? after->target : before->target;
  if (!before) diff.added.push_back(target);
  if (!after) diff.removed.push_back(target);
  static const Findings none;
  const Findings& old_ones = before ? before->findings : none;
  const Findings& new_ones = after ? after->findings : none;
  for (const auto& [place, findings] : new_ones) {
    const auto known = old_ones.find(place);
    if (known == old_ones.end())
      diff.changes.push_back({ChangeKind::fresh, target, place.second, {}, findings});
    else if (same(known->second, findings))
      diff.unchanged += findings.size();
    else
      diff.changes.push_back({ChangeKind::changed, target, place.second, known->second, findings});
  }
  for (const auto& [place, findings] : old_ones)
    if (!new_ones.contains(place)) {
      // Why nothing was captured before is answered by whatever was captured now.
      const bool net = place.first == "net";
      const ChangeKind kind =
          net && after && after->judged ? ChangeKind::fixed : what_became(after, place.second);
      diff.changes.push_back({kind, target, place.second, findings, {}});
    }
}

Diff Differ::compare() const {
  Diff diff{before_.facts, after_.facts, after_.clients, {}, {}, {}, 0};
  for (const ClientInfo& client : before_.clients)
    if (std::ranges::find(diff.clients, client.id, &ClientInfo::id) == diff.clients.end())
      diff.clients.push_back(client);
  for (const auto& [identity, entry] : before_.entries) {
    const auto after = after_.entries.find(identity);
    compare_entries(&entry, after == after_.entries.end() ? nullptr : &after->second, diff);
  }
  for (const auto& [identity, entry] : after_.entries)
    if (!before_.entries.contains(identity)) compare_entries(nullptr, &entry, diff);
  std::ranges::stable_sort(diff.changes, {}, [](const Change& change) {
    const Severity severity = std::max(change.severity_before().value_or(Severity::note),
                                       change.severity_after().value_or(Severity::note));
    return std::tuple(change.kind, -static_cast<int>(severity));
  });
  return diff;
}

bool is_worse(const Diff& diff, Severity fail_on) {
  return std::ranges::any_of(diff.changes, [&](const Change& change) {
    const auto after = change.severity_after(), before = change.severity_before();
    return after && *after >= fail_on && (!before || *before < fail_on);
  });
}

}  // namespace chaintier
