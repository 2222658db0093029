#include "src/cli/run.h"

#include "src/cli/commands.h"
#include "src/cli/terminal.h"

namespace chaintier {

namespace {

ExitCode dispatch(const ScanCommand& command) { return run_scan(command); }
ExitCode dispatch(const InspectCommand& command) { return run_inspect(command); }
ExitCode dispatch(const DiagnoseCommand& command) { return run_diagnose(command); }
ExitCode dispatch(const LocalCommand& command) { return run_local(command); }
ExitCode dispatch(const FixCommand& command) { return run_fix(command); }
ExitCode dispatch(const CatalogueCommand& command) { return run_catalogue(command); }
ExitCode dispatch(const ExplainCommand& command) { return run_explain(command); }
ExitCode dispatch(const DemoCommand& command) { return run_demo(command); }

}  // namespace

ExitCode fail(const Error& error) {
  say(error.detail);
  return error.stage == Stage::write || error.fault == Fault::internal ? ExitCode::internal_error
                                                                       : ExitCode::usage;
}

ExitCode run(const std::vector<std::string>& arguments) {
  auto parsed = parse_options(arguments);
  if (const auto* code = std::get_if<ExitCode>(&parsed)) return *code;
  return std::visit([](const auto& command) { return dispatch(command); }, std::get<Command>(parsed));
}

}  // namespace chaintier
