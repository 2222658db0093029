// The tables of rules, one for each source file.
#pragma once

#include <span>

#include "src/findings/rule.h"

namespace chaintier {

std::span<const ChainRule> chain_rules();  // chain.*: what is served
std::span<const ChainRule> leaf_rules();   // leaf.*
// What the dates of a server certificate alone say: leaf.expired, leaf.not_yet_valid, leaf.renewal_due.
std::optional<Finding> date_finding(const Certificate& leaf, Time now);
std::span<const ChainRule> issuer_rules();        // issuer.*, signature.*, cert.*, revocation.*
std::span<const ChainRule> path_rules();          // path.*, paths.*: what clients make of it
std::span<const TargetRule> endpoint_rules();     // balance.*, sni.*, net.*
std::span<const TargetRule> expectation_rules();  // chain.unexpected: what --expect says
std::span<const TargetRule> revocation_rules();   // staple.*, and what staples say

}  // namespace chaintier
