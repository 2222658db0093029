#include "src/findings/staleness.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "src/findings/balance.h"

namespace chaintier {

namespace {

using Chains = std::vector<std::shared_ptr<const ChainJudgement>>;

CertificatePtr leaf_of(const Chains& chains, const Sample& sample) {
  for (const auto& chain : chains)
    if (!chain->served.empty() && chain->served.front()->fingerprint == sample.served.front()->fingerprint)
      return chain->leaf();
  return nullptr;
}

// Null when the leaf is as issued or newer, or nothing was issued for such a question. `decides` tells the
// two apart.
CertificatePtr replaced_by_issued(const TargetView& view, const SeenAnswer& answer, bool& decides) {
  decides = false;
  const auto& expectation = view.knowledge.expected;
  if (!expectation) return nullptr;
  const IssuedChain* issued =
      issued_for(*expectation, reference_name(view.observation), answer.leaf, {answer.asked});
  if (!issued) return nullptr;
  decides = true;
  const Age age = compare_age(*answer.leaf, issued->leaf());
  return age == Age::older || age == Age::unclear ? issued->served.front() : nullptr;
}

}  // namespace

std::vector<SeenAnswer> seen_answers(const Observation& observation, const Chains& chains) {
  std::vector<SeenAnswer> result;
  for (const EndpointSeen& endpoint : observation.endpoints) {
    const std::string address = endpoint_text(endpoint, observation.target);
    for (const Sample& sample : endpoint.samples) {
      const bool by_name = observation.target.host_address || sample.asked.sni;
      if (sample.served.empty() || !by_name) continue;
      SeenAnswer one{leaf_of(chains, sample), {}, address, sample.asked.key_type, endpoint.role};
      one.chain.reserve(sample.served.size());
      for (const SentPtr& sent : sample.served) one.chain.push_back(sent->fingerprint);
      result.push_back(std::move(one));
    }
  }
  return result;
}

std::vector<SeenAnswer> distinct(std::vector<SeenAnswer> answers) {
  std::set<std::tuple<KeyType, EndpointRole, std::string, std::vector<CertFingerprint>>> known;
  std::erase_if(answers, [&](const SeenAnswer& one) {
    return !known.emplace(one.asked, one.role, one.address, one.chain).second;
  });
  return answers;
}

bool names_host(const TargetView& view, const Certificate& leaf) {
  const auto host = reference_name(view.observation);
  return !host || matches_host(leaf, *host);
}

bool comparable(const SeenAnswer& a, const SeenAnswer& b) {
  return a.leaf && b.leaf && a.asked == b.asked && a.leaf->key.algorithm == b.leaf->key.algorithm;
}

StaleLeaves stale_leaves(const TargetView& view, const std::vector<SeenAnswer>& answers) {
  // Many answers, few leaves.
  std::map<std::pair<KeyType, CertFingerprint>, const SeenAnswer*> distinct;
  for (const SeenAnswer& one : answers)
    if (one.leaf) distinct.emplace(std::pair(one.asked, one.leaf->fingerprint), &one);
  if (!view.knowledge.expected && distinct.size() < 2) return {};
  std::erase_if(distinct, [&](const auto& one) { return !names_host(view, *one.second->leaf); });
  StaleLeaves stale;
  for (const auto& [key, one] : distinct) {
    bool decides = false;
    CertificatePtr fresh = replaced_by_issued(view, *one, decides);
    if (!decides)
      for (const auto& [other_key, other] : distinct)
        if (comparable(*one, *other) && compare_age(*one->leaf, *other->leaf) == Age::older &&
            (!fresh || compare_age(*fresh, *other->leaf) == Age::older))
          fresh = other->leaf;
    if (fresh) stale.emplace(key, fresh);
  }
  return stale;
}

}  // namespace chaintier
