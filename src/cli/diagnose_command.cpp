#include <algorithm>

#include <fmt/format.h>

#include "src/base/text.h"
#include "src/cli/commands.h"
#include "src/cli/files.h"
#include "src/cli/json_lines.h"
#include "src/cli/kept_inputs.h"
#include "src/cli/output.h"
#include "src/cli/setup.h"
#include "src/findings/diagnose.h"
#include "src/observe/observation_json.h"

namespace chaintier {

namespace {

// Of files of several scans; of an option that may be given once, the first one's counts.
void add(std::vector<GivenOption>& options, GivenOption given) {
  const bool known = std::ranges::any_of(options, [&](const GivenOption& one) {
    return one == given || (one.option == given.option && given.option != "--resolve");
  });
  if (!known) options.push_back(std::move(given));
}

Result<SavedObservations> read_all(const std::vector<std::string>& files) {
  SavedObservations all;
  for (const std::string& file : files) {
    const auto content = read_file(file, 1u << 30);
    if (!content) return content.error();
    auto saved = read_observations(text_of(*content));
    if (!saved)
      return input_error(Stage::parse, fmt::format("{}: {}", printable(file), saved.error().detail));
    all.saved_at = std::max(all.saved_at, saved->saved_at);
    if (all.machine_store.empty()) all.machine_store = std::move(saved->machine_store);
    for (GivenOption& given : saved->options) add(all.options, std::move(given));
    for (Observation& observation : saved->targets) all.targets.push_back(std::move(observation));
  }
  return all;
}

}  // namespace

ExitCode run_diagnose(const DiagnoseCommand& command) {
  auto inputs = files_read(command.judge);
  inputs.insert(inputs.end(), command.files.begin(), command.files.end());
  auto fine = check_outputs(command.output);
  if (fine) fine = check_not_overwriting(command.output, inputs);
  if (!fine) {
    fail(fine.error());
    return ExitCode::usage;
  }
  auto saved = read_all(command.files);
  if (!saved) return fail(saved.error());
  if (saved->targets.empty()) return fail(input_error(Stage::usage, "the files hold no target"));
  // Without --time as of the scan: only the data are newer.
  auto knowledge = build_knowledge(command.judge, saved->saved_at, &saved->machine_store);
  if (!knowledge) return fail(knowledge.error());

  Report report = empty_report(*knowledge, command.judge, command.output.language, saved->options);
  Diagnoser diagnoser(std::move(*knowledge));
  auto lines = JsonLines::open(command.output.jsonl, std::nullopt, command.output.redactor);
  if (!lines) return fail(lines.error());
  for (Observation& observation : saved->targets) {
    TargetReport target = diagnoser.diagnose(std::move(observation));
    lines->add(report, target);
    report.targets.push_back(std::move(target));
  }
  if (lines->failure()) return fail(*lines->failure());
  if (auto written = write_reports(report, command.output); !written) return fail(written.error());
  return exit_code_of(report, command.output);
}

}  // namespace chaintier
