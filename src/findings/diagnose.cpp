#include "src/findings/diagnose.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <tuple>

#include "src/findings/balance.h"
#include "src/findings/plan_aia.h"
#include "src/findings/rules.h"
#include "src/findings/staleness.h"
#include "src/findings/staples.h"

namespace chaintier {

namespace {

// What comes again comes soon: further samples and addresses of a host. A longer memory would cost more in
// pages touched for the first time than it spares.
constexpr std::size_t remembered_chains = 64;

void keep(Checked checked, std::vector<Finding>& into) {
  if (auto* findings = std::get_if<std::vector<Finding>>(&checked))
    std::ranges::move(*findings, std::back_inserter(into));
}

struct ServedAt {
  std::vector<SentPtr> served;
  std::vector<SeenAt> seen_at;
  std::int64_t count = 0;
  bool with_sni = false;
  std::set<KeyType> asked;
  bool from_file = false;
};

std::vector<ServedAt> distinct_chains(const Observation& observation) {
  std::vector<ServedAt> result;
  for (const EndpointSeen& endpoint : observation.endpoints) {
    const std::string address = endpoint_text(endpoint, observation.target);
    for (const Sample& sample : endpoint.samples) {
      if (sample.served.empty()) continue;
      auto known = std::ranges::find_if(result, [&](const ServedAt& other) {
        return std::ranges::equal(other.served, sample.served, {}, &SentCertificate::fingerprint,
                                  &SentCertificate::fingerprint);
      });
      if (known == result.end()) known = result.insert(known, {sample.served, {}, 0, false, {}, false});
      ++known->count;
      known->asked.insert(sample.asked.key_type);
      known->with_sni = known->with_sni || sample.asked.sni || observation.target.host_address ||
                        endpoint.role == EndpointRole::file;
      known->from_file = known->from_file || endpoint.role == EndpointRole::file;
      auto place = std::ranges::find(known->seen_at, address, &SeenAt::address);
      if (place == known->seen_at.end()) place = known->seen_at.insert(place, {address, 0});
      ++place->count;
    }
  }
  std::ranges::stable_sort(result, std::ranges::greater{}, &ServedAt::count);
  return result;
}

// Of lists: what stands in either.
void join(std::map<std::string, Fact>& facts, const std::map<std::string, Fact>& others) {
  for (const auto& [name, other] : others) {
    auto* values = std::get_if<std::vector<std::string>>(&facts[name]);
    const auto* more = std::get_if<std::vector<std::string>>(&other);
    if (!values || !more) continue;
    for (const std::string& value : *more)
      if (std::ranges::find(*values, value) == values->end()) values->push_back(value);
  }
}

// The same finding about several chains of one target is one finding with several places; so is that clients
// refuse them, though one chain may be refused by more of them.
void merge(std::vector<Finding>& findings) {
  if (findings.size() < 2) return;
  std::vector<Finding> merged;
  for (Finding& finding : findings) {
    const auto same = std::ranges::find_if(merged, [&](const Finding& other) {
      return other.code == finding.code && other.severity == finding.severity &&
             (other.facts == finding.facts || finding.code == Code::path_client_untrusted);
    });
    if (same == merged.end()) {
      merged.push_back(std::move(finding));
      continue;
    }
    join(same->facts, finding.facts);
    for (Where& where : finding.where)
      if (std::ranges::find(same->where, where) == same->where.end()) same->where.push_back(std::move(where));
  }
  findings = std::move(merged);
}

}  // namespace

Diagnoser::Diagnoser(Knowledge knowledge)
    : ground_(std::make_unique<Ground>(std::move(knowledge))), known_(remembered_chains) {}

std::vector<std::string> Diagnoser::wants_fetched(const Observation& observation) {
  return plan_aia(observation, *ground_);
}

const Diagnoser::Judged& Diagnoser::judged(const std::vector<SentPtr>& served, const Observation& observation,
                                           LeafPlace place, const std::vector<FetchedIssuer>& fetched) {
  const auto host = reference_name(observation);
  std::string key;
  key.reserve(observation.target.host.size() + served.size() * sizeof(CertFingerprint) + 2);
  key += host ? (host->address ? host->address->text() : host->dns) : std::string("-");
  if (place == LeafPlace::anywhere) key += '/';
  for (const SentPtr& sent : served) key += text_of(sent->fingerprint.bytes);
  for (const FetchedIssuer& one : fetched) {
    key += text_of(one.certificate->fingerprint.bytes);
    key += one.url;
  }
  if (const Judged* known = known_.find(key)) return *known;

  auto chain = std::make_shared<ChainJudgement>(judge_chain(served, host, *ground_, place, fetched));
  const ServedSet set = relate(*chain, *ground_);
  const ChainView view{*chain, set, host, ground_->knowledge(), *ground_};
  Judged result{chain, {}};
  for (const auto rules : {leaf_rules(), issuer_rules(), chain_rules(), path_rules()})
    for (const ChainRule& rule : rules) keep(rule.check(view), result.findings);
  return known_.put(std::move(key), std::move(result));
}

std::optional<ExpectedComparison> Diagnoser::compare_with_issued(const ChainJudgement& chain,
                                                                 const std::set<KeyType>& asked,
                                                                 const Observation& observation) const {
  const auto& expectation = knowledge().expected;
  if (!expectation) return std::nullopt;
  const IssuedChain* issued = issued_for(*expectation, reference_name(observation), chain.leaf(), asked);
  return issued ? compare_with(*issued, chain.served, chain.certificates, chain.leaf_at)
                : ExpectedComparison{};
}

TargetReport Diagnoser::diagnose(Observation observation) {
  TargetReport report;
  const std::vector<FetchedIssuer> fetched = fetched_issuers(observation, *ground_);
  for (ServedAt& served : distinct_chains(observation)) {
    const Judged& result = judged(served.served, observation,
                                  served.from_file ? LeafPlace::anywhere : LeafPlace::first, fetched);
    auto chain = std::make_shared<ChainJudgement>(*result.chain);
    chain->seen_at = std::move(served.seen_at);
    chain->without_sni_only = !served.with_sni;
    if (served.with_sni) chain->expected = compare_with_issued(*chain, served.asked, observation);
    // What is served to nobody who asks by name is told by sni.default_differs alone.
    if (served.with_sni)
      report.findings.insert(report.findings.end(), result.findings.begin(), result.findings.end());
    report.chains.push_back(std::move(chain));
  }
  report.staples = judge_staples(observation, report.chains, ground_->knowledge(), ground_->signatures());
  const std::vector<SeenAnswer> answers = seen_answers(observation, report.chains);
  const TargetView view{observation, report.chains, report.staples, answers, ground_->knowledge()};
  for (const auto rules : {revocation_rules(), endpoint_rules(), expectation_rules()})
    for (const TargetRule& rule : rules) keep(rule.check(view), report.findings);
  merge(report.findings);
  std::ranges::stable_sort(report.findings, {}, [](const Finding& finding) {
    return std::pair(-static_cast<int>(finding.severity), rank(finding.code));
  });

  report.verdict = verdict_of(observation, report.findings);
  report.headline = headline_of(report.findings);
  report.balance = weigh(observation, stale_leaves(view, answers), knowledge().expected != nullptr);
  report.observation = std::move(observation);
  return report;
}

TargetReport Diagnoser::not_a_target(const BadTarget& bad) {
  TargetReport report;
  report.observation.target.text = bad.text;
  report.observation.target.shown_host = bad.text;
  report.observation.target.tag = bad.tag;
  report.bad_target = bad;
  report.verdict = Verdict::unjudged;
  return report;
}

Verdict verdict_of(const Observation& observation, const std::vector<Finding>& findings) {
  const bool captured = std::ranges::any_of(observation.endpoints, [](const EndpointSeen& endpoint) {
    return std::ranges::any_of(endpoint.samples, [](const Sample& sample) { return !sample.served.empty(); });
  });
  if (!captured) return Verdict::unjudged;
  Verdict worst = Verdict::ok;
  for (const Finding& finding : findings) {
    const Verdict verdict = finding.severity == Severity::error     ? Verdict::error
                            : finding.severity == Severity::warning ? Verdict::warning
                                                                    : Verdict::note;
    worst = std::max(worst, verdict);
  }
  return worst;
}

std::optional<Code> headline_of(const std::vector<Finding>& findings) {
  const auto order = [](const Finding& finding) {
    return std::tuple(finding.severity == Severity::note, is_effect(finding.code),
                      -static_cast<int>(finding.severity), rank(finding.code));
  };
  const auto first = std::ranges::min_element(findings, {}, order);
  return first == findings.end() ? std::nullopt : std::optional(first->code);
}

}  // namespace chaintier
