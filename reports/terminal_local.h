// The local side on a terminal: files, server configurations, trust stores.
#pragma once

#include "reports/terminal_style.h"
#include "src/report/report.h"

namespace chaintier {

void write_local(const Report& report, bool quiet, Screen& screen);

}  // namespace chaintier
