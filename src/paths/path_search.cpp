#include "src/paths/path_search.h"

#include <algorithm>
#include <string>

namespace chaintier {

void CandidatePool::add(const CertificatePtr& certificate, Source from) {
  const auto [known, fresh] = by_fingerprint_.try_emplace(certificate->fingerprint, candidates_.size());
  if (!fresh) {
    Candidate& candidate = candidates_[known->second];
    candidate.from = candidate.from | from;
    return;
  }
  by_subject_.emplace(certificate->subject.canonical, candidates_.size());
  candidates_.push_back({certificate, static_cast<Sources>(from)});
}

const CandidatePool::Candidate* CandidatePool::find(const CertFingerprint& fingerprint) const {
  const auto found = by_fingerprint_.find(fingerprint);
  return found == by_fingerprint_.end() ? nullptr : &candidates_[found->second];
}

namespace {

// 0 = the identifiers agree, 1 = one of them is absent, 2 = they differ.
int key_id_rank(const Certificate& child, const Certificate& issuer) {
  if (!child.authority_key_id || !child.authority_key_id->key_id || !issuer.subject_key_id) return 1;
  return *child.authority_key_id->key_id == *issuer.subject_key_id ? 0 : 2;
}

}  // namespace

std::vector<const CandidatePool::Candidate*> CandidatePool::issuers_of(const Certificate& certificate) const {
  std::vector<const Candidate*> result;
  const auto [first, last] = by_subject_.equal_range(certificate.issuer.canonical);
  for (auto it = first; it != last; ++it) result.push_back(&candidates_[it->second]);
  std::ranges::sort(result, {}, [&](const Candidate* candidate) {
    return std::pair(key_id_rank(certificate, *candidate->certificate), candidate);
  });
  return result;
}

namespace {

// What may not come twice in a path (RFC 5280 6.1 needs progress; a renewed certificate of one CA gives none).
std::string identity(const Certificate& certificate) {
  std::string text = certificate.subject.canonical + '\0' + std::string(text_of(certificate.key.fingerprint.bytes));
  if (certificate.subject_alt_name) {
    const GeneralNames& names = *certificate.subject_alt_name;
    for (const auto& name : names.dns) text += "\1" + name;
    for (const auto& name : names.ip) text += "\2" + std::string(text_of(name));
    for (const auto& name : names.email) text += "\3" + name;
    for (const auto& name : names.uri) text += "\4" + name;
    for (const auto& name : names.directory) text += "\5" + name.canonical;
  }
  return text;
}

class Search {
 public:
  Search(const CandidatePool& pool, const std::unordered_set<CertFingerprint>& anchors, const SearchLimits& limits,
         SignatureChecker& signatures)
      : pool_(pool), anchors_(anchors), limits_(limits), signatures_(signatures), checks_before_(signatures.checks_done()) {}

  void visit(const CertificatePtr& certificate, Sources from, std::optional<PathProblem> link) {
    if (steps_++ >= limits_.steps || current_.certificates.size() >= limits_.depth) {
      result_.budget_hit = true;
      return;
    }
    const std::string& own = identity_of(*certificate);
    if (std::ranges::find(on_path_, &own) != on_path_.end()) return;

    current_.certificates.push_back(certificate);
    current_.from.push_back(from);
    if (link) current_.problems.push_back(*link);
    on_path_.push_back(&own);

    if (anchors_.contains(certificate->fingerprint)) keep();
    climb(*certificate);

    on_path_.pop_back();
    if (link) current_.problems.pop_back();
    current_.from.pop_back();
    current_.certificates.pop_back();
  }

  SearchResult take() {
    std::ranges::stable_sort(result_.paths, {}, &Path::tiers);
    return std::move(result_);
  }

 private:
  struct Link {
    const CandidatePool::Candidate* issuer;
    bool unsupported;
  };

  void keep() {
    if (result_.paths.size() >= limits_.paths) {
      result_.budget_hit = true;
      return;
    }
    result_.paths.push_back(current_);
  }

  bool exhausted() const {
    return steps_ >= limits_.steps || (result_.budget_hit && result_.paths.size() >= limits_.paths);
  }

  void climb(const Certificate& certificate) {
    for (const Link& link : links_of(certificate)) {
      if (exhausted()) {
        result_.budget_hit = true;
        return;
      }
      std::optional<PathProblem> problem;
      if (link.unsupported) problem = PathProblem{current_.certificates.size() - 1, Problem::signature_unsupported};
      visit(link.issuer->certificate, link.issuer->from, problem);
    }
  }

  // The issuers whose key verifies the certificate, asked once however many paths come through here.
  const std::vector<Link>& links_of(const Certificate& certificate) {
    const auto [known, fresh] = links_.try_emplace(certificate.fingerprint);
    if (!fresh) return known->second;
    for (const auto* candidate : pool_.issuers_of(certificate)) {
      if (signatures_.checks_done() - checks_before_ >= limits_.signature_checks) {
        result_.budget_hit = true;
        break;
      }
      const SignatureState state = signatures_.check(certificate, candidate->certificate->key);
      if (state != SignatureState::bad)
        known->second.push_back({candidate, state == SignatureState::unsupported});
    }
    return known->second;
  }

  const std::string& identity_of(const Certificate& certificate) {
    auto [known, fresh] = identities_.try_emplace(certificate.fingerprint, nullptr);
    if (fresh) known->second = &*interned_.insert(identity(certificate)).first;
    return *known->second;
  }

  const CandidatePool& pool_;
  const std::unordered_set<CertFingerprint>& anchors_;
  const SearchLimits& limits_;
  SignatureChecker& signatures_;
  std::uint64_t checks_before_;

  std::unordered_set<std::string> interned_;  // element addresses are stable
  std::unordered_map<CertFingerprint, const std::string*> identities_;
  std::unordered_map<CertFingerprint, std::vector<Link>> links_;
  std::vector<const std::string*> on_path_;
  Path current_;
  std::size_t steps_ = 0;
  SearchResult result_;
};

}  // namespace

SearchResult find_paths(const CertificatePtr& leaf, Sources leaf_from, const CandidatePool& pool,
                        const std::unordered_set<CertFingerprint>& anchors, const SearchLimits& limits,
                        SignatureChecker& signatures) {
  Search search(pool, anchors, limits, signatures);
  search.visit(leaf, leaf_from, std::nullopt);
  return search.take();
}

}  // namespace chaintier
