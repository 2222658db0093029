// From an observation to its report entry: every rule, every finding, the headline and the verdict.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "src/base/recent_map.h"
#include "src/findings/ground.h"
#include "src/findings/judge_chain.h"
#include "src/report/report.h"

namespace chaintier {

// Judges one target after the other and remembers what it worked out: a signature is checked once, and a
// chain that came lately for the same host is not judged again. One for each thread.
class Diagnoser {
 public:
  explicit Diagnoser(Knowledge knowledge);

  TargetReport diagnose(Observation observation);
  // A line that was not a target: could not be judged.
  static TargetReport not_a_target(const BadTarget& bad);

  // The caIssuers URLs to fetch before judging: see plan_aia().
  std::vector<std::string> wants_fetched(const Observation& observation);

  const Knowledge& knowledge() const { return ground_->knowledge(); }

 private:
  struct Judged {
    std::shared_ptr<const ChainJudgement> chain;
    std::vector<Finding> findings;
  };
  // Until the next one is asked for.
  const Judged& judged(const std::vector<SentPtr>& served, const Observation& observation, LeafPlace place,
                       const std::vector<FetchedIssuer>& fetched);

  std::optional<ExpectedComparison> compare_with_issued(const ChainJudgement& chain,
                                                        const std::set<KeyType>& asked,
                                                        const Observation& observation) const;

  std::unique_ptr<Ground> ground_;
  RecentMap<std::string, Judged> known_;  // by host and chain
};

// ok, or the worst severity; unjudged when nothing was captured.
Verdict verdict_of(const Observation& observation, const std::vector<Finding>& findings);

// What a reader should hear first. Causes come before effects, then the severer, then by rank(); a note is
// the headline only where there is nothing but notes.
std::optional<Code> headline_of(const std::vector<Finding>& findings);

}  // namespace chaintier
