// Who answered with what: the samples of a target grouped by the certificates they brought.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/report/report.h"

namespace chaintier {

// "192.0.2.1:443", "[2001:db8::1]:443"; the target's own text for an endpoint without an address.
std::string endpoint_text(const EndpointSeen& endpoint, const Target& target);

// Samples with a chain, asked with SNI where the target has a name, at the edge. Nothing below two of them.
// `excluded_share` is set when all agree: with 95 % confidence a smaller share of the answers than this
// differs.
std::optional<Balance> weigh(const Observation& observation);

enum class Age { same, older, newer, unclear };
// By issue: more than a day apart, else by the end of validity.
Age compare_age(const Certificate& a, const Certificate& b);

}  // namespace chaintier
