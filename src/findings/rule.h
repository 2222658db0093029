// Rules are tables of pure functions: what was seen and judged goes in, findings come out. "Could not check"
// is an outcome of its own and never a pass.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "src/findings/finding.h"
#include "src/findings/ground.h"
#include "src/findings/knowledge.h"
#include "src/findings/served_set.h"
#include "src/report/report.h"
#include "src/x509/host_match.h"

namespace chaintier {

struct Passed {};
struct NotApplicable {};
struct CouldNotCheck {
  std::string missing;
};
using Checked = std::variant<Passed, NotApplicable, CouldNotCheck, std::vector<Finding>>;

// One served chain. `chain.certificates` is not empty.
struct ChainView {
  const ChainJudgement& chain;
  const ServedSet& set;
  const std::optional<ReferenceName>& host;
  const Knowledge& knowledge;
  Ground& ground;  // remembers; asking it changes no answer

  const CertificatePtr& leaf() const { return chain.leaf(); }  // null when it does not parse
  const Catalogue& catalogue() const { return *knowledge.catalogue; }
};

struct ChainRule {
  std::string_view name;
  std::string_view source;  // the clause or the reason for its being
  Checked (*check)(const ChainView&);
};

// The name that certificates of the target must have; nothing for a file without --host.
inline std::optional<ReferenceName> reference_name(const Observation& observation) {
  if (!observation.name_checked) return std::nullopt;
  if (observation.target.host_address) return ReferenceName{{}, observation.target.host_address};
  return ReferenceName{observation.target.host, std::nullopt};
}

struct SeenAnswer;  // staleness.h

// One target with all its chains.
struct TargetView {
  const Observation& observation;
  const std::vector<std::shared_ptr<const ChainJudgement>>& chains;
  const std::map<Bytes, StapleJudgement>& staples;
  const std::vector<SeenAnswer>& answers;  // seen_answers()
  const Knowledge& knowledge;
};

struct TargetRule {
  std::string_view name;
  std::string_view source;
  Checked (*check)(const TargetView&);
};

inline Checked found(std::vector<Finding> findings) {
  if (findings.empty()) return Passed{};
  return findings;
}

// The name of a certificate for people: the catalogue's where it has one.
inline std::string shown(const ChainView& view, const Certificate& certificate) {
  const KnownCa* known = view.catalogue().find(certificate.fingerprint);
  return known ? known->full_name() : certificate.subject.short_text();
}

inline Where at_certificate(const Certificate& certificate) {
  return {std::nullopt, certificate.fingerprint, std::nullopt, std::nullopt};
}

}  // namespace chaintier
