// Long explanations for people: one page for each finding code and for each section of TWCA's manual and FAQ.
// Pages are data (data/texts/explain/<language>/<topic>.txt), plain text with "# " and "## " headings.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/report/report.h"

namespace chaintier {

// `topic` is a finding code ("chain.leaf_only") or a section ("5.5", "6.2.4"); upper case and blanks around
// it do not matter. A section without a page of its own gives the page of the section around it: "5.9.6" that
// of "5.9". An unknown topic fails (usage, input) and names the nearest ones.
Result<std::string> explain(std::string_view topic, Language language);

// Every topic that has a page: codes as all_codes() orders them, then sections in the order of the manual.
std::vector<std::string> explain_topics();

}  // namespace chaintier
