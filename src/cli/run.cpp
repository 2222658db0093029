#include "src/cli/run.h"

#include <algorithm>
#include <boost/system/system_error.hpp>
#include <exception>
#include <iostream>
#include <type_traits>

#include <fmt/format.h>

#include "reports/nagios.h"
#include "src/cli/commands.h"
#include "src/cli/terminal.h"

namespace chaintier {

namespace {

ExitCode dispatch(const ScanCommand& command) { return run_scan(command); }
ExitCode dispatch(const InspectCommand& command) { return run_inspect(command); }
ExitCode dispatch(const DiagnoseCommand& command) { return run_diagnose(command); }
ExitCode dispatch(const MergeCommand& command) { return run_merge(command); }
ExitCode dispatch(const DiffCommand& command) { return run_diff(command); }
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

namespace {

// Commands that turn an interrupt into a report; `local` does so once it asks the network.
template <class T>
constexpr bool reports_when_interrupted = std::is_same_v<T, ScanCommand> || std::is_same_v<T, DemoCommand>;

ExitCode run_command(const std::vector<std::string>& arguments) {
  auto parsed = parse_options(arguments);
  if (const auto* code = std::get_if<ExitCode>(&parsed)) return *code;
  survive_failed_writes();
  return std::visit(
      [](const auto& command) {
        if constexpr (!reports_when_interrupted<std::decay_t<decltype(command)>>) end_on_interrupt();
        return dispatch(command);
      },
      std::get<Command>(parsed));
}

// What a monitoring system shows when there is no verdict; the reason itself is on standard error.
int plugin_failure(std::string_view what) {
  write_nagios_failure(what, std::cout);
  std::cout.flush();
  return static_cast<int>(PluginState::unknown);
}

int run_as_plugin(const std::vector<std::string>& arguments) try {
  switch (run_command(arguments)) {
    case ExitCode::ok:
      return static_cast<int>(PluginState::ok);
    case ExitCode::findings:
      return static_cast<int>(PluginState::warning);
    case ExitCode::plugin_critical:
      return static_cast<int>(PluginState::critical);
    case ExitCode::unjudged:
    case ExitCode::interrupted:  // the line is written, of what was done until then
      return static_cast<int>(PluginState::unknown);
    case ExitCode::usage:
      return plugin_failure(
          "nothing was checked: wrong usage, or an input cannot be read (see standard error)");
    case ExitCode::internal_error:
      return plugin_failure("a report could not be written (see standard error)");
  }
  return plugin_failure("unknown exit code");
} catch (const std::exception& failure) {
  return plugin_failure(sentence_for(failure));
}

}  // namespace

std::string sentence_for(const std::exception& failure) {
  namespace errc = boost::system::errc;
  if (const auto* system = dynamic_cast<const boost::system::system_error*>(&failure))
    if (system->code() == errc::too_many_files_open || system->code() == errc::too_many_files_open_in_system)
      return "there are too few file descriptors: raise the limit on open files, for example with ulimit -n "
             "1024, and try again";
  return fmt::format("internal error: {}. Please report it with the command that you typed.", failure.what());
}

int run(const std::vector<std::string>& arguments) {
  const bool help = std::ranges::any_of(
      arguments, [](const std::string& argument) { return argument == "--help" || argument == "-h"; });
  if (!help && std::ranges::find(arguments, "--nagios") != arguments.end()) return run_as_plugin(arguments);
  return static_cast<int>(run_command(arguments));
}

}  // namespace chaintier
