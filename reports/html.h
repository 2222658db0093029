// The report as one HTML file that needs nothing else: no font, no picture, no network; it works without
// scripts.
#pragma once

#include <ostream>

#include "src/report/report.h"

namespace chaintier {

// One target: verdict, findings, clients, paths, chain, addresses, certificates. Several: an overview first.
// Of very many targets the details that do not fit are left to the JSON report, and the page says how many.
// In the report's language.
void write_html(const Report& report, std::ostream& out);

// In both languages with a switch between them, the report's first; in the report's alone when the page would
// become too large.
void write_html_in_both(const Report& report, std::ostream& out);

}  // namespace chaintier
