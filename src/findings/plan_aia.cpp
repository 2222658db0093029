#include "src/findings/plan_aia.h"

#include <algorithm>
#include <set>

#include "src/base/text.h"
#include "src/x509/issuer_answer.h"

namespace chaintier {

namespace {

constexpr std::size_t urls_per_certificate = 2;
constexpr std::size_t urls_per_target = 8;
constexpr std::size_t certificates_looked_at = 40;  // on the way up, for one chain

class Plan {
 public:
  Plan(const Observation& observation, Ground& ground) : observation_(observation), ground_(ground) {
    for (FetchedIssuer& one : fetched_issuers(observation, ground)) fetched_.push_back(one.certificate);
    for (const FetchedPtr& one : observation.fetched) known_urls_.insert(one->url);
  }

  std::vector<std::string> run() {
    for (const EndpointSeen& endpoint : observation_.endpoints)
      for (const Sample& sample : endpoint.samples) {
        const bool by_name = observation_.target.host_address || sample.asked.sni;
        if (!sample.served.empty() && by_name && is_new(sample.served)) climb(sample.served);
      }
    return std::move(urls_);
  }

 private:
  bool is_new(const std::vector<SentPtr>& served) {
    std::vector<CertFingerprint> chain;
    for (const SentPtr& sent : served) chain.push_back(sent->fingerprint);
    return seen_.insert(std::move(chain)).second;
  }

  void climb(const std::vector<SentPtr>& served) {
    const CertificatePtr leaf = ground_.read(*served.front());
    if (!leaf) return;
    CandidatePool given;
    for (const SentPtr& sent : served)
      if (const CertificatePtr certificate = ground_.read(*sent)) given.add(certificate, Source::served);
    for (const CertificatePtr& certificate : fetched_) given.add(certificate, Source::aia);
    std::set<CertFingerprint> reached{leaf->fingerprint};
    std::vector<CertificatePtr> open{leaf};
    for (std::size_t at = 0; at < open.size() && at < certificates_looked_at; ++at) {
      const CertificatePtr child = open[at];
      bool has_issuer = false;
      for (const auto* candidate : given.issuers_of(*child)) {
        if (!signed_by(*child, *candidate->certificate)) continue;
        has_issuer = true;
        if (reached.insert(candidate->certificate->fingerprint).second)
          open.push_back(candidate->certificate);
      }
      if (!has_issuer && !at_hand(*child)) add_urls(*child);
    }
  }

  bool signed_by(const Certificate& child, const Certificate& issuer) {
    if (questions_ >= ground_.knowledge().limits.signature_checks) return false;
    ++questions_;
    return ground_.signatures().check(child, issuer.key) == SignatureState::good;
  }

  bool at_hand(const Certificate& child) {
    std::vector<CertFingerprint> roots;
    for (const auto* candidate : ground_.pool().issuers_of(child)) {
      const CertFingerprint& fingerprint = candidate->certificate->fingerprint;
      const bool pooled = contains(candidate->from, Source::pool);
      if (!pooled && !ground_.anchors().contains(fingerprint)) continue;
      if (!signed_by(child, *candidate->certificate)) continue;
      // Of roots outside the catalogue nobody can be said to lack them.
      if (pooled || !ground_.data_apply() || !ground_.catalogue().find(fingerprint)) return true;
      roots.push_back(fingerprint);
    }
    if (roots.empty()) return false;
    // Who holds a root with the name and key of the certificate itself need not climb on from it.
    for (const KnownCa* twin : ground_.catalogue().twins_of(child))
      roots.push_back(twin->certificate->fingerprint);
    return std::ranges::all_of(ground_.clients(), [&](const ClientJudge& judge) {
      return !judge.client().fetches_aia ||
             std::ranges::any_of(roots, [&](const CertFingerprint& root) { return judge.holds(root); });
    });
  }

  void add_urls(const Certificate& child) {
    std::size_t taken = 0;
    for (const std::string& url : child.aia_issuers) {
      if (known_urls_.size() >= urls_per_target || taken == urls_per_certificate) return;
      if (!lower_ascii(url.substr(0, 7)).starts_with("http://")) continue;
      ++taken;
      if (known_urls_.insert(url).second) urls_.push_back(url);
    }
  }

  const Observation& observation_;
  Ground& ground_;
  std::vector<CertificatePtr> fetched_;
  std::set<std::string> known_urls_;
  std::set<std::vector<CertFingerprint>> seen_;
  std::size_t questions_ = 0;
  std::vector<std::string> urls_;
};

}  // namespace

std::vector<FetchedIssuer> fetched_issuers(const Observation& observation, Ground& ground) {
  std::vector<FetchedIssuer> result;
  for (const FetchedPtr& fetched : observation.fetched) {
    if (fetched->error) continue;
    for (const CertificatePtr& certificate : ground.read_answer(*fetched))
      result.push_back({certificate, fetched->url});
  }
  return result;
}

std::vector<std::string> plan_aia(const Observation& observation, Ground& ground) {
  return Plan(observation, ground).run();
}

}  // namespace chaintier
