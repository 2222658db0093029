// From a served chain to its judgement: paths, clients, and what should be sent.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "src/findings/ground.h"
#include "src/report/report.h"
#include "src/x509/host_match.h"

namespace chaintier {

// A certificate that lay at a caIssuers URL. It is there for a client that fetches and meets the URL in the
// certificate below.
struct FetchedIssuer {
  CertificatePtr certificate;  // not null
  std::string url;
};

// A server sends its leaf first (RFC 8446 4.4.2): whatever stands there is what it proves the key of. A file
// may hold it anywhere: leaf_position().
enum class LeafPlace { first, anywhere };

// `seen_at` and `without_sni_only` are left to the caller. A certificate that does not parse stays null; with
// a leaf that does not parse there is no path and every client refuses.
ChainJudgement judge_chain(std::span<const SentPtr> served, const std::optional<ReferenceName>& host,
                           Ground& ground, LeafPlace place = LeafPlace::first,
                           std::span<const FetchedIssuer> fetched = {});

// Which entry of the catalogue signed the leaf; null when it is not issued under the catalogue.
const KnownCa* issuing_ca(const ChainJudgement& chain, const Catalogue& catalogue);

}  // namespace chaintier
