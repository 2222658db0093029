#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "src/base/text.h"
#include "src/cli/commands.h"
#include "src/cli/json_lines.h"
#include "src/cli/kept_inputs.h"
#include "src/cli/output.h"
#include "src/cli/report_files.h"
#include "src/cli/setup.h"
#include "src/cli/terminal.h"
#include "src/report/join.h"

namespace chaintier {

namespace {

constexpr std::size_t named_targets = 5;  // of those that came twice; the others are counted

void say_dates(const std::string& what, const std::vector<DataDate>& dates) {
  std::string listed;
  for (const DataDate& one : dates)
    listed += fmt::format("{}{} ({})", listed.empty() ? "" : ", ",
                          one.date.empty() ? "no date" : printable(one.date), printable(one.source));
  say(fmt::format("warning: {}: {}", what, listed));
}

void say_differences(const Joined& joined) {
  for (std::size_t i = 0; i < std::min(joined.repeated.size(), named_targets); ++i)
    say(fmt::format("{} is there more than once: the one judged last counts, from {}",
                    printable(joined.repeated[i].first), printable(joined.repeated[i].second)));
  if (joined.repeated.size() > named_targets)
    say(fmt::format("{} further targets are there more than once: the one judged last counts",
                    joined.repeated.size() - named_targets));
  if (joined.catalogues.size() > 1)
    say_dates("the runs were judged with different catalogue data", joined.catalogues);
  for (const auto& [client, dates] : joined.clients)
    say_dates(fmt::format("the runs were judged with different data of the client {}", printable(client)),
              dates);
  if (joined.other_catalogue > 0)
    say(
        fmt::format("warning: {} {} judged with yet another catalogue, and its certificates have no names "
                    "here: merge runs with the same --catalogue",
                    joined.other_catalogue, joined.other_catalogue == 1 ? "target was" : "targets were"));
}

// Each line keeps the time and the data that its target was judged with; texts are in the language asked for.
void add_lines(const Joined& joined, JsonLines& lines) {
  std::map<const Report*, Report> heads;
  for (std::size_t i = 0; i < joined.heads.size(); ++i) {
    const auto [head, fresh] = heads.try_emplace(joined.heads[i].get());
    if (fresh) {
      head->second = *joined.heads[i];
      head->second.language = joined.report.language;
      head->second.catalogue = joined.report.catalogue;
    }
    lines.add(head->second, joined.report.targets[i]);
  }
}

}  // namespace

ExitCode run_merge(const MergeCommand& command) {
  auto inputs = files_read(command.judge);
  inputs.insert(inputs.end(), command.files.begin(), command.files.end());
  auto fine = check_outputs(command.output);
  if (fine) fine = check_not_overwriting(command.output, inputs);
  if (!fine) {
    fail(fine.error());
    return ExitCode::usage;
  }
  auto catalogue = read_catalogue(command.judge);
  if (!catalogue) return fail(catalogue.error());
  ReportReader reader(*catalogue);
  Joiner joiner;
  std::size_t targets = 0;
  bool as_they_were_done = false;  // lines are; a whole report has the order of its list
  for (const std::string& path : command.files) {
    const TakeLine take = [&](const ReportHead& head, TargetReport target, const FileLine&) {
      joiner.add(head, std::move(target), path);
    };
    const auto file = read_report_file(path, reader, take);
    if (!file) return fail(file.error());
    if (file->cut) say(cut_sentence(path));
    targets += file->targets;
    as_they_were_done = as_they_were_done || file->lines;
  }
  if (targets == 0) return fail(input_error(Stage::usage, "the files hold no target"));

  Joined joined =
      joiner.finish(reader.catalogue(), as_they_were_done ? Joiner::Order::by_name : Joiner::Order::as_added);
  joined.report.tool_name = "chaintier";
  joined.report.tool_version = CHAINTIER_VERSION;
  joined.report.language = command.output.language;
  say_differences(joined);
  auto lines = JsonLines::open(command.output.jsonl, std::nullopt, command.output.redactor);
  if (!lines) return fail(lines.error());
  add_lines(joined, *lines);
  if (lines->failure()) return fail(*lines->failure());
  if (auto written = write_reports(joined.report, command.output); !written) return fail(written.error());
  return exit_code_of(joined.report, command.output);
}

}  // namespace chaintier
