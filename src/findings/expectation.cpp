#include "src/findings/expectation.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "src/base/text.h"
#include "src/findings/balance.h"
#include "src/report/report.h"

namespace chaintier {

namespace {

// A way up through so many certificates is nobody's chain; a folder of thousands of one name ends here too.
constexpr std::size_t longest_chain = 12;
constexpr std::size_t most_questions = 20'000;

class Builder {
 public:
  Builder(std::span<const CertificatePtr> certificates, SignatureChecker& signatures)
      : signatures_(signatures) {
    for (const CertificatePtr& one : certificates)
      if (std::ranges::none_of(
              all_, [&](const CertificatePtr& other) { return other->fingerprint == one->fingerprint; }))
        all_.push_back(one);
  }

  std::vector<IssuedChain> chains() {
    std::vector<IssuedChain> result;
    for (const CertificatePtr& one : all_) {
      if (!may_be_leaf(*one) || has_issued(*one)) continue;
      std::vector<CertificatePtr> best, climbed{one};
      climb(climbed, best);
      IssuedChain chain{std::move(best), nullptr};
      if (chain.served.size() > 1 && signed_by(*chain.served.back(), *chain.served.back())) {
        chain.root = chain.served.back();
        chain.served.pop_back();
      }
      result.push_back(std::move(chain));
    }
    return result;
  }

 private:
  bool signed_by(const Certificate& child, const Certificate& issuer) {
    if (child.issuer.canonical != issuer.subject.canonical || questions_ >= most_questions) return false;
    ++questions_;
    return signatures_.check(child, issuer.key) == SignatureState::good;
  }

  // A self-signed server certificate often says that it is a CA; one that names hosts is a leaf all the same.
  static bool may_be_leaf(const Certificate& certificate) {
    const auto& names = certificate.subject_alt_name;
    return !certificate.is_ca() || (names && (!names->dns.empty() || !names->ip.empty()));
  }

  // A CA certificate of the first version says nowhere that it is one, but has issued something.
  bool has_issued(const Certificate& issuer) {
    return std::ranges::any_of(all_, [&](const CertificatePtr& other) {
      return other->fingerprint != issuer.fingerprint && signed_by(*other, issuer);
    });
  }

  void climb(std::vector<CertificatePtr>& climbed, std::vector<CertificatePtr>& best) {
    if (climbed.size() > best.size()) best = climbed;
    if (climbed.size() >= longest_chain || questions_ >= most_questions) return;
    const CertificatePtr top = climbed.back();
    for (const CertificatePtr& issuer : all_) {
      const bool passed = std::ranges::any_of(climbed, [&](const CertificatePtr& one) {
        return one->subject.canonical == issuer->subject.canonical &&
               one->key.fingerprint == issuer->key.fingerprint;
      });
      if (passed || !signed_by(*top, *issuer)) continue;
      climbed.push_back(issuer);
      climb(climbed, best);
      climbed.pop_back();
    }
  }

  SignatureChecker& signatures_;
  std::vector<CertificatePtr> all_;
  std::size_t questions_ = 0;
};

bool of_kind(const Certificate& leaf, KeyType asked) {
  const bool rsa = leaf.key.algorithm == KeyAlgorithm::rsa || leaf.key.algorithm == KeyAlgorithm::rsa_pss;
  return asked == KeyType::any || (asked == KeyType::rsa ? rsa : leaf.key.algorithm == KeyAlgorithm::ec);
}

bool share_a_name(const Certificate& a, const Certificate& b) {
  if (!a.subject_alt_name || !b.subject_alt_name) return a.subject.canonical == b.subject.canonical;
  return std::ranges::any_of(a.subject_alt_name->dns, [&](const std::string& name) {
    return std::ranges::any_of(b.subject_alt_name->dns, [&](const std::string& other) {
      return lower_ascii(name) == lower_ascii(other);
    });
  });
}

bool same_subject_and_key(const Certificate& a, const Certificate& b) {
  return a.subject.canonical == b.subject.canonical && a.key.fingerprint == b.key.fingerprint;
}

class Comparison {
 public:
  Comparison(const IssuedChain& issued, std::span<const SentPtr> served,
             std::span<const CertificatePtr> certificates, std::size_t leaf_at)
      : issued_(issued), served_(served), certificates_(certificates), leaf_at_(leaf_at) {
    result_.applies = true;
    result_.issued = issued.served;
  }

  ExpectedComparison run() {
    leaf();
    missing();
    extra();
    order();
    return std::move(result_);
  }

 private:
  bool is_issued(const CertFingerprint& fingerprint) const {
    return std::ranges::any_of(issued_.served,
                               [&](const CertificatePtr& one) { return one->fingerprint == fingerprint; });
  }
  bool is_served(const CertFingerprint& fingerprint) const {
    return std::ranges::any_of(served_,
                               [&](const SentPtr& sent) { return sent->fingerprint == fingerprint; });
  }

  void leaf() {
    const CertFingerprint& first = served_[leaf_at_]->fingerprint;
    const CertFingerprint& wanted = issued_.leaf().fingerprint;
    if (first == wanted) return;
    if (is_issued(first) && is_served(wanted)) return;  // a matter of order
    Deviation kind = Deviation::leaf;
    if (const CertificatePtr& got = certificates_[leaf_at_]) {
      const Age age = compare_age(*got, issued_.leaf());
      if (age == Age::older) kind = Deviation::older_leaf;
      if (age == Age::newer) kind = Deviation::newer_leaf;
    }
    result_.differences.push_back({kind, first, wanted});
    told_.insert(first);
    told_.insert(wanted);
  }

  void missing() {
    for (const CertificatePtr& wanted : issued_.served) {
      if (is_served(wanted->fingerprint) || told_.contains(wanted->fingerprint)) continue;
      Difference difference{Deviation::missing, std::nullopt, wanted->fingerprint};
      for (const CertificatePtr& got : certificates_)
        if (got && got->subject.canonical == wanted->subject.canonical && !is_issued(got->fingerprint) &&
            !told_.contains(got->fingerprint)) {
          difference.kind = Deviation::other_issuer;
          difference.served = got->fingerprint;
          told_.insert(got->fingerprint);
          break;
        }
      result_.differences.push_back(difference);
    }
  }

  // What may stand above the end of the issued chain: all that leads on from an incomplete one; the root's
  // other certificates and what leads on from those.
  std::set<CertFingerprint> above() const {
    std::multimap<std::string, const Certificate*> by_subject;
    for (const CertificatePtr& got : certificates_)
      if (got) by_subject.emplace(got->subject.canonical, got.get());
    std::set<CertFingerprint> reached;
    std::vector<std::string> open{issued_.root ? issued_.root->subject.canonical
                                               : issued_.served.back()->issuer.canonical};
    for (bool first = true; !open.empty(); first = false) {
      const std::string name = std::move(open.back());
      open.pop_back();
      const auto [from, to] = by_subject.equal_range(name);
      for (auto at = from; at != to; ++at)
        if (!(first && issued_.root && !same_subject_and_key(*at->second, *issued_.root)) &&
            reached.insert(at->second->fingerprint).second)
          open.push_back(at->second->issuer.canonical);
    }
    return reached;
  }

  void extra() {
    const std::set<CertFingerprint> beyond = above();
    for (const SentPtr& sent : served_) {
      const CertFingerprint& fingerprint = sent->fingerprint;
      if (is_issued(fingerprint) || told_.contains(fingerprint) || beyond.contains(fingerprint)) continue;
      result_.differences.push_back({Deviation::extra, fingerprint, std::nullopt});
      told_.insert(fingerprint);
    }
  }

  void order() {
    std::vector<CertFingerprint> got, wanted;
    for (const SentPtr& sent : served_)
      if (is_issued(sent->fingerprint) && std::ranges::find(got, sent->fingerprint) == got.end())
        got.push_back(sent->fingerprint);
    for (const CertificatePtr& one : issued_.served)
      if (is_served(one->fingerprint)) wanted.push_back(one->fingerprint);
    if (got != wanted) result_.differences.push_back({Deviation::order, std::nullopt, std::nullopt});
  }

  const IssuedChain& issued_;
  std::span<const SentPtr> served_;
  std::span<const CertificatePtr> certificates_;
  std::size_t leaf_at_;
  std::set<CertFingerprint> told_;
  ExpectedComparison result_;
};

}  // namespace

Result<Expectation> expectation_of(std::span<const CertificatePtr> certificates,
                                   SignatureChecker& signatures) {
  Expectation expectation{Builder(certificates, signatures).chains()};
  if (expectation.issued.empty())
    return input_error(Stage::parse,
                       certificates.empty()
                           ? "it holds no certificate"
                           : "it holds CA certificates only; the site's own certificate (server.cer) is "
                             "not among them");
  return expectation;
}

const IssuedChain* issued_for(const Expectation& expectation, const std::optional<ReferenceName>& host,
                              const CertificatePtr& leaf, const std::set<KeyType>& asked) {
  if (leaf)
    for (const IssuedChain& issued : expectation.issued)
      if (issued.leaf().fingerprint == leaf->fingerprint) return &issued;
  std::vector<const IssuedChain*> fitting;
  for (const IssuedChain& issued : expectation.issued) {
    if (host && !matches_host(issued.leaf(), *host)) continue;
    if (!host && leaf && expectation.issued.size() > 1 && !share_a_name(issued.leaf(), *leaf)) continue;
    if (std::ranges::none_of(asked, [&](KeyType type) { return of_kind(issued.leaf(), type); })) continue;
    fitting.push_back(&issued);
  }
  // An RSA certificate stands for an RSA certificate, where there is one.
  const auto same_key = [&](const IssuedChain* one) {
    return leaf && one->leaf().key.algorithm == leaf->key.algorithm;
  };
  if (std::ranges::any_of(fitting, same_key))
    std::erase_if(fitting, [&](const IssuedChain* one) { return !same_key(one); });
  const auto newest = std::ranges::max_element(fitting, [](const IssuedChain* a, const IssuedChain* b) {
    return compare_age(a->leaf(), b->leaf()) == Age::older;
  });
  return newest == fitting.end() ? nullptr : *newest;
}

ExpectedComparison compare_with(const IssuedChain& issued, std::span<const SentPtr> served,
                                std::span<const CertificatePtr> certificates, std::size_t leaf_at) {
  return Comparison(issued, served, certificates, leaf_at).run();
}

}  // namespace chaintier
