#include "src/paths/path_search.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "src/x509/key_ids.h"

namespace chaintier {

void CandidatePool::insert(const CertificatePtr& certificate, Sources from) const {
  by_fingerprint_.emplace(certificate->fingerprint, candidates_.size());
  by_subject_.emplace(certificate->subject.digest, candidates_.size());
  candidates_.push_back({certificate, from, candidates_.size()});
}

void CandidatePool::add(const CertificatePtr& certificate, Source from) {
  const auto known = by_fingerprint_.find(certificate->fingerprint);
  if (known != by_fingerprint_.end()) {
    Candidate& candidate = candidates_[known->second];
    candidate.from = candidate.from | from;
    return;
  }
  const Candidate* below = base_ ? base_->find(certificate->fingerprint) : nullptr;
  Sources sources = (below ? below->from : 0u) | from;
  for (const CertificateStore* store : stores_)
    if (store->contains(certificate->fingerprint)) sources = sources | Source::store;
  insert(certificate, sources);
}

void CandidatePool::add_store(const CertificateStore& store) {
  if (std::ranges::find(stores_, &store) != stores_.end()) return;
  stores_.push_back(&store);
  filled_.clear();
  for (Candidate& candidate : candidates_)
    if (store.contains(candidate.certificate->fingerprint)) candidate.from = candidate.from | Source::store;
}

const CandidatePool::Candidate* CandidatePool::from_stores(const CertFingerprint& fingerprint) const {
  for (const CertificateStore* store : stores_)
    if (const CertificatePtr certificate = store->find(fingerprint)) {
      insert(certificate, static_cast<Sources>(Source::store));
      return &candidates_.back();
    }
  return nullptr;
}

const CandidatePool::Candidate* CandidatePool::find(const CertFingerprint& fingerprint) const {
  const auto found = by_fingerprint_.find(fingerprint);
  if (found != by_fingerprint_.end()) return &candidates_[found->second];
  if (const Candidate* stored = from_stores(fingerprint)) return stored;
  return base_ ? base_->find(fingerprint) : nullptr;
}

void CandidatePool::fill_from_stores(const Name& subject) const {
  constexpr std::size_t most_names = 4096;  // strangers choose them
  if (stores_.empty()) return;
  if (filled_.size() >= most_names) filled_.clear();
  if (!filled_.insert(subject.digest).second) return;
  for (const CertificateStore* store : stores_)
    for (const CertFingerprint& fingerprint : store->named(subject))
      if (!by_fingerprint_.contains(fingerprint)) from_stores(fingerprint);
}

// Appends them, in the order in which they were added, and then those of the base.
void CandidatePool::named(const Name& subject, std::vector<const Candidate*>& result) const {
  fill_from_stores(subject);
  const auto begin = static_cast<std::ptrdiff_t>(result.size());
  const auto [first, last] = by_subject_.equal_range(subject.digest);
  for (auto it = first; it != last; ++it)
    if (candidates_[it->second].certificate->subject.canonical == subject.canonical)
      result.push_back(&candidates_[it->second]);
  std::sort(result.begin() + begin, result.end(),
            [](const Candidate* one, const Candidate* other) { return one->position < other->position; });
  if (!base_) return;
  const auto below = static_cast<std::ptrdiff_t>(result.size());
  base_->named(subject, result);
  result.erase(std::remove_if(result.begin() + below, result.end(),
                              [&](const Candidate* candidate) {
                                return by_fingerprint_.contains(candidate->certificate->fingerprint);
                              }),
               result.end());
}

std::vector<const CandidatePool::Candidate*> CandidatePool::issuers_of(const Certificate& certificate) const {
  std::vector<const Candidate*> result;
  result.reserve(8);
  named(certificate.issuer, result);
  std::ranges::stable_sort(result, {}, [&](const Candidate* candidate) {
    return compare_key_ids(certificate, *candidate->certificate);
  });
  return result;
}

namespace {

// What may not come twice in a path (RFC 5280 6.1 needs progress; a renewed certificate of one CA gives
// none).
std::string identity(const Certificate& certificate) {
  std::string text;
  text.reserve(256);
  const auto add = [&text](char kind, std::string_view name) { (text += kind) += name; };
  text += certificate.subject.canonical;
  add('\0', text_of(certificate.key.fingerprint.bytes));
  if (certificate.subject_alt_name) {
    const GeneralNames& names = *certificate.subject_alt_name;
    for (const auto& name : names.dns) add('\1', name);
    for (const auto& name : names.ip) add('\2', text_of(name));
    for (const auto& name : names.email) add('\3', name);
    for (const auto& name : names.uri) add('\4', name);
    for (const auto& name : names.directory) add('\5', name.canonical);
  }
  return text;
}

// Goes up from the leaf level by level: what a limit cuts off are the longest paths.
class Search {
 public:
  Search(const CandidatePool& pool, const std::unordered_set<CertFingerprint>& anchors,
         const SearchLimits& limits, SignatureChecker& signatures)
      : pool_(pool), anchors_(anchors), limits_(limits), signatures_(signatures) {}

  SearchResult run(const CertificatePtr& leaf, Sources leaf_from) {
    nodes_.push_back({leaf, leaf_from, no_node, 1, &identity_of(*leaf), false});
    for (std::size_t at = 0; at < nodes_.size(); ++at) {
      if (anchors_.contains(nodes_[at].certificate->fingerprint)) {
        if (result_.paths.size() >= limits_.paths) {
          result_.budget_hit = true;
          break;
        }
        result_.paths.push_back(path_to(at));
      }
      if (!climb(at)) break;
    }
    return std::move(result_);
  }

 private:
  static constexpr std::size_t no_node = SIZE_MAX;

  // A certificate as the top of a path so far; the rest of it hangs on `below`.
  struct Node {
    CertificatePtr certificate;
    Sources from;
    std::size_t below;
    std::size_t length;
    const std::string* identity;
    bool link_unsupported;  // the signature on the certificate below cannot be checked
  };
  struct Link {
    const CandidatePool::Candidate* issuer;
    bool unsupported;
  };

  // False when the steps are used up.
  bool climb(std::size_t at) {
    for (const Link& link : links_of(*nodes_[at].certificate)) {
      if (++steps_ > limits_.steps) {
        result_.budget_hit = true;
        return false;
      }
      const std::string& identity = identity_of(*link.issuer->certificate);
      if (on_path(at, identity)) continue;
      if (nodes_[at].length >= limits_.depth) {
        result_.budget_hit = true;
        continue;
      }
      nodes_.push_back({link.issuer->certificate, link.issuer->from, at, nodes_[at].length + 1, &identity,
                        link.unsupported});
    }
    return true;
  }

  bool on_path(std::size_t top, const std::string& identity) const {
    for (std::size_t at = top; at != no_node; at = nodes_[at].below)
      if (nodes_[at].identity == &identity) return true;
    return false;
  }

  Path path_to(std::size_t top) const {
    Path path;
    for (std::size_t at = top; at != no_node; at = nodes_[at].below) {
      const Node& node = nodes_[at];
      path.certificates.push_back(node.certificate);
      path.from.push_back(node.from);
      if (node.link_unsupported) path.problems.push_back({node.length - 2, Problem::signature_unsupported});
    }
    std::ranges::reverse(path.certificates);
    std::ranges::reverse(path.from);
    std::ranges::reverse(path.problems);
    return path;
  }

  // The issuers whose key verifies the certificate, asked once however many paths come through here. What
  // counts is the questions, not what the checker has to work out: it may know some answers from another
  // chain.
  const std::vector<Link>& links_of(const Certificate& certificate) {
    const auto [known, fresh] = links_.try_emplace(certificate.fingerprint);
    if (!fresh) return known->second;
    for (const auto* candidate : pool_.issuers_of(certificate)) {
      if (++asked_ > limits_.signature_checks) {
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

  std::unordered_set<std::string> interned_;  // element addresses are stable
  std::unordered_map<CertFingerprint, const std::string*> identities_;
  std::unordered_map<CertFingerprint, std::vector<Link>> links_;
  std::vector<Node> nodes_;
  std::size_t steps_ = 0;
  std::size_t asked_ = 0;
  SearchResult result_;
};

}  // namespace

SearchResult find_paths(const CertificatePtr& leaf, Sources leaf_from, const CandidatePool& pool,
                        const std::unordered_set<CertFingerprint>& anchors, const SearchLimits& limits,
                        SignatureChecker& signatures) {
  return Search(pool, anchors, limits, signatures).run(leaf, leaf_from);
}

}  // namespace chaintier
