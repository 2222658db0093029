// issuer.*, signature.*, cert.*, revocation.*: the certificates above the leaf, and certificates as such.
#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include "src/findings/judge_chain.h"
#include "src/findings/rules.h"
#include "src/paths/path_checks.h"
#include "src/x509/key_ids.h"

namespace chaintier {

namespace {

std::optional<Code> code_of_issuer_problem(Problem problem) {
  switch (problem) {
    case Problem::expired:
      return Code::issuer_expired;
    case Problem::not_yet_valid:
      return Code::issuer_not_yet_valid;
    case Problem::not_a_ca:
    case Problem::no_cert_sign:
      return Code::issuer_not_ca;
    case Problem::path_length:
    case Problem::name_constraints:
    case Problem::bad_name_constraints:
    case Problem::unknown_critical:
    case Problem::policy:
    case Problem::issuer_eku:
      return Code::issuer_constraint;
    case Problem::weak_key:
    case Problem::weak_signature:
      return Code::issuer_weak;
    default:
      return std::nullopt;
  }
}

std::map<std::string, Fact> facts_about(const ChainView& view, const Certificate& certificate,
                                        Problem problem) {
  std::map<std::string, Fact> facts{{"subject", shown(view, certificate)}};
  switch (*code_of_issuer_problem(problem)) {
    case Code::issuer_expired:
      facts.emplace("not_after", certificate.not_after);
      break;
    case Code::issuer_not_yet_valid:
      facts.emplace("not_before", certificate.not_before);
      break;
    case Code::issuer_constraint:
      facts.emplace("problem", std::string(id(problem)));
      facts.emplace("clause", std::string(problem_clause(problem)));
      break;
    case Code::issuer_weak:
      facts.emplace("algorithm", problem == Problem::weak_key
                                     ? certificate.key.name + " " + std::to_string(certificate.key.bits)
                                     : certificate.signature_algorithm.name);
      break;
    default:
      break;
  }
  return facts;
}

// The path that clients take before others: least to add, then least wrong, then shortest.
const JudgedPath* best_path(const ChainView& view) {
  const auto distance = [](const JudgedPath& path) {
    std::size_t missing = 0;
    for (std::size_t i = 1; i + 1 < path.path.tiers(); ++i)
      missing +=
          contains(path.path.from[i], Source::served) || contains(path.path.from[i], Source::pool) ? 0 : 1;
    return std::tuple(missing, path.path.problems.size(), path.path.tiers());
  };
  const auto best = std::ranges::min_element(view.chain.paths, {}, distance);
  return best == view.chain.paths.end() ? nullptr : &*best;
}

// A problem that the best path has too decides; one of another path is worth a note when the server sends it.
Checked issuers(const ChainView& view) {
  if (!view.leaf()) return CouldNotCheck{"a leaf that can be read"};
  const JudgedPath* best = best_path(view);
  if (!best) return CouldNotCheck{"a path"};
  std::set<std::pair<CertFingerprint, Problem>> told;
  std::vector<Finding> findings;
  const auto tell = [&](const Path& path, Severity severity) {
    for (const PathProblem& problem : path.problems) {
      const bool names = problem.problem == Problem::name_constraints || problem.problem == Problem::policy;
      if (problem.index == 0 && !names) continue;  // leaf.* and cert.* tell
      const Certificate& certificate = *path.certificates[problem.index];
      const bool served = contains(path.from[problem.index], Source::served);
      if (severity == Severity::note && !served) continue;
      const auto code = code_of_issuer_problem(problem.problem);
      if (!code || !told.insert({certificate.fingerprint, problem.problem}).second) continue;
      findings.push_back(
          {*code, severity, {at_certificate(certificate)}, facts_about(view, certificate, problem.problem)});
    }
  };
  tell(best->path, Severity::error);
  for (const JudgedPath& path : view.chain.paths)
    if (&path != best) tell(path.path, Severity::note);
  return found(std::move(findings));
}

// The issuer is there by its name and key identifiers, and no key of that name verifies the signature.
const Certificate* unverified_issuer(const ChainView& view, const Certificate& child) {
  const Certificate* named = nullptr;
  const auto consider = [&](const CertificatePtr& issuer) {
    if (issuer->subject.canonical != child.issuer.canonical) return false;
    if (view.ground.signatures().check(child, issuer->key) == SignatureState::good) return true;
    if (issuer->fingerprint != child.fingerprint && compare_key_ids(child, *issuer) != KeyIds::different)
      named = issuer.get();
    return false;
  };
  for (const auto& member : view.set.members)
    if (consider(member.certificate)) return nullptr;
  for (const auto* candidate : view.ground.pool().issuers_of(child))
    if (consider(candidate->certificate)) return nullptr;
  return named;
}

Checked signatures(const ChainView& view) {
  if (!view.leaf()) return CouldNotCheck{"a leaf that can be read"};
  // Every pair may have to be asked: a list that long is hostile, and has other findings.
  if (view.set.members.size() > 64) return CouldNotCheck{"a list of certificates of a usual length"};
  std::vector<Finding> findings;
  for (const auto& member : view.set.members) {
    if (!member.related || member.self_signed || member.anchor) continue;
    const Certificate& child = *member.certificate;
    const Certificate* issuer = unverified_issuer(view, child);
    if (!issuer) continue;
    findings.push_back({Code::signature_invalid,
                        view.set.complete ? Severity::note : Severity::error,
                        {at_certificate(child)},
                        {{"subject", shown(view, child)}, {"issuer", shown(view, *issuer)}}});
  }
  return found(std::move(findings));
}

Checked form(const ChainView& view) {
  std::vector<Finding> findings;
  std::set<CertFingerprint> told;
  for (std::size_t i = 0; i < view.chain.served.size(); ++i) {
    const CertFingerprint& fingerprint = view.chain.served[i]->fingerprint;
    const CertificatePtr& certificate = view.chain.certificates[i];
    std::vector<std::string> defects;
    if (!certificate) {
      defects.emplace_back("unreadable");
    } else {
      for (const Defect defect : certificate->defects) defects.emplace_back(id(defect));
      const bool unknown =
          i == 0 && std::ranges::any_of(certificate->extensions, [](const Extension& extension) {
            return extension.critical && !extension.understood;
          });
      if (unknown) defects.emplace_back(id(Problem::unknown_critical));
    }
    if (defects.empty() || !told.insert(fingerprint).second) continue;
    const bool tolerated = certificate && std::ranges::all_of(certificate->defects, is_tolerated) &&
                           defects.size() == certificate->defects.size();
    findings.push_back(
        {Code::cert_malformed,
         i == 0 && !tolerated ? Severity::error : Severity::warning,
         {{std::nullopt, fingerprint, std::nullopt, std::nullopt}},
         {{"subject", certificate ? shown(view, *certificate) : fingerprint.hex().substr(0, 16)},
          {"position", static_cast<std::int64_t>(i + 1)},
          {"defects", defects}}});
  }
  return found(std::move(findings));
}

// CA certificates that the catalogue knows as revoked: in use when the leaf hangs on them.
Checked revoked(const ChainView& view) {
  if (!view.leaf()) return CouldNotCheck{"a leaf that can be read"};
  std::vector<Finding> findings;
  const auto tell = [&](const KnownCa& ca) {
    const bool known = std::ranges::any_of(findings, [&](const Finding& finding) {
      return finding.where.front().certificate == ca.certificate->fingerprint;
    });
    if (ca.revoked && !known)
      findings.push_back({Code::revocation_revoked,
                          Severity::error,
                          {at_certificate(*ca.certificate)},
                          {{"subject", ca.full_name()}, {"by", *ca.revoked}}});
  };
  if (const KnownCa* issuer = issuing_ca(view.chain, view.catalogue())) tell(*issuer);
  for (const auto& member : view.set.members)
    if (member.known && member.related) tell(*member.known);
  return found(std::move(findings));
}

constexpr std::array rules{
    ChainRule{"cert.form", "RFC 5280 4.1, X.690", form},
    ChainRule{"issuer.path", "RFC 5280 6.1", issuers},
    ChainRule{"revocation.ca", "CCADB, Mozilla OneCRL", revoked},
    ChainRule{"signature.valid", "RFC 5280 6.1.3 (a)(1)", signatures},
};
static_assert(std::ranges::is_sorted(rules, {}, &ChainRule::name));

}  // namespace

std::span<const ChainRule> issuer_rules() { return rules; }

}  // namespace chaintier
