// Reports to where the user wants them, and the exit code that follows from what they say.
#pragma once

#include "reports/terminal.h"
#include "src/cli/exit_code.h"
#include "src/cli/options.h"
#include "src/report/report.h"

namespace chaintier {

// Before any work: can every report be written where it should go?
Result<void> check_outputs(const OutputOptions& options);

// Writes all reports but --jsonl (src/cli/json_lines.h), and the terminal report unless one of them took
// standard output.
Result<void> write_reports(const Report& report, const OutputOptions& options);

// The files alone, nothing for the terminal.
Result<void> write_report_files(const Report& report, const OutputOptions& options);

// For the terminal report on standard output, which is written unless a report took its place.
TerminalOptions terminal_options(const OutputOptions& options);
bool takes_standard_output(const OutputOptions& options);

// False when every report is written target by target: then no target has to be kept until the end.
bool wants_whole_report(const OutputOptions& options);

ExitCode exit_code_of(const Report& report, const OutputOptions& options);
ExitCode exit_code_of(const TargetReport& target, const OutputOptions& options);
ExitCode worse(ExitCode one, ExitCode other);  // which of two applies

}  // namespace chaintier
