#include "src/cli/output.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "reports/html.h"
#include "reports/json.h"
#include "reports/terminal.h"
#include "src/base/text.h"
#include "src/cli/files.h"
#include "src/cli/terminal.h"

namespace chaintier {

TerminalOptions terminal_options(const OutputOptions& options) {
  TerminalOptions terminal;
  const char* no_colour = std::getenv("NO_COLOR");
  const bool wanted = standard_output_is_terminal() && !(no_colour && *no_colour);
  terminal.colour = options.colour == "always" || (options.colour == "auto" && wanted);
  const std::size_t columns = terminal_columns();
  terminal.width = columns == 0 ? 100 : std::min<std::size_t>(columns, 120);
  terminal.quiet = options.quiet;
  return terminal;
}

bool takes_standard_output(const OutputOptions& options) {
  return std::ranges::find(options.json, "-") != options.json.end() ||
         std::ranges::find(options.jsonl, "-") != options.jsonl.end() ||
         std::ranges::find(options.html, "-") != options.html.end();
}

bool wants_whole_report(const OutputOptions& options) {
  return !takes_standard_output(options) || !options.json.empty() || !options.html.empty();
}

Result<void> check_outputs(const OutputOptions& options) {
  for (const auto* files : {&options.json, &options.jsonl, &options.html})
    for (const std::string& file : *files)
      if (auto fine = check_writable(file); !fine) return fine;
  return {};
}

Result<void> check_not_input(const OutputOptions& options, const std::vector<std::string>& inputs) {
  for (const std::string& file : options.jsonl)
    for (const std::string& input : inputs)
      if (file != "-" && input != "-" && same_file(file, input))
        return input_error(
            Stage::usage, fmt::format("--jsonl would empty {}, which is also read: give it a file of its own",
                                      printable(file)));
  return {};
}

Result<void> write_report_files(const Report& report, const OutputOptions& options) {
  using Writer = void (*)(const Report&, std::ostream&);
  const auto write_all = [&](const std::vector<std::string>& files, Writer writer) -> Result<void> {
    for (const std::string& file : files)
      if (auto done = write_file(file, [&](std::ostream& out) { writer(report, out); }); !done) return done;
    return {};
  };
  if (auto done = write_all(options.json, write_json); !done) return done;
  return write_all(options.html, write_html);
}

Result<void> write_reports(const Report& report, const OutputOptions& options) {
  if (auto done = write_report_files(report, options); !done) return done;
  if (takes_standard_output(options)) return {};
  return write_file("-", [&](std::ostream& out) { write_terminal(report, terminal_options(options), out); });
}

ExitCode exit_code_of(const TargetReport& target, Severity fail_on) {
  // Why nothing was seen is no finding about the server.
  if (target.verdict == Verdict::unjudged) return ExitCode::unjudged;
  const bool found = std::ranges::any_of(target.findings,
                                         [&](const Finding& finding) { return finding.severity >= fail_on; });
  return found ? ExitCode::findings : ExitCode::ok;
}

ExitCode worse(ExitCode one, ExitCode other) {
  for (const ExitCode code : {ExitCode::interrupted, ExitCode::internal_error, ExitCode::usage,
                              ExitCode::findings, ExitCode::unjudged})
    if (one == code || other == code) return code;
  return ExitCode::ok;
}

ExitCode exit_code_of(const Report& report, Severity fail_on) {
  ExitCode code = ExitCode::ok;
  for (const TargetReport& target : report.targets) code = worse(code, exit_code_of(target, fail_on));
  return code;
}

}  // namespace chaintier
