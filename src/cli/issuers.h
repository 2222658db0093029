// Fetching issuers that were not served, between scanning and judging.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "probes/aia_fetch.h"
#include "src/cli/options.h"
#include "src/findings/diagnose.h"

namespace chaintier {

// Asks each URL once in a run, whatever came of it.
class IssuerFetching {
 public:
  IssuerFetching(const ScanCommand& command, const StopFlag& stop);

  // Is there anything to fetch for it?
  bool wants(const Observation& observation, Diagnoser& diagnoser) const;

  // Completes all of them by what can be fetched, and by the issuers of that in turn.
  void complete(const std::vector<Observation*>& observations, Diagnoser& diagnoser);

 private:
  bool enabled_;
  AiaOptions options_;
  const StopFlag& stop_;
  std::map<std::string, FetchedPtr> known_;  // by URL
};

}  // namespace chaintier
