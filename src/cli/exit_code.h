// The documented exit codes; of several that apply, the first of this list.
#pragma once

namespace chaintier {

enum class ExitCode {
  interrupted = 130,   // what was done is written, and valid
  internal_error = 4,  // a bug of ours, or a report that could not be written
  usage = 2,           // wrong usage, or nothing usable to read
  findings = 1,        // findings at or above --fail-on
  unjudged = 3,        // some target could not be judged
  ok = 0,
  // --nagios: the plugin guidelines' 2, kept apart from `usage` until the program ends with it.
  plugin_critical = 258,
};

}  // namespace chaintier
