#include <optional>

#include <fmt/format.h>

#include "probes/descriptors.h"
#include "src/base/text.h"
#include "src/cli/commands.h"
#include "src/cli/files.h"
#include "src/cli/output.h"
#include "src/cli/progress.h"
#include "src/cli/setup.h"
#include "src/cli/terminal.h"
#include "src/findings/diagnose.h"
#include "src/observe/observation_json.h"

namespace chaintier {

namespace {

Result<TargetList> collect_targets(const ScanCommand& command) {
  TargetList list;
  if (command.targets_file) {
    const auto content = read_file(*command.targets_file);
    if (!content) return content.error();
    list = parse_targets_file(text_of(*content));
  }
  for (const std::string& text : command.targets) {
    auto target = parse_target(text);
    if (target)
      add_target(list, std::move(*target));
    else
      list.bad.push_back({text, 0, target.error()});
  }
  return list;
}

Result<void> save(const Report& report, const Knowledge& knowledge, const std::string& file) {
  SavedObservations saved{report.judged_at, machine_store_of(knowledge), {}};
  for (const TargetReport& target : report.targets) saved.targets.push_back(target.observation);
  return write_file(file, [&](std::ostream& out) { write_observations(saved, out); });
}

void say_bad(const BadTarget& bad) {
  if (bad.line > 0)
    say(fmt::format("line {}: {}", bad.line, bad.error.detail));
  else
    say(bad.error.detail);
}

}  // namespace

ExitCode run_scan(const ScanCommand& command) {
  static StopFlag stop;  // reached from the signal handler
  auto fine = check_outputs(command.output);
  if (fine && command.save) fine = check_writable(*command.save);
  if (!fine) {
    say(fine.error().detail);
    return ExitCode::usage;
  }
  auto knowledge = build_knowledge(command.judge, now());
  if (!knowledge) return fail(knowledge.error());
  const auto list = collect_targets(command);
  if (!list) return fail(list.error());
  for (const BadTarget& bad : list->bad) say_bad(bad);
  if (list->good.empty()) {
    say(list->bad.empty() ? "nothing to scan: the targets file holds no target"
                          : "nothing to scan: no target could be read");
    return ExitCode::usage;
  }

  raise_descriptor_limit();
  stop_on_interrupt(stop);
  ScanOptions options = command.scan;
  options.samples = command.samples.value_or(list->good.size() == 1 ? 5 : 1);
  Report report = empty_report(*knowledge, command.output.language);
  Diagnoser diagnoser(std::move(*knowledge));
  std::vector<std::optional<TargetReport>> done(list->good.size());
  Progress progress(list->good.size(), command.output);
  scan(list->good, options, now, stop, [&](std::size_t index, Observation observation) {
    done[index] = diagnoser.diagnose(std::move(observation));
    progress.add(done[index]->verdict);
  });
  progress.end();

  for (auto& target : done) report.targets.push_back(std::move(*target));
  if (command.save && command.output.redactor)
    say("--redact does not reach the file of --save: it holds the certificates as they are");
  if (command.save)
    if (auto saved = save(report, diagnoser.knowledge(), *command.save); !saved) return fail(saved.error());
  for (const BadTarget& bad : list->bad) report.targets.push_back(Diagnoser::not_a_target(bad));
  if (auto written = write_reports(report, command.output); !written) {
    const ExitCode code = fail(written.error());
    return stop.requested() ? ExitCode::interrupted : code;
  }
  if (stop.requested()) {
    say("interrupted: the report holds what was done until then");
    return ExitCode::interrupted;
  }
  return exit_code_of(report, command.output);
}

}  // namespace chaintier
