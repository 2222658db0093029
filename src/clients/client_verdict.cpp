#include "src/clients/client_verdict.h"

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>

namespace chaintier {

namespace {

const AnchorRule* rule_for(const ClientModel& client, std::string_view slug, Time at) {
  for (const AnchorRule& rule : client.anchors)
    if (rule.slug == slug && !(rule.until && at >= *rule.until)) return &rule;
  return nullptr;
}

// How the client would walk one path.
struct Walk {
  std::vector<CertFingerprint> missing;  // certificates that nobody hands it
  bool fetched = false;     // some come by AIA
  bool anchor_held = false;
  std::vector<Problem> problems;  // those that decide for this client, each once

  bool good() const { return missing.empty() && anchor_held && problems.empty(); }
  // What is nearer to being good: fewer certificates to add, then fewer things wrong.
  auto distance(std::size_t tiers) const { return std::tuple(!anchor_held, missing.size(), problems.size(), tiers); }
};

class Judge {
 public:
  Judge(const ClientModel& client, const VerdictContext& context) : client_(client), context_(context) {
    for (const auto& anchor : anchors_of(client, context.catalogue, context.at)) {
      if (context.without && context.without->contains(anchor->fingerprint)) continue;
      held_.insert(anchor->fingerprint);
      held_keys_.emplace(anchor->subject.canonical, anchor->key.fingerprint);
    }
    for (const std::string& slug : client.preloaded)
      if (const KnownCa* ca = context.catalogue.find(slug)) preloaded_.insert(ca->certificate->fingerprint);
  }

  // `sent` replaces what was served and pooled; null for things as they are.
  Walk walk(const Path& path, const std::set<CertFingerprint>* sent = nullptr) const {
    Walk walk;
    walk.anchor_held = held_.contains(path.anchor().fingerprint) && !passes_an_anchor(path);
    for (std::size_t i = 1; i + 1 < path.certificates.size(); ++i) {
      const Certificate& certificate = *path.certificates[i];
      const bool given = sent ? sent->contains(certificate.fingerprint)
                              : contains(path.from[i], Source::served) || contains(path.from[i], Source::pool);
      const bool handed = given || preloaded_.contains(certificate.fingerprint) || held_.contains(certificate.fingerprint);
      if (handed) continue;
      if (client_.fetches_aia && fetched(*path.certificates[i - 1], certificate))
        walk.fetched = true;
      else
        walk.missing.push_back(certificate.fingerprint);
    }
    std::set<Problem> problems;
    for (const PathProblem& problem : path.problems)
      if (decides(problem.problem) && !(sent && problem.index == 0)) problems.insert(problem.problem);
    if (client_.strict)
      for (const PathProblem& problem : strict_problems(path)) problems.insert(problem.problem);
    if (breaks_anchor_rule(path)) problems.insert(Problem::anchor_date);
    if (holds_revoked(path)) problems.insert(Problem::revoked);
    walk.problems.assign(problems.begin(), problems.end());
    return walk;
  }

 private:
  // A client that looks into its store first never gets beyond a name and key that it holds.
  bool passes_an_anchor(const Path& path) const {
    if (!client_.trusted_first) return false;
    for (std::size_t i = 1; i + 1 < path.certificates.size(); ++i)
      if (held_keys_.contains({path.certificates[i]->subject.canonical, path.certificates[i]->key.fingerprint})) return true;
    return false;
  }

  bool decides(Problem problem) const { return !(client_.given && is_weakness(problem)); }

  bool fetched(const Certificate& from, const Certificate& wanted) const {
    const auto delivered = context_.catalogue.aia_delivers(from, context_.signatures);
    return std::ranges::any_of(delivered,
                               [&](const KnownCa* ca) { return ca->certificate->fingerprint == wanted.fingerprint; });
  }

  bool breaks_anchor_rule(const Path& path) const {
    const KnownCa* anchor = context_.catalogue.find(path.anchor().fingerprint);
    const AnchorRule* rule = anchor ? rule_for(client_, anchor->slug, context_.at) : nullptr;
    if (!rule || !rule->sct_not_after) return false;
    return std::ranges::none_of(path.leaf().scts, [&](const Sct& sct) { return sct.time <= *rule->sct_not_after; });
  }

  bool holds_revoked(const Path& path) const {
    return std::ranges::any_of(client_.revokes, [&](const std::string& slug) {
      const KnownCa* ca = context_.catalogue.find(slug);
      return ca && std::ranges::any_of(path.certificates, [&](const CertificatePtr& certificate) {
               return certificate->fingerprint == ca->certificate->fingerprint;
             });
    });
  }

  const ClientModel& client_;
  const VerdictContext& context_;
  std::set<CertFingerprint> held_, preloaded_;
  std::set<std::pair<std::string, KeyFingerprint>> held_keys_;
};

ClientResult unjudged(const ClientModel& client, std::string_view reason) {
  return {client.id, ClientVerdict::unjudged, std::nullopt, {std::string(reason)}};
}

// Nothing leads to an anchor that the client holds.
ClientResult without_anchor(const ClientModel& client, const VerdictContext& context, bool any_path) {
  if (client.machine_store && client.store_certificates.empty()) return unjudged(client, "store_not_found");
  // A catalogue that the user brought is no part of the public stores: that this machine's store lacks it says
  // nothing about the server.
  if (client.machine_store && context.under_catalogue && !context.catalogue.built_in())
    return unjudged(client, "store_without_this_ca");
  if (!client.whole_store_known() && !(context.under_catalogue && context.data_apply)) return unjudged(client, "store_unknown");
  return {client.id, ClientVerdict::untrusted, std::nullopt, {any_path ? "anchor_not_held" : "no_path"}};
}

}  // namespace

std::vector<CertificatePtr> anchors_of(const ClientModel& client, const Catalogue& catalogue, Time at) {
  std::vector<CertificatePtr> result = client.store_certificates;
  for (const AnchorRule& rule : client.anchors)
    if (const KnownCa* ca = catalogue.find(rule.slug); ca && rule_for(client, rule.slug, at)) result.push_back(ca->certificate);
  return result;
}

bool data_apply_to(const Catalogue& catalogue, std::span<const ClientModel> clients) {
  return std::ranges::any_of(clients, [&](const ClientModel& client) {
    return std::ranges::any_of(client.anchors, [&](const AnchorRule& rule) { return catalogue.find(rule.slug) != nullptr; });
  });
}

ClientResult judge(const ClientModel& client, std::span<const JudgedPath> paths, const VerdictContext& context) {
  const Judge judge(client, context);
  std::optional<std::size_t> best, fetched, nearest;
  Walk nearest_walk;
  for (std::size_t i = 0; i < paths.size(); ++i) {  // shortest first
    const Path& path = paths[i].path;
    Walk walk = judge.walk(path);
    if (walk.good() && !walk.fetched && !best) best = i;
    if (walk.good() && walk.fetched && !fetched) fetched = i;
    if (!walk.anchor_held) continue;
    if (!nearest || walk.distance(path.tiers()) < nearest_walk.distance(paths[*nearest].path.tiers())) {
      nearest = i;
      nearest_walk = std::move(walk);
    }
  }
  if (best) return {client.id, ClientVerdict::trusted, best, {}};
  if (fetched) return {client.id, ClientVerdict::trusted_by_aia, fetched, {}};
  if (!nearest) return without_anchor(client, context, !paths.empty());

  ClientResult result{client.id, ClientVerdict::untrusted, nearest, {}};
  if (!nearest_walk.missing.empty()) result.reasons.emplace_back("issuer_missing");
  for (const Problem problem : nearest_walk.problems) result.reasons.emplace_back(id(problem));
  return result;
}

bool would_trust(const ClientModel& client, std::span<const JudgedPath> paths, const std::set<CertFingerprint>& sent,
                 const VerdictContext& context) {
  const Judge judge(client, context);
  return std::ranges::any_of(paths, [&](const JudgedPath& path) {
    const Walk walk = judge.walk(path.path, &sent);
    return walk.good() && !walk.fetched;
  });
}

bool fails_for_lack_of(const ClientModel& client, std::span<const JudgedPath> paths, const CertFingerprint& certificate,
                       const VerdictContext& context) {
  const Judge judge(client, context);
  bool would_help = false;
  for (const JudgedPath& path : paths) {
    const Walk walk = judge.walk(path.path);
    if (!walk.anchor_held) continue;
    if (walk.missing.empty()) return false;
    would_help = would_help || (walk.missing.size() == 1 && walk.missing.front() == certificate);
  }
  return would_help;
}

}  // namespace chaintier
