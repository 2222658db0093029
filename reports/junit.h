// JUnit XML as Jenkins and GitLab read it: one suite, and a test case a target.
//
// - A finding at or above --fail-on is a failure. A test case has one <failure>: both tools show the first
// only.
// - What could not be judged is an error: it has not passed, and nothing says that the server is at fault.
// - What was not started, since the run was interrupted or the target's time was over, is skipped.
// - Everything else passed; its findings stand in <system-out>.
#pragma once

#include <ostream>

#include "src/report/report.h"

namespace chaintier {

void write_junit(const Report& report, Severity fail_on, std::ostream& out);

}  // namespace chaintier
