#include <algorithm>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "probes/descriptors.h"
#include "probes/own_addresses.h"
#include "reports/nagios.h"
#include "src/base/text.h"
#include "src/cli/commands.h"
#include "src/cli/files.h"
#include "src/cli/issuers.h"
#include "src/cli/json_lines.h"
#include "src/cli/kept_inputs.h"
#include "src/cli/output.h"
#include "src/cli/progress.h"
#include "src/cli/resume.h"
#include "src/cli/setup.h"
#include "src/cli/terminal.h"
#include "src/cli/unused_addresses.h"
#include "src/findings/diagnose.h"
#include "src/observe/observation_json.h"
#include "src/observe/share.h"

namespace chaintier {

namespace {

constexpr std::size_t longest_targets_file = 64u << 20;

// Nothing when the run was interrupted before the end of the list had come.
Result<std::optional<TargetList>> collect_targets(const ScanCommand& command, const StopFlag& stop) {
  TargetList list;
  if (command.targets_file == "-") {
    const auto content = read_standard_input(longest_targets_file, stop);
    if (!content) return content.error();
    if (!*content) return std::optional<TargetList>();
    list = parse_targets_file(text_of(**content));
  } else if (command.targets_file) {
    const auto content = read_file(*command.targets_file, longest_targets_file);
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
  return std::optional(std::move(list));
}

void keep_share(TargetList& list, const Shard& shard) {
  std::erase_if(list.good, [&](const Target& target) { return !is_in(shard, identity_of(target)); });
  std::erase_if(list.bad, [&](const BadTarget& bad) { return !is_in(shard, identity_of(bad)); });
}

// A thread of its own pays where there is much to do.
std::size_t lanes_for(std::size_t targets) {
  constexpr std::size_t worth_a_lane = 32, most = 16;
  const std::size_t processors = std::thread::hardware_concurrency();  // 0 where it cannot be told
  return std::clamp<std::size_t>(targets / worth_a_lane, 1, std::clamp<std::size_t>(processors, 1, most));
}

bool was_begun(const Observation& observation) {
  for (const EndpointSeen& endpoint : observation.endpoints)
    for (const Sample& sample : endpoint.samples)
      if (sample.outcome != Outcome::not_started) return true;
  return false;
}

Result<void> save(const Report& report, const Knowledge& knowledge, const ScanCommand& command) {
  SavedObservations saved{report.judged_at, machine_store_of(knowledge), {}, command.given};
  for (const TargetReport& target : report.targets) saved.targets.push_back(target.observation);
  return write_file(*command.save, [&](std::ostream& out) { write_observations(saved, out); });
}

// The reports name every line; a terminal is not flooded with a list of the wrong kind.
void say_bad(const std::vector<BadTarget>& all) {
  constexpr std::size_t most = 100;
  for (std::size_t i = 0; i < std::min(all.size(), most); ++i)
    say(all[i].line > 0 ? fmt::format("line {}: {}", all[i].line, all[i].error.detail) : all[i].error.detail);
  if (all.size() > most) say(fmt::format("and {} more lines that are no targets", all.size() - most));
}

// One run: what is known from --resume, then what is scanned. Targets are asked in the order of scan_order()
// and reported in the order given.
class ScanRun {
 public:
  ScanRun(const ScanCommand& command, TargetList list, Resumed resumed, Knowledge knowledge, JsonLines lines,
          int samples, StopFlag& stop)
      : command_(command),
        list_(std::move(list)),
        resumed_(std::move(resumed)),
        lines_(std::move(lines)),
        samples_(samples),
        stop_(stop),
        keep_(wants_whole_report(command.output) || command.save),
        report_(empty_report(knowledge, command.judge, command.output.language, command.given)),
        diagnoser_(std::move(knowledge)),
        issuers_(command, stop) {}

  ExitCode run() {
    add_resumed();
    scan_rest();
    for (auto& target : slots_)
      if (target) report_.targets.push_back(std::move(*target));
    for (TargetReport& target : further_) report_.targets.push_back(std::move(target));
    if (command_.save && command_.output.redactor)
      say("--redact does not reach the file of --save: it holds the certificates as they are");
    if (command_.save)
      if (auto saved = save(report_, diagnoser_.knowledge(), command_); !saved) note(saved.error());
    for (const BadTarget& bad : list_.bad) add_bad(bad);
    if (lines_.failure()) note(*lines_.failure());
    if (keep_) {
      // What is saved to standard output takes the place of the terminal report.
      auto written = command_.save == "-" ? write_report_files(report_, command_.output)
                                          : write_reports(report_, command_.output);
      if (!written) note(written.error());
    }
    if (interrupted_) say("interrupted: the report holds what was done until then");
    return interrupted_ ? ExitCode::interrupted : code_;
  }

 private:
  void note(const Error& error) { code_ = worse(code_, fail(error)); }

  void take(TargetReport target, std::optional<TargetReport>* slot) {
    code_ = worse(code_, exit_code_of(target, command_.output));
    if (!keep_) return;
    if (slot)
      *slot = std::move(target);
    else
      further_.push_back(std::move(target));
  }

  void add_resumed() {
    total_ = list_.good.size();
    if (keep_) slots_.resize(total_);
    to_do_.resize(total_);
    std::size_t done = 0;
    for (std::size_t i = 0; i < total_; ++i) {
      const auto known = resumed_.done.find(resume_key(list_.good[i]));
      if (known == resumed_.done.end()) {
        to_do_[i] = true;
        continue;
      }
      known->second.target = list_.good[i];
      take_known(std::move(known->second), keep_ ? &slots_[i] : nullptr);
      resumed_.done.erase(known);
      ++done;
    }
    if (done > 0) say(fmt::format("{} of {} targets are done already", done, total_));
    if (resumed_.done.empty()) return;
    say(fmt::format(
        "{} {} in the resumed file and not among the targets of this run: the reports hold {} too",
        resumed_.done.size(), resumed_.done.size() == 1 ? "target is" : "targets are",
        resumed_.done.size() == 1 ? "it" : "them"));
    for (const std::string& key : resumed_.order)
      if (const auto known = resumed_.done.find(key); known != resumed_.done.end())
        take_known(std::move(known->second), nullptr);
  }

  void take_known(Observation observation, std::optional<TargetReport>* slot) {
    TargetReport target = diagnoser_.diagnose(std::move(observation));
    lines_.add_known(report_, target);
    take(std::move(target), slot);
  }

  void scan_rest() {
    ScanOptions options = command_.scan;
    options.samples = samples_;
    options.own_addresses = own_addresses();
    std::vector<Target> ordered;
    for (const std::size_t index : scan_order(list_.good))
      if (to_do_[index]) {
        ordered.push_back(std::move(list_.good[index]));
        place_.push_back(index);
      }
    list_.good = {};  // a long list is held once
    list_.known = {};
    warn_of_few_descriptors(ordered.size());
    progress_.emplace(ordered.size(), command_.output);
    std::vector<Finish> finish;
    for (std::size_t i = lanes_for(ordered.size()); i > 0; --i) finish.push_back(finishing_lane());
    scan(ordered, options, now, stop_, finish);
    std::vector<Observation*> waiting;
    for (auto& [index, observation] : incomplete_) waiting.push_back(&observation);
    issuers_.complete(waiting, diagnoser_);
    const bool complete = !stop_.requested();
    for (auto& [index, observation] : incomplete_) {
      TargetReport target = diagnoser_.diagnose(std::move(observation));
      if (complete) lines_.add(report_, target);
      finish_target(index, std::move(target));
    }
    progress_->end();
    interrupted_ = stop_.requested() && !given_up_;
  }

  // What a lane judges and writes with is its own.
  Finish finishing_lane() {
    const auto diagnoser = std::make_shared<Diagnoser>(diagnoser_.knowledge());
    const auto writer = std::make_shared<TargetLines>(report_);
    return [this, diagnoser, writer](std::size_t index, Observation observation) -> std::function<void()> {
      // What an interrupted run has not begun is no line: --resume asks for it.
      const bool done = !stop_.requested() || was_begun(observation);
      if (!stop_.requested() && issuers_.wants(observation, *diagnoser))
        return [this, index, observation = std::move(observation)]() mutable {
          incomplete_.emplace(index, std::move(observation));
        };
      auto target = std::make_shared<TargetReport>(diagnoser->diagnose(std::move(observation)));
      std::string line;
      if (done && lines_.takes_lines()) line = writer->line(*target);
      return [this, index, done, target, line = std::move(line)] {
        if (done && lines_.takes_lines())
          lines_.add_line(line);
        else if (done)
          lines_.add(report_, *target);
        finish_target(index, std::move(*target));
      };
    };
  }

  void finish_target(std::size_t index, TargetReport target) {
    progress_->add(target.verdict);
    // Nobody reads on: nothing is gained by going on.
    if (lines_.failure() && !stop_.requested()) {
      given_up_ = true;
      stop_.request();
    }
    take(std::move(target), keep_ ? &slots_[place_[index]] : nullptr);
  }

  void warn_of_few_descriptors(std::size_t targets) const {
    const std::size_t room = most_in_flight(command_.scan, lanes_for(targets));
    const std::size_t wanted = std::min(static_cast<std::size_t>(command_.scan.concurrency),
                                        targets * static_cast<std::size_t>(samples_));
    if (room < wanted)
      say(fmt::format("this machine allows a process few open files (ulimit -Hn): {} in flight instead of {}",
                      room, wanted));
  }

  void add_bad(const BadTarget& bad) {
    TargetReport target = Diagnoser::not_a_target(bad);
    if (resumed_.bad.contains(identity_of(bad)))
      lines_.add_known(report_, target);
    else
      lines_.add(report_, target);
    code_ = worse(code_, exit_code_of(target, command_.output));
    report_.targets.push_back(std::move(target));
  }

  const ScanCommand& command_;
  TargetList list_;
  Resumed resumed_;
  JsonLines lines_;
  const int samples_;
  StopFlag& stop_;
  const bool keep_;  // else every target is let go of when its line is written
  Report report_;
  Diagnoser diagnoser_;
  IssuerFetching issuers_;
  std::size_t total_ = 0;
  std::vector<bool> to_do_;                        // by index of the list: not known from --resume
  std::vector<std::size_t> place_;                 // index of the list, by place in the order of asking
  std::map<std::size_t, Observation> incomplete_;  // by that place: to be judged when issuers were fetched
  std::optional<Progress> progress_;
  std::vector<std::optional<TargetReport>> slots_;  // by index
  std::vector<TargetReport> further_;               // of the resumed file alone
  ExitCode code_ = ExitCode::ok;
  bool interrupted_ = false, given_up_ = false;
};

// The file of --jsonl that is also the one of --resume.
std::optional<std::string> gone_on_with(const ScanCommand& command) {
  if (command.resume)
    for (const std::string& file : command.output.jsonl)
      if (file != "-" && same_file(file, *command.resume)) return file;
  return std::nullopt;
}

// What is read and cannot be had again must not be where something is written, and no two things are written
// to one place.
Result<void> check_places(const ScanCommand& command) {
  auto inputs = files_read(command.judge);
  if (command.targets_file) inputs.push_back(*command.targets_file);
  if (command.resume && !gone_on_with(command)) inputs.push_back(*command.resume);
  if (command.save) {
    const auto refused = [&](std::string_view what) {
      return input_error(Stage::usage, fmt::format("--save {}: {}: give it a file of its own",
                                                   printable(*command.save), what));
    };
    for (const std::string& input : inputs)
      if (would_replace(*command.save, input)) return refused("it would overwrite a file which is also read");
    if (*command.save == "-" && command.output.nagios)
      return refused("--nagios writes its line to standard output");
    for (const std::string& report : command.output.places())
      if (same_file(report, *command.save)) return refused("a report is written there");
  }
  return check_not_overwriting(command.output, inputs);
}

}  // namespace

ExitCode run_scan(const ScanCommand& command) {
  static StopFlag stop;  // reached from the signal handler
  stop_on_interrupt(stop);
  raise_descriptor_limit();
  auto fine = check_descriptors();
  if (fine) fine = check_outputs(command.output);
  if (fine && command.save) fine = check_writable(*command.save);
  if (fine) fine = check_places(command);
  if (!fine) {
    say(fine.error().detail);
    return ExitCode::usage;
  }
  auto knowledge = build_knowledge(command.judge, now());
  if (!knowledge) return fail(knowledge.error());
  auto collected = collect_targets(command, stop);
  if (!collected) return fail(collected.error());
  if (!*collected) {
    constexpr std::string_view what =
        "interrupted before the list of targets had come to its end: nothing was scanned";
    say(std::string(what));
    if (command.output.nagios) write_nagios_failure(what, std::cout);
    return ExitCode::interrupted;
  }
  TargetList list = std::move(**collected);
  if (list.good.empty()) {
    say_bad(list.bad);
    say(list.bad.empty() ? "nothing to scan: the targets file holds no target"
                         : "nothing to scan: no target could be read");
    return ExitCode::usage;
  }
  for (const std::string& sentence : unused_addresses(command.scan, list.good)) say("warning: " + sentence);
  // The same with and without --shard.
  const int samples = command.samples.value_or(list.good.size() == 1 || command.judge.expect ? 5 : 1);
  if (command.shard) {
    const std::size_t all = list.good.size();
    keep_share(list, *command.shard);
    say(fmt::format("share {} of {}: {} of {} targets", command.shard->number, command.shard->of,
                    list.good.size(), all));
  }
  say_bad(list.bad);
  if (list.duplicates == 1)
    say("a target is given twice; it is asked once, and keeps all its tags");
  else if (list.duplicates > 1)
    say(fmt::format("targets are given again {} times; each is asked once, and keeps all its tags",
                    list.duplicates));

  const auto appended = gone_on_with(command);
  Resumed resumed;
  if (command.resume) {
    auto read = read_resume(*command.resume, appended.has_value(), knowledge->catalogue);
    if (!read) return fail(read.error());
    resumed = std::move(*read);
  }
  auto lines = JsonLines::open(command.output.jsonl, appended, command.output.redactor);
  if (!lines) return fail(lines.error());
  interrupts_are_heeded();
  return ScanRun(command, std::move(list), std::move(resumed), std::move(*knowledge), std::move(*lines),
                 samples, stop)
      .run();
}

}  // namespace chaintier
