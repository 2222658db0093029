// Which of the leaves seen for a name are old ones.
#pragma once

#include <string>
#include <vector>

#include "src/findings/balance.h"
#include "src/findings/rule.h"

namespace chaintier {

// One answer that brought a chain, to a question by name.
struct SeenAnswer {
  CertificatePtr leaf;  // null where it does not parse
  std::vector<CertFingerprint> chain;
  std::string address;
  KeyType asked = KeyType::any;
  EndpointRole role = EndpointRole::edge;
};
std::vector<SeenAnswer> seen_answers(const Observation& observation,
                                     const std::vector<std::shared_ptr<const ChainJudgement>>& chains);

// One for all that are alike: many samples, few answers.
std::vector<SeenAnswer> distinct(std::vector<SeenAnswer> answers);

// A server with an RSA and an ECDSA certificate serves two, and neither is stale for that.
bool comparable(const SeenAnswer& a, const SeenAnswer& b);
// Whether the leaf is for the name that was asked for; true where none was.
bool names_host(const TargetView& view, const Certificate& leaf);

// Old leaves by the kind of question and their fingerprint, each with the certificate that should be there in
// its place. What was issued (--expect) decides where it is for this name and kind of key: another leaf is
// old unless it is newer than that. Else a leaf is old when another one for the same name was seen, by the
// same kind of question and with the same kind of key, that was issued later or, within a day, ends later.
StaleLeaves stale_leaves(const TargetView& view, const std::vector<SeenAnswer>& answers);

}  // namespace chaintier
