// Who answered with what: the samples of a target grouped by the certificates they brought.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "src/report/report.h"

namespace chaintier {

// "192.0.2.1:443", "[2001:db8::1]:443"; the target's own text for an endpoint without an address.
std::string endpoint_text(const EndpointSeen& endpoint, const Target& target);

// Samples with a chain, asked with SNI where the target has a name, at the edge. Nothing below two of them.
// `stale`: the leaves that are old, by the kind of key asked for. What no sample showed is excluded by their
// number: of `n` samples without a stale one, with 95 % confidence fewer than 1 - 0.05^(1/n) of the answers
// are stale. Without something to expect (`expected`) that can be said only where all answers agree.
using StaleLeaves = std::map<std::pair<KeyType, CertFingerprint>, CertificatePtr>;
std::optional<Balance> weigh(const Observation& observation, const StaleLeaves& stale = {},
                             bool expected = false);

// The largest share that `samples` answers without a case leave possible, with 95 % confidence; `samples` >
// 0.
double excluded_share_of(std::int64_t samples);

enum class Age { same, older, newer, unclear };
// By issue: more than a day apart, else by the end of validity.
Age compare_age(const Certificate& a, const Certificate& b);

}  // namespace chaintier
