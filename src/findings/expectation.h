// What a CA issued for a site (--expect), and how a served chain parts from it.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/observe/observation.h"
#include "src/x509/certificate.h"
#include "src/x509/host_match.h"
#include "src/x509/signature.h"

namespace chaintier {

struct ExpectedComparison;

// One server certificate with the way up from it, as far as the files hold it.
struct IssuedChain {
  std::vector<CertificatePtr> served;  // leaf first, without a self-signed end: what a server should send
  CertificatePtr root;                 // the self-signed end; null when the files do not hold it

  const Certificate& leaf() const { return *served.front(); }
};

struct Expectation {
  std::vector<IssuedChain> issued;  // one for each server certificate, at least one
};

// Which certificate is a leaf and which signed which is told by signatures and names, not by the order. Where
// several ways lead up, the longest counts: it is the one that has to be served. The error says why there is
// nothing to expect.
Result<Expectation> expectation_of(std::span<const CertificatePtr> certificates,
                                   SignatureChecker& signatures);

// The issued chain that an answer should have been: the one with this very leaf, else the newest of those
// for this host. Without a host (a file) one that shares a name with the leaf, or the only one there is. An
// answer to a question for one kind of key is compared with certificates of that kind alone. Null when there
// is none for it. `leaf` is null where it does not parse.
const IssuedChain* issued_for(const Expectation& expectation, const std::optional<ReferenceName>& host,
                              const CertificatePtr& leaf, const std::set<KeyType>& asked);

// Certificate by certificate. Serving the root too, or the cross certificate of an issued root, or what
// stands above the end of an incomplete issued chain, is no difference; `chain.duplicate` tells of copies.
ExpectedComparison compare_with(const IssuedChain& issued, std::span<const SentPtr> served,
                                std::span<const CertificatePtr> certificates, std::size_t leaf_at = 0);

}  // namespace chaintier
