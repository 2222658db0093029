// The table of the terminal report: each target in a row.
#pragma once

#include <string>

#include "reports/terminal_style.h"
#include "src/report/report.h"

namespace chaintier {

// A line a target: what it is called, and the sentence for it. Why one could not be judged is said whole, in
// as many lines as that takes, unless `one_line_each`.
void write_rows(const Report& report, bool one_line_each, Screen& screen);

// What a browser can open; empty for everything else.
std::string site_of(const TargetReport& target);

}  // namespace chaintier
