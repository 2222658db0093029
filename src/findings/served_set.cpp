#include "src/findings/served_set.h"

#include <algorithm>
#include <set>

namespace chaintier {

namespace {

// Asks which certificate signed which, so often and no more: a server may send thousands of one name, and
// each could have signed each. Beyond the limit nothing is said to be signed.
class Asker {
 public:
  explicit Asker(Ground& ground)
      : signatures_(ground.signatures()), left_(ground.knowledge().limits.signature_checks) {}

  bool signed_by(const Certificate& child, const Certificate& issuer) {
    if (child.issuer.canonical != issuer.subject.canonical || left_ == 0) return false;
    --left_;
    return signatures_.check(child, issuer.key) == SignatureState::good;
  }

 private:
  SignatureChecker& signatures_;
  std::size_t left_;
};

std::vector<ServedSet::Member> distinct_members(const ChainJudgement& chain, const Catalogue& catalogue,
                                                Asker& asker) {
  std::vector<ServedSet::Member> members;
  std::vector<std::size_t> positions{chain.leaf_at};
  for (std::size_t i = 0; i < chain.certificates.size(); ++i)
    if (i != chain.leaf_at) positions.push_back(i);
  for (const std::size_t i : positions) {
    const CertificatePtr& certificate = chain.certificates[i];
    if (!certificate) continue;
    const auto known = std::ranges::find_if(members, [&](const ServedSet::Member& member) {
      return member.certificate->fingerprint == certificate->fingerprint;
    });
    if (known != members.end()) {
      ++known->count;
      continue;
    }
    ServedSet::Member member{certificate, i,     1,  false,
                             false,       false, {}, catalogue.find(certificate->fingerprint)};
    member.self_signed = asker.signed_by(*certificate, *certificate);
    members.push_back(std::move(member));
  }
  return members;
}

// Everything that some chain of signatures leads to from the leaf.
std::set<CertFingerprint> reachable(const CertificatePtr& leaf, const CandidatePool& pool, Asker& asker) {
  std::set<CertFingerprint> reached{leaf->fingerprint};
  std::vector<CertificatePtr> open{leaf};
  while (!open.empty()) {
    const CertificatePtr child = open.back();
    open.pop_back();
    for (const auto* candidate : pool.issuers_of(*child))
      if (!reached.contains(candidate->certificate->fingerprint) &&
          asker.signed_by(*child, *candidate->certificate)) {
        reached.insert(candidate->certificate->fingerprint);
        open.push_back(candidate->certificate);
      }
  }
  return reached;
}

bool sent(const Path& path, std::size_t i) {
  return contains(path.from[i], Source::served) || contains(path.from[i], Source::pool);
}

std::size_t missing_in(const Path& path) {
  std::size_t missing = 0;
  for (std::size_t i = 1; i + 1 < path.tiers(); ++i) missing += sent(path, i) ? 0 : 1;
  return missing;
}

// The lowest hole of the path with the fewest holes.
std::optional<ServedSet::Gap> gap_of(const ChainJudgement& chain) {
  const JudgedPath* nearest = nullptr;
  for (const JudgedPath& path : chain.paths)
    if (!nearest || missing_in(path.path) < missing_in(nearest->path)) nearest = &path;
  if (!nearest) return std::nullopt;
  for (std::size_t i = 1; i + 1 < nearest->path.tiers(); ++i)
    if (!sent(nearest->path, i))
      return ServedSet::Gap{nearest->path.certificates[i - 1], nearest->path.certificates[i]};
  return std::nullopt;
}

// Without any path: climb what is served until an issuer is absent.
std::optional<ServedSet::Gap> open_end(const ServedSet& set) {
  std::size_t at = 0;
  std::set<std::size_t> passed;
  while (passed.insert(at).second) {
    const ServedSet::Member& member = set.members[at];
    if (member.self_signed || member.anchor) return std::nullopt;
    const auto issuer = std::ranges::find_if(set.members, [&](const ServedSet::Member& other) {
      return std::ranges::find(other.issued, at) != other.issued.end();
    });
    if (issuer == set.members.end()) return ServedSet::Gap{member.certificate, nullptr};
    at = static_cast<std::size_t>(issuer - set.members.begin());
  }
  return std::nullopt;
}

}  // namespace

ServedSet relate(const ChainJudgement& chain, Ground& ground) {
  ServedSet set;
  if (chain.certificates.empty() || !chain.leaf()) return set;
  Asker asker(ground);
  set.members = distinct_members(chain, ground.catalogue(), asker);

  CandidatePool pool(&ground.pool());
  for (const auto& member : set.members) pool.add(member.certificate, Source::served);
  const auto reached = reachable(set.members.front().certificate, pool, asker);
  for (std::size_t i = 0; i < set.members.size(); ++i) {
    ServedSet::Member& member = set.members[i];
    member.related = reached.contains(member.certificate->fingerprint);
    member.anchor = ground.anchors().contains(member.certificate->fingerprint);
    for (std::size_t k = 0; k < set.members.size(); ++k)
      if (k != i && asker.signed_by(*set.members[k].certificate, *member.certificate))
        member.issued.push_back(k);
  }
  set.complete =
      std::ranges::any_of(chain.paths, [](const JudgedPath& path) { return missing_in(path.path) == 0; });
  if (!set.complete) set.gap = chain.paths.empty() ? open_end(set) : gap_of(chain);
  return set;
}

}  // namespace chaintier
