#include "src/clients/client_verdict.h"

#include <algorithm>
#include <optional>
#include <tuple>

#include "src/x509/key_ids.h"

namespace chaintier {

namespace {

const AnchorRule* rule_for(const ClientModel& client, std::string_view slug, Time at) {
  for (const AnchorRule& rule : client.anchors)
    if (rule.slug == slug && !(rule.until && at >= *rule.until)) return &rule;
  return nullptr;
}

ClientResult unjudged(const ClientModel& client, std::string_view reason) {
  return {client.id, ClientVerdict::unjudged, std::nullopt, {std::string(reason)}};
}

// Nothing leads to an anchor that the client holds.
ClientResult without_anchor(const ClientModel& client, const VerdictContext& context, bool any_path) {
  if (client.machine_store && !client.whole_store_known()) return unjudged(client, "store_not_found");
  // A catalogue that the user brought is no part of the public stores: that this machine's store lacks it
  // says nothing about the server.
  if (client.machine_store && context.under_catalogue && !context.catalogue.built_in())
    return unjudged(client, "store_without_this_ca");
  const bool store_says = client.bundle.empty()
                              ? client.whole_store_known()
                              : !context.under_catalogue && store_of(client, context.catalogue) != nullptr;
  if (!store_says && !(context.under_catalogue && context.data_apply))
    return unjudged(client, "store_unknown");
  return {client.id, ClientVerdict::untrusted, std::nullopt, {any_path ? "anchor_not_held" : "no_path"}};
}

}  // namespace

bool data_apply_to(const Catalogue& catalogue, std::span<const ClientModel> clients) {
  return std::ranges::any_of(clients, [&](const ClientModel& client) {
    return std::ranges::any_of(client.anchors,
                               [&](const AnchorRule& rule) { return catalogue.find(rule.slug) != nullptr; });
  });
}

std::vector<CertificatePtr> anchors_of(const ClientModel& client, const Catalogue& catalogue, Time at) {
  std::vector<CertificatePtr> result;
  for (const AnchorRule& rule : client.anchors)
    if (const KnownCa* ca = catalogue.find(rule.slug); ca && rule_for(client, rule.slug, at))
      result.push_back(ca->certificate);
  return result;
}

const CertificateStore* store_of(const ClientModel& client, const Catalogue& catalogue) {
  if (!client.bundle.empty() && !catalogue.built_in()) return nullptr;
  return client.whole_store.get();
}

// How the client would walk one path.
struct ClientJudge::Walk {
  std::vector<CertFingerprint> missing;  // certificates that nobody hands it
  bool fetched = false;                  // some come by AIA
  bool anchor_held = false;
  std::vector<Problem> problems;  // those that decide for this client, each once

  bool good() const { return missing.empty() && anchor_held && problems.empty(); }
  // What is nearer to being good: fewer certificates to add, then fewer things wrong.
  auto distance(std::size_t tiers) const {
    return std::tuple(!anchor_held, missing.size(), problems.size(), tiers);
  }
};

ClientJudge::ClientJudge(const ClientModel& client, const Catalogue& catalogue, Time at,
                         const std::unordered_set<CertFingerprint>* without)
    : client_(&client), catalogue_(&catalogue), store_(store_of(client, catalogue)), without_(without) {
  for (const auto& anchor : anchors_of(client, catalogue, at)) {
    if (without && without->contains(anchor->fingerprint)) continue;
    held_.insert(anchor->fingerprint);
    if (client.trusted_first) held_keys_.emplace_back(anchor->subject.canonical, anchor->key.fingerprint);
    const KnownCa* known = catalogue.find(anchor->fingerprint);
    const AnchorRule* rule = known ? rule_for(client, known->slug, at) : nullptr;
    if (rule && rule->sct_not_after) sct_limits_.emplace_back(anchor->fingerprint, *rule->sct_not_after);
  }
  for (const std::string& slug : client.preloaded)
    if (const KnownCa* ca = catalogue.find(slug)) preloaded_.insert(ca->certificate->fingerprint);
  for (const std::string& slug : client.revokes)
    if (const KnownCa* ca = catalogue.find(slug)) revoked_.insert(ca->certificate->fingerprint);
}

bool ClientJudge::holds(const CertFingerprint& fingerprint) const {
  if (held_.contains(fingerprint)) return true;
  if (!store_ || !store_->contains(fingerprint) || (without_ && without_->contains(fingerprint)))
    return false;
  return client_->bundle.empty() || !catalogue_->find(fingerprint);
}

bool ClientJudge::holds_key_of(const Certificate& certificate) const {
  if (std::ranges::any_of(held_keys_, [&](const auto& held) {
        return held.second == certificate.key.fingerprint && held.first == certificate.subject.canonical;
      }))
    return true;
  if (!store_) return false;
  return std::ranges::any_of(store_->named(certificate.subject), [&](const CertFingerprint& named) {
    if (!holds(named)) return false;
    const KnownCa* known = catalogue_->find(named);
    const CertificatePtr held = known ? known->certificate : store_->find(named);
    return held && held->key.fingerprint == certificate.key.fingerprint &&
           held->subject.canonical == certificate.subject.canonical;
  });
}

// A client that looks into its store first never gets beyond a name and key that it holds.
bool ClientJudge::passes_an_anchor(const Path& path) const {
  if (!client_->trusted_first) return false;
  for (std::size_t i = 1; i + 1 < path.certificates.size(); ++i)
    if (holds_key_of(*path.certificates[i])) return true;
  return false;
}

// Such a client also takes the first certificate sent that fits by name, key identifier and date, and does
// not come back for another one (OpenSSL's build_chain): a self-signed root before its cross certificate
// leads it astray.
bool ClientJudge::follows_first_match(const Path& path, const VerdictContext& context) const {
  for (std::size_t i = 1; i + 1 < path.certificates.size(); ++i) {
    const Certificate& child = *path.certificates[i - 1];
    const Certificate* first = nullptr;
    for (const CertificatePtr& sent : context.served) {
      if (!sent || sent->fingerprint == child.fingerprint ||
          sent->subject.canonical != child.issuer.canonical)
        continue;
      if (compare_key_ids(child, *sent) == KeyIds::different) continue;
      const bool in_time = sent->not_before <= context.at && context.at <= sent->not_after;
      if (!first && in_time) first = sent.get();
    }
    if (first && first->fingerprint != path.certificates[i]->fingerprint) return false;
  }
  return true;
}

bool ClientJudge::breaks_anchor_rule(const Path& path) const {
  for (const auto& [anchor, latest] : sct_limits_)
    if (anchor == path.anchor().fingerprint)
      return std::ranges::none_of(path.leaf().scts,
                                  [limit = latest](const Sct& sct) { return sct.time <= limit; });
  return false;
}

bool ClientJudge::finds_too_long(const Certificate& leaf) const {
  return std::ranges::any_of(client_->lifetimes, [&](const LifetimeRule& rule) {
    return leaf.not_before >= rule.issued_from && leaf.not_after - leaf.not_before > rule.longest;
  });
}

bool ClientJudge::has_itself(const CertFingerprint& fingerprint) const {
  return preloaded_.contains(fingerprint) || holds(fingerprint);
}

void ClientJudge::own_problems(const Path& path, bool of_leaf, std::vector<Problem>& into) const {
  for (const PathProblem& problem : path.problems)
    if (!(client_->given && is_weakness(problem.problem)) && (of_leaf || problem.index != 0))
      into.push_back(problem.problem);
  if (client_->strict)
    for (const PathProblem& problem : strict_problems(path)) into.push_back(problem.problem);
  if (of_leaf && finds_too_long(path.leaf())) into.push_back(Problem::lifetime);
  if (!sct_limits_.empty() && breaks_anchor_rule(path)) into.push_back(Problem::anchor_date);
  if (!revoked_.empty() && std::ranges::any_of(path.certificates, [&](const CertificatePtr& certificate) {
        return revoked_.contains(certificate->fingerprint);
      }))
    into.push_back(Problem::revoked);
}

ClientJudge::Walk ClientJudge::walk(const Path& path, const VerdictContext& context) const {
  Walk walk;
  walk.anchor_held = holds(path.anchor().fingerprint) && !passes_an_anchor(path) &&
                     (!client_->trusted_first || follows_first_match(path, context));
  const auto fetched = [&](std::size_t i) {
    if (contains(path.from[i], Source::aia)) return true;
    const auto delivered = context.catalogue.aia_delivers(*path.certificates[i - 1], context.signatures);
    return std::ranges::any_of(delivered, [&](const KnownCa* ca) {
      return ca->certificate->fingerprint == path.certificates[i]->fingerprint;
    });
  };
  for (std::size_t i = 1; i + 1 < path.certificates.size(); ++i) {
    const CertFingerprint& fingerprint = path.certificates[i]->fingerprint;
    const bool given = contains(path.from[i], Source::served) || contains(path.from[i], Source::pool);
    if (given || has_itself(fingerprint)) continue;
    if (client_->fetches_aia && fetched(i))
      walk.fetched = true;
    else
      walk.missing.push_back(fingerprint);
  }
  own_problems(path, true, walk.problems);
  std::ranges::sort(walk.problems);
  walk.problems.erase(std::unique(walk.problems.begin(), walk.problems.end()), walk.problems.end());
  return walk;
}

ClientResult ClientJudge::judge(std::span<const JudgedPath> paths, const VerdictContext& context) const {
  std::optional<std::size_t> best, after_fetching, nearest;
  Walk nearest_walk;
  for (std::size_t i = 0; i < paths.size() && !best; ++i) {  // shortest first
    const Path& path = paths[i].path;
    Walk walk = this->walk(path, context);
    if (walk.good() && !walk.fetched) best = i;
    if (walk.good() && walk.fetched && !after_fetching) after_fetching = i;
    if (!walk.anchor_held) continue;
    if (!nearest || walk.distance(path.tiers()) < nearest_walk.distance(paths[*nearest].path.tiers())) {
      nearest = i;
      nearest_walk = std::move(walk);
    }
  }
  if (best) return {client_->id, ClientVerdict::trusted, best, {}};
  if (after_fetching) return {client_->id, ClientVerdict::trusted_by_aia, after_fetching, {}};
  if (!nearest) return without_anchor(*client_, context, !paths.empty());

  ClientResult result{client_->id, ClientVerdict::untrusted, nearest, {}};
  if (!nearest_walk.missing.empty()) result.reasons.emplace_back("issuer_missing");
  for (const Problem problem : nearest_walk.problems) result.reasons.emplace_back(id(problem));
  return result;
}

std::vector<Need> ClientJudge::needs(std::span<const JudgedPath> paths) const {
  std::vector<Need> result;
  result.reserve(paths.size());
  std::vector<Problem> problems;
  for (const JudgedPath& judged : paths) {
    const Path& path = judged.path;
    if (!holds(path.anchor().fingerprint) || passes_an_anchor(path)) continue;
    own_problems(path, false, problems);
    if (!problems.empty()) {
      problems.clear();
      continue;
    }
    Need& need = result.emplace_back();
    need.reserve(path.certificates.size());
    for (std::size_t i = 1; i + 1 < path.certificates.size(); ++i)
      if (!has_itself(path.certificates[i]->fingerprint)) need.push_back(path.certificates[i]->fingerprint);
  }
  return result;
}

std::vector<CertFingerprint> ClientJudge::lacks(std::span<const JudgedPath> paths,
                                                const VerdictContext& context) const {
  std::vector<CertFingerprint> result;
  for (const JudgedPath& path : paths) {
    if (!holds(path.path.anchor().fingerprint)) continue;
    Walk walk = this->walk(path.path, context);
    if (!walk.anchor_held) continue;
    if (walk.missing.empty()) return {};
    if (walk.missing.size() == 1) result.push_back(walk.missing.front());
  }
  return result;
}

bool suffices(std::span<const CertFingerprint> sent, std::span<const Need> needs) {
  return std::ranges::any_of(needs, [&](const Need& need) {
    return std::ranges::all_of(need, [&](const CertFingerprint& fingerprint) {
      return std::ranges::find(sent, fingerprint) != sent.end();
    });
  });
}

ClientResult judge(const ClientModel& client, std::span<const JudgedPath> paths,
                   const VerdictContext& context) {
  return ClientJudge(client, context.catalogue, context.at).judge(paths, context);
}

}  // namespace chaintier
