// The report as one HTML file that needs nothing else: no script, no font, no picture, no network.
#pragma once

#include <ostream>

#include "src/report/report.h"

namespace chaintier {

// One target: verdict, findings, clients, paths, chain, addresses, certificates. Several: an overview first.
// Of very many targets the details that do not fit are left to the JSON report, and the page says how many.
void write_html(const Report& report, std::ostream& out);

}  // namespace chaintier
