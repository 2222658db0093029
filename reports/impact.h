// What a fault means for those who use a site: the sentence for a reader who knows nothing of certificates.
#pragma once

#include <string>

#include "src/report/report.h"

namespace chaintier {

// From what the current clients do with the chains of a target (all judged clients, where none of those
// judged is current). Empty for a line that is no target.
std::string impact_text(const Report& report, const TargetReport& target);

// Of several targets: how many of them current clients refuse, and the cause most of these have in common.
std::string impact_text(const Report& report);

}  // namespace chaintier
