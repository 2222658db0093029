// chain.unexpected, chain.not_compared: what is served against what was issued (--expect).
#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "src/base/text.h"
#include "src/findings/rules.h"

namespace chaintier {

namespace {

CertificatePtr find(const ChainJudgement& chain, const CertFingerprint& fingerprint) {
  for (const auto* list : {&chain.certificates, &chain.expected->issued})
    for (const CertificatePtr& one : *list)
      if (one && one->fingerprint == fingerprint) return one;
  return nullptr;
}

// Certificates of one name are told apart by nothing but serial number and dates; those of the catalogue have
// names of their own.
std::string described(const TargetView& view, const ChainJudgement& chain,
                      const CertFingerprint& fingerprint) {
  const CertificatePtr certificate = find(chain, fingerprint);
  if (!certificate) return fingerprint.hex().substr(0, 16);
  const KnownCa* known = view.knowledge.catalogue->find(fingerprint);
  if (known) return known->full_name();
  constexpr std::size_t digits = 8;
  const std::string& serial = certificate->serial;
  return fmt::format("{} [{}{}, {}]", certificate->subject.short_text(), serial.substr(0, digits),
                     serial.size() > digits ? "\u2026" : "", format_date(certificate->not_after));
}

std::string told(const TargetView& view, const ChainJudgement& chain, const Difference& difference) {
  std::string text(id(difference.kind));
  if (difference.kind == Deviation::order) return text;
  return text + ":" +
         described(view, chain, difference.served ? *difference.served : difference.issued.value());
}

std::vector<Where> places(const ChainJudgement& chain) {
  std::vector<Where> where;
  for (const SeenAt& seen : chain.seen_at)
    where.push_back({seen.address, std::nullopt, std::nullopt, std::nullopt});
  return where;
}

Checked unexpected(const TargetView& view) {
  if (!view.knowledge.expected) return NotApplicable{};
  std::vector<Finding> findings;
  for (const auto& chain : view.chains) {
    if (!chain->expected || chain->expected->differences.empty()) continue;
    std::vector<std::string> differences;
    for (const Difference& one : chain->expected->differences) differences.push_back(told(view, *chain, one));
    findings.push_back(
        {Code::chain_unexpected, Severity::error, places(*chain), {{"differences", std::move(differences)}}});
  }
  return found(std::move(findings));
}

// Nothing that was issued is for what was asked: that is no fault of the server, and no pass either.
Checked not_compared(const TargetView& view) {
  if (!view.knowledge.expected) return NotApplicable{};
  std::vector<Where> where;
  for (const auto& chain : view.chains) {
    if (!chain->expected) continue;
    if (chain->expected->applies) continue;
    for (Where& place : places(*chain)) where.push_back(std::move(place));
  }
  if (where.empty()) return Passed{};
  std::set<std::string> names;
  for (const IssuedChain& issued : view.knowledge.expected->issued)
    if (issued.leaf().subject_alt_name)
      for (const std::string& name : issued.leaf().subject_alt_name->dns) names.insert(valid_utf8(name));
  return found({{Code::chain_not_compared,
                 Severity::note,
                 std::move(where),
                 {{"host", view.observation.target.shown_host},
                  {"names", std::vector<std::string>(names.begin(), names.end())}}}});
}

constexpr std::array rules{
    TargetRule{"chain.not_compared", "--expect is for other names", not_compared},
    TargetRule{"chain.unexpected", "TWCA manual 5.3, 6.2", unexpected},
};
static_assert(std::ranges::is_sorted(rules, {}, &TargetRule::name));

}  // namespace

std::span<const TargetRule> expectation_rules() { return rules; }

}  // namespace chaintier
