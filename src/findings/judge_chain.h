// From a served chain to its judgement: paths, clients, and what should be sent.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "src/findings/ground.h"
#include "src/report/report.h"
#include "src/x509/host_match.h"

namespace chaintier {

// `seen_at` and `without_sni_only` are left to the caller. A certificate that does not parse stays null; with
// a leaf that does not parse there is no path and every client refuses.
ChainJudgement judge_chain(std::span<const SentPtr> served, const std::optional<ReferenceName>& host,
                           Ground& ground);

// Which entry of the catalogue signed the leaf; null when it is not issued under the catalogue.
const KnownCa* issuing_ca(const ChainJudgement& chain, const Catalogue& catalogue);

}  // namespace chaintier
