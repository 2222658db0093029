#include "src/findings/staples.h"

#include <algorithm>

#include "src/x509/ocsp.h"

namespace chaintier {

namespace {

const ChainJudgement* chain_of(const Sample& sample,
                               const std::vector<std::shared_ptr<const ChainJudgement>>& chains) {
  for (const auto& chain : chains)
    if (std::ranges::equal(chain->served, sample.served, {}, &SentCertificate::fingerprint,
                           &SentCertificate::fingerprint))
      return chain.get();
  return nullptr;
}

CertificatePtr issuer_of(const ChainJudgement& chain, const Catalogue& catalogue,
                         SignatureChecker& signatures) {
  const Certificate& leaf = *chain.leaf();
  for (const CertificatePtr& other : chain.certificates)
    if (other && other->subject.canonical == leaf.issuer.canonical &&
        signatures.check(leaf, other->key) == SignatureState::good)
      return other;
  const KnownCa* known = catalogue.issuer_of(leaf, signatures);
  return known ? known->certificate : nullptr;
}

StapleJudgement judge(const Bytes& response, const Certificate& leaf, const Certificate& issuer, Time at,
                      SignatureChecker& signatures) {
  const auto answer = read_ocsp(response, leaf, issuer, signatures);
  if (!answer) return {"invalid", answer.error().detail, {}, {}, {}};
  StapleJudgement result{
      std::string(id(answer->status)), {}, answer->this_update, answer->next_update, answer->revoked_at};
  if (!answer->signature_good)
    result.reason = "its signature is not that of the issuer or of a responder that the issuer named";
  else if (answer->this_update > at)
    result.reason = "it is dated in the future";
  else if (answer->next_update && *answer->next_update < at)
    result.reason = "it is out of date since " + format_date(*answer->next_update);
  if (!result.reason.empty()) result.status = "invalid";
  return result;
}

}  // namespace

std::map<Bytes, StapleJudgement> judge_staples(
    const Observation& observation, const std::vector<std::shared_ptr<const ChainJudgement>>& chains,
    const Knowledge& knowledge, SignatureChecker& signatures) {
  std::map<Bytes, StapleJudgement> result;
  for (const EndpointSeen& endpoint : observation.endpoints)
    for (const Sample& sample : endpoint.samples) {
      if (!sample.staple || sample.served.empty() || result.contains(*sample.staple)) continue;
      const ChainJudgement* chain = chain_of(sample, chains);
      const bool readable = chain && chain->leaf();
      const CertificatePtr issuer = readable ? issuer_of(*chain, *knowledge.catalogue, signatures) : nullptr;
      result[*sample.staple] =
          issuer ? judge(*sample.staple, *chain->leaf(), *issuer, knowledge.at, signatures)
                 : StapleJudgement{"unread", "the issuer of the leaf is not known", {}, {}, {}};
    }
  return result;
}

}  // namespace chaintier
