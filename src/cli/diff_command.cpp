#include <fmt/format.h>

#include "reports/diff.h"
#include "src/base/text.h"
#include "src/cli/commands.h"
#include "src/cli/files.h"
#include "src/cli/kept_inputs.h"
#include "src/cli/output.h"
#include "src/cli/report_files.h"
#include "src/cli/setup.h"
#include "src/cli/terminal.h"

namespace chaintier {

namespace {

using Add = void (Differ::*)(const Report&, const TargetReport&);

Result<void> add_file(const std::string& path, ReportReader& reader, Differ& differ, Add add) {
  const TakeLine take = [&](const ReportHead& head, TargetReport target, const FileLine&) {
    (differ.*add)(*head, target);
  };
  const auto file = read_report_file(path, reader, take);
  if (!file) return file.error();
  if (file->cut) say(cut_sentence(path));
  if (file->targets == 0)
    return input_error(Stage::usage,
                       fmt::format("{} holds no target: there is nothing to compare with", printable(path)));
  return {};
}

}  // namespace

ExitCode run_diff(const DiffCommand& command) {
  auto inputs = files_read(command.judge);
  inputs.insert(inputs.end(), {command.before, command.after});
  auto fine = check_outputs(command.output);
  if (fine) fine = check_not_overwriting(command.output, inputs);
  if (!fine) {
    fail(fine.error());
    return ExitCode::usage;
  }
  if (command.before == "-" && command.after == "-")
    return fail(input_error(Stage::usage, "only one of OLD and NEW can be standard input (-)"));
  auto catalogue = read_catalogue(command.judge);
  if (!catalogue) return fail(catalogue.error());
  ReportReader reader(*catalogue);
  Differ differ;
  if (auto done = add_file(command.before, reader, differ, &Differ::add_before); !done)
    return fail(done.error());
  if (auto done = add_file(command.after, reader, differ, &Differ::add_after); !done)
    return fail(done.error());

  const Diff diff = differ.compare();
  const OutputOptions& output = command.output;
  const DiffText text{output.language, "chaintier", CHAINTIER_VERSION, command.before, command.after};
  for (const std::string& file : output.files.at("--json"))
    if (auto done = write_file(file, [&](std::ostream& out) { write_diff_json(diff, text, out); }); !done)
      return fail(done.error());
  if (!takes_standard_output(output)) {
    const auto terminal = [&](std::ostream& out) {
      write_diff_terminal(diff, text, terminal_options(output), out);
    };
    if (auto done = write_file("-", terminal); !done) return fail(done.error());
  }
  return is_worse(diff, output.fail_on) ? ExitCode::findings : ExitCode::ok;
}

}  // namespace chaintier
