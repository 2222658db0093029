// staple.invalid, and what stapled responses say of the leaf.
#include <algorithm>
#include <array>
#include <set>

#include "src/findings/balance.h"
#include "src/findings/rules.h"

namespace chaintier {

namespace {

struct Stapled {
  const StapleJudgement* judgement;
  CertFingerprint leaf;
  std::string subject;
  std::set<std::string> addresses;
};

std::vector<Stapled> stapled(const TargetView& view) {
  std::vector<Stapled> result;
  for (const EndpointSeen& endpoint : view.observation.endpoints)
    for (const Sample& sample : endpoint.samples) {
      if (!sample.staple || sample.served.empty()) continue;
      const auto judged = view.staples.find(*sample.staple);
      if (judged == view.staples.end()) continue;
      const CertFingerprint& leaf = sample.served.front()->fingerprint;
      auto known = std::ranges::find_if(result, [&](const Stapled& other) {
        return other.judgement == &judged->second && other.leaf == leaf;
      });
      if (known == result.end()) {
        std::string subject = leaf.hex().substr(0, 16);
        for (const auto& chain : view.chains)
          if (chain->leaf() && chain->leaf()->fingerprint == leaf)
            subject = chain->leaf()->subject.short_text();
        known = result.insert(known, {&judged->second, leaf, std::move(subject), {}});
      }
      known->addresses.insert(endpoint_text(endpoint, view.observation.target));
    }
  return result;
}

std::vector<Where> places(const Stapled& one) {
  std::vector<Where> where{{std::nullopt, one.leaf, std::nullopt, std::nullopt}};
  for (const std::string& address : one.addresses)
    where.push_back({address, std::nullopt, std::nullopt, std::nullopt});
  return where;
}

Checked staples(const TargetView& view) {
  const auto all = stapled(view);
  if (all.empty()) return NotApplicable{};
  std::vector<Finding> findings;
  for (const Stapled& one : all) {
    const std::string& status = one.judgement->status;
    if (status == "invalid")
      findings.push_back({Code::staple_invalid,
                          Severity::warning,
                          places(one),
                          {{"subject", one.subject}, {"reason", one.judgement->reason}}});
    if (status == "revoked")
      findings.push_back({Code::revocation_revoked,
                          Severity::error,
                          places(one),
                          {{"subject", one.subject}, {"by", "staple"}}});
    if (status == "unknown" || status == "unread")
      findings.push_back({Code::revocation_unknown, Severity::note, places(one), {{"subject", one.subject}}});
  }
  return found(std::move(findings));
}

constexpr std::array rules{TargetRule{"staple", "RFC 6066 8, RFC 6960 4.2", staples}};

}  // namespace

std::span<const TargetRule> revocation_rules() { return rules; }

}  // namespace chaintier
