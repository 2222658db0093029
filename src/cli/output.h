// Reports to where the user wants them, and the exit code that follows from what they say.
#pragma once

#include "src/cli/exit_code.h"
#include "src/cli/options.h"
#include "src/report/report.h"

namespace chaintier {

// Before any work: can every report be written where it should go?
Result<void> check_outputs(const OutputOptions& options);

// Writes all reports, and the terminal report unless one of them took standard output.
Result<void> write_reports(const Report& report, const OutputOptions& options);

// The files alone, nothing for the terminal.
Result<void> write_report_files(const Report& report, const OutputOptions& options);

ExitCode exit_code_of(const Report& report, const OutputOptions& options);

}  // namespace chaintier
