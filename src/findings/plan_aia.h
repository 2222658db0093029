// Which issuers are missing in what was served, and what came of fetching them.
#pragma once

#include <string>
#include <vector>

#include "src/findings/ground.h"
#include "src/findings/judge_chain.h"
#include "src/observe/observation.h"

namespace chaintier {

// The certificates that were fetched for this target, each with the URL that it came from.
std::vector<FetchedIssuer> fetched_issuers(const Observation& observation, Ground& ground);

// The caIssuers URLs to fetch next, http only (RFC 5280 4.2.2.1), each once and none that was fetched
// already: of each certificate on the way up from a served leaf whose issuer was neither served nor fetched
// nor is at hand anyway. A root is at hand where every judged client that fetches holds it. Empty when there
// is nothing to fetch, and after as many URLs as one target may cost. What is fetched may lack its own
// issuer: plan again.
std::vector<std::string> plan_aia(const Observation& observation, Ground& ground);

}  // namespace chaintier
