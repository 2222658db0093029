// Stapled OCSP responses, read and judged once for each.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "src/findings/knowledge.h"
#include "src/report/report.h"

namespace chaintier {

// Every distinct response of the observation. The issuer of the leaf is looked for among the certificates
// served with it and in the catalogue; without it a response stays "unread".
std::map<Bytes, StapleJudgement> judge_staples(
    const Observation& observation, const std::vector<std::shared_ptr<const ChainJudgement>>& chains,
    const Knowledge& knowledge, SignatureChecker& signatures);

}  // namespace chaintier
