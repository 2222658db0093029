// One function for each command.
#pragma once

#include "src/cli/exit_code.h"
#include "src/cli/options.h"

namespace chaintier {

ExitCode run_scan(const ScanCommand& command);
ExitCode run_inspect(const InspectCommand& command);
ExitCode run_diagnose(const DiagnoseCommand& command);
ExitCode run_merge(const MergeCommand& command);
ExitCode run_diff(const DiffCommand& command);
ExitCode run_local(const LocalCommand& command);
ExitCode run_fix(const FixCommand& command);
ExitCode run_catalogue(const CatalogueCommand& command);
ExitCode run_explain(const ExplainCommand& command);
ExitCode run_demo(const DemoCommand& command);

// Says the error on standard error.
ExitCode fail(const Error& error);

}  // namespace chaintier
