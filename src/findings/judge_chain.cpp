#include "src/findings/judge_chain.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include "src/clients/client_verdict.h"
#include "src/paths/path_checks.h"

namespace chaintier {

namespace {

class ChainJudge {
 public:
  ChainJudge(std::span<const SentPtr> served, const std::optional<ReferenceName>& host, Ground& ground,
             LeafPlace place, std::span<const FetchedIssuer> fetched)
      : host_(host),
        ground_(ground),
        catalogue_(ground.catalogue()),
        fetched_(fetched),
        pool_(&ground.pool()) {
    for (const FetchedIssuer& one : fetched) pool_.add(one.certificate, Source::aia);
    result_.served.assign(served.begin(), served.end());
    for (const SentPtr& sent : served) {
      result_.certificates.push_back(ground.read(*sent));
      if (result_.certificates.back()) pool_.add(result_.certificates.back(), Source::served);
    }
    if (place == LeafPlace::anywhere) result_.leaf_at = leaf_position(result_.certificates);
  }

  ChainJudgement run() {
    if (result_.certificates.empty() || !result_.leaf()) {
      for (const ClientJudge& client : ground_.clients())
        result_.clients.push_back(
            {client.client().id, ClientVerdict::untrusted, std::nullopt, {"malformed"}});
      return std::move(result_);
    }
    const CertificatePtr leaf = result_.leaf();
    if (const KnownCa* issuer = catalogue_.issuer_of(*leaf, ground_.signatures()))
      result_.issued_by = issuer->slug;
    search(leaf);
    VerdictContext context = ground_.context(under_catalogue_ || catalogue_.names_issuer_of(*leaf));
    context.served = result_.certificates;
    for (const ClientJudge& client : ground_.clients())
      result_.clients.push_back(client.judge(result_.paths, context));
    if (under_catalogue_) advise();
    return std::move(result_);
  }

 private:
  void search(const CertificatePtr& leaf) {
    const auto* own = pool_.find(leaf->fingerprint);
    const Knowledge& knowledge = ground_.knowledge();
    SearchResult found = find_paths(leaf, own ? own->from : static_cast<Sources>(Source::served), pool_,
                                    ground_.anchors(), knowledge.limits, ground_.signatures());
    result_.budget_hit = found.budget_hit;
    const PathContext context{knowledge.at, host_, knowledge.for_server};
    for (Path& path : found.paths) {
      path.problems = check_path(path, context);
      mark_fetched(path);
      JudgedPath judged{std::move(path), std::nullopt, {}};
      const KnownCa* anchor = catalogue_.find(judged.path.anchor().fingerprint);
      judged.anchor = anchor ? anchor->slug : judged.path.anchor().fingerprint.hex();
      judged.name = name_of(judged.path, anchor);
      under_catalogue_ = under_catalogue_ || anchor != nullptr;
      result_.paths.push_back(std::move(judged));
    }
  }

  // What a client that follows URLs would be given on this path.
  void mark_fetched(Path& path) {
    for (std::size_t i = 1; i < path.certificates.size(); ++i) {
      if (!was_fetched(*path.certificates[i - 1], *path.certificates[i]))
        path.from[i] &= ~static_cast<Sources>(Source::aia);
      for (const KnownCa* ca : ground_.delivered_by(*path.certificates[i - 1]))
        if (ca->certificate->fingerprint == path.certificates[i]->fingerprint)
          path.from[i] = path.from[i] | Source::aia;
    }
  }

  // The issuer lay at a URL of this very certificate; one of another certificate would lead no client to it.
  bool was_fetched(const Certificate& child, const Certificate& issuer) const {
    return std::ranges::any_of(fetched_, [&](const FetchedIssuer& one) {
      return one.certificate->fingerprint == issuer.fingerprint &&
             std::ranges::find(child.aia_issuers, one.url) != child.aia_issuers.end();
    });
  }

  std::string name_of(const Path& path, const KnownCa* anchor) const {
    if (path.tiers() == 1) return "self";
    if (!anchor) return "other";
    std::size_t crosses = 0;
    Hierarchy hierarchy = Hierarchy::none;
    for (const CertificatePtr& certificate : path.certificates) {
      const KnownCa* ca = catalogue_.find(certificate->fingerprint);
      if (ca && ca->role == CaRole::cross) ++crosses;
      if (ca && hierarchy == Hierarchy::none) hierarchy = ca->hierarchy;
    }
    // Without a description of the catalogue its shape tells: a root that also has a cross certificate is the
    // newer.
    const bool newer = hierarchy == Hierarchy::new_hierarchy ||
                       (hierarchy == Hierarchy::none && (crosses > 0 || has_cross_twin(*anchor)));
    if (newer) return crosses == 0 ? "new.short" : crosses == 1 ? "new.cross" : "new.cross2008";
    return crosses == 0 ? "old" : "old.cross2008";
  }

  bool has_cross_twin(const KnownCa& root) const {
    return std::ranges::any_of(catalogue_.twins_of(*root.certificate),
                               [](const KnownCa* twin) { return twin->role == CaRole::cross; });
  }

  // The list that serves the most clients, current ones first; among equals the shortest.
  void advise() {
    using Rank = std::tuple<std::ptrdiff_t, std::ptrdiff_t, std::ptrdiff_t, std::ptrdiff_t>;
    std::optional<Rank> best;
    const JudgedPath* chosen = nullptr;
    // Shortest first: beyond so many paths nobody would want to send what is left.
    const std::span<const JudgedPath> paths =
        std::span(result_.paths).first(std::min<std::size_t>(result_.paths.size(), 32));
    std::vector<std::vector<Need>> needs;  // for each client
    needs.reserve(ground_.all_clients().size());
    for (const ClientJudge& client : ground_.all_clients()) needs.push_back(client.needs(paths));
    for (const JudgedPath& path : paths) {
      if (path.path.tiers() < 2 || !catalogue_.find(path.path.anchor().fingerprint)) continue;
      std::vector<CertFingerprint> sent;
      sent.reserve(path.path.tiers());
      for (std::size_t i = 0; i + 1 < path.path.tiers(); ++i)
        sent.push_back(path.path.certificates[i]->fingerprint);
      std::ptrdiff_t current = 0;
      std::ptrdiff_t all = 0;
      for (std::size_t i = 0; i < needs.size(); ++i) {
        if (!suffices(sent, needs[i])) continue;
        ++all;
        if (ground_.all_clients()[i].client().current) ++current;
      }
      // Of a catalogue that no client data speak of: the list that leads to the most roots.
      const std::ptrdiff_t roots = ground_.data_apply() ? 0 : roots_reached(paths, sent);
      const Rank rank{current, all, roots, -static_cast<std::ptrdiff_t>(path.path.tiers())};
      if (!best || rank > *best) {
        best = rank;
        chosen = &path;
      }
    }
    if (!chosen) return;
    result_.should_send.emplace(chosen->path.certificates.begin(), chosen->path.certificates.end() - 1);
    compare();
  }

  std::ptrdiff_t roots_reached(std::span<const JudgedPath> paths,
                               std::span<const CertFingerprint> sent) const {
    std::vector<CertFingerprint> roots;
    for (const JudgedPath& path : paths) {
      const auto& certificates = path.path.certificates;
      const bool good = std::ranges::all_of(path.path.problems,
                                            [](const PathProblem& problem) { return problem.index == 0; });
      const bool handed = std::all_of(
          certificates.begin(), certificates.end() - 1,
          [&](const CertificatePtr& one) { return std::ranges::find(sent, one->fingerprint) != sent.end(); });
      const CertFingerprint& anchor = path.path.anchor().fingerprint;
      if (good && handed && std::ranges::find(roots, anchor) == roots.end()) roots.push_back(anchor);
    }
    return static_cast<std::ptrdiff_t>(roots.size());
  }

  void compare() {
    const auto& wanted = *result_.should_send;
    const auto wants = [&](const CertFingerprint& fingerprint) {
      return std::ranges::any_of(wanted,
                                 [&](const CertificatePtr& c) { return c->fingerprint == fingerprint; });
    };
    std::vector<CertFingerprint> kept;
    kept.reserve(result_.served.size());
    for (const SentPtr& sent : result_.served) {
      const bool again = std::ranges::find(kept, sent->fingerprint) != kept.end();
      if (again || !wants(sent->fingerprint))
        result_.advice.push_back({AdviceAction::drop, sent->fingerprint});
      else
        kept.push_back(sent->fingerprint);
    }
    std::vector<CertFingerprint> in_order;
    in_order.reserve(wanted.size());
    for (const CertificatePtr& certificate : wanted) {
      if (std::ranges::find(kept, certificate->fingerprint) == kept.end())
        result_.advice.push_back({AdviceAction::add, certificate->fingerprint});
      else
        in_order.push_back(certificate->fingerprint);
    }
    for (std::size_t i = 0; i < in_order.size(); ++i)
      if (kept[i] != in_order[i]) result_.advice.push_back({AdviceAction::move, in_order[i]});
  }

  const std::optional<ReferenceName>& host_;
  Ground& ground_;
  const Catalogue& catalogue_;
  std::span<const FetchedIssuer> fetched_;
  CandidatePool pool_;
  bool under_catalogue_ = false;
  ChainJudgement result_;
};

}  // namespace

ChainJudgement judge_chain(std::span<const SentPtr> served, const std::optional<ReferenceName>& host,
                           Ground& ground, LeafPlace place, std::span<const FetchedIssuer> fetched) {
  return ChainJudge(served, host, ground, place, fetched).run();
}

const KnownCa* issuing_ca(const ChainJudgement& chain, const Catalogue& catalogue) {
  return chain.issued_by ? catalogue.find(*chain.issued_by) : nullptr;
}

}  // namespace chaintier
