// One line as the Monitoring Plugins guidelines want it: state, what is wrong, "|", performance data.
//
// An error is CRITICAL, a warning WARNING, a target that could not be judged UNKNOWN, everything else OK. Of
// several the first in the order CRITICAL, WARNING, UNKNOWN, OK counts; the text names the number of each.
#pragma once

#include <ostream>
#include <string>
#include <string_view>

#include "src/report/report.h"

namespace chaintier {

enum class PluginState {
  ok = 0,
  warning = 1,
  critical = 2,
  unknown = 3
};  // the exit codes of the guidelines

PluginState plugin_state(const Report& report);
void write_nagios(const Report& report, std::ostream& out);
// The line of a check that did not come to a report.
void write_nagios_failure(std::string_view reason, std::ostream& out);

}  // namespace chaintier
