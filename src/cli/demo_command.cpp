#include <filesystem>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "probes/descriptors.h"
#include "probes/practice/fleet.h"
#include "src/base/text.h"
#include "src/cli/commands.h"
#include "src/cli/files.h"
#include "src/cli/json_lines.h"
#include "src/cli/output.h"
#include "src/cli/progress.h"
#include "src/cli/setup.h"
#include "src/cli/terminal.h"
#include "src/findings/diagnose.h"
#include "src/report/texts.h"
#include "src/x509/certificate_file.h"

namespace chaintier {

namespace {

Result<Knowledge> practice_knowledge(const PracticeFleet& fleet, Time at) {
  Knowledge knowledge;
  knowledge.at = at;
  auto catalogue = Catalogue::from_files(fleet.catalogue_files());
  if (!catalogue) return catalogue.error();
  knowledge.catalogue = std::make_shared<const Catalogue>(std::move(*catalogue));
  knowledge.clients = built_in_clients().clients;
  // The practice roots stand in no store of this machine: "curl" is given a store that holds them.
  auto store = certificates_in(bytes_of(fleet.machine_store()));
  if (!store) return store.error();
  for (ClientModel& client : knowledge.clients)
    if (client.machine_store) client.whole_store = std::make_shared<const CertificateStore>(*store);
  knowledge.all_clients = knowledge.clients;
  return knowledge;
}

std::set<std::string> codes_of(const TargetReport& target) {
  std::set<std::string> codes;
  for (const Finding& finding : target.findings) codes.emplace(id(finding.code));
  return codes;
}

// A new folder in the current one, named by the time; a number is added when it is there already.
Result<std::string> new_folder(Time at) {
  std::string stamp = format_rfc3339(at);
  std::erase_if(stamp, [](char c) { return c == '-' || c == ':'; });
  for (int number = 1; number < 1000; ++number) {
    const std::string name = "chaintier-demo-" + stamp + (number == 1 ? "" : fmt::format("-{}", number));
    std::error_code failed;
    if (std::filesystem::create_directory(name, failed)) return name;
    if (failed)
      return Error{Stage::write, Fault::input,
                   fmt::format("cannot make the folder {}: {}", name, failed.message())};
  }
  return Error{Stage::write, Fault::input, "cannot make a new folder for the demo's reports here"};
}

Result<void> write_demo(Report& report, const std::string& folder) {
  const Language chosen = report.language;
  for (const Language language : {Language::zh_tw, Language::en}) {
    report.language = language;
    OutputOptions files;
    files.quiet = true;
    files.language_given = true;  // a page for each
    files.files["--html"] = {fmt::format("{}/report.{}.html", folder, id(language))};
    if (language == chosen) files.files["--json"] = {folder + "/report.json"};
    if (auto done = write_report_files(report, files); !done) return done;
  }
  report.language = chosen;
  return {};
}

// What did not come out as the fleet's table says, one sentence each.
std::size_t say_differences(const std::vector<PracticeCase>& cases, const Report& report) {
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const std::set<std::string> wanted(cases[i].findings.begin(), cases[i].findings.end());
    const std::set<std::string> got = codes_of(report.targets[i]);
    if (wanted == got && cases[i].verdict == id(report.targets[i].verdict)) continue;
    ++wrong;
    say(fmt::format("practice case {}: wanted {} [{}], got {} [{}]", cases[i].id, cases[i].verdict,
                    fmt::join(wanted, " "), id(report.targets[i].verdict), fmt::join(got, " ")));
  }
  return wrong;
}

}  // namespace

ExitCode run_demo(const DemoCommand& command) {
  static StopFlag stop;  // reached from the signal handler
  stop_on_interrupt(stop);
  raise_descriptor_limit();
  auto fine = check_descriptors();
  if (fine) fine = check_outputs(command.output);
  if (!fine) {
    fail(fine.error());
    return ExitCode::usage;
  }
  const Time at = command.at.value_or(now());
  const auto clock = [&command] { return command.at.value_or(now()); };
  auto fleet = PracticeFleet::start(at);
  if (!fleet) return fail(fleet.error());
  auto knowledge = practice_knowledge(*fleet, at);
  if (!knowledge) return fail(knowledge.error());

  std::vector<Target> targets;
  ScanOptions options;
  options.connect_timeout = Milliseconds(2000);
  options.handshake_timeout = Milliseconds(2000);  // the stalling server is to be met within a moment
  options.target_timeout = Milliseconds(10000);
  for (const PracticeCase& exercise : fleet->cases()) {
    auto target = parse_target(exercise.target);
    if (!target) return fail(target.error());
    targets.push_back(std::move(*target));
    options.resolve.insert(exercise.resolve.begin(), exercise.resolve.end());
  }

  interrupts_are_heeded();
  Report report = empty_report(*knowledge, {}, command.output.language);
  Diagnoser diagnoser(std::move(*knowledge));
  report.targets.resize(targets.size());
  auto lines = JsonLines::open(command.output.jsonl, std::nullopt, command.output.redactor);
  if (!lines) return fail(lines.error());
  Progress progress(targets.size(), command.output);
  scan(targets, options, clock, stop, [&](std::size_t index, Observation observation) {
    report.targets[index] = diagnoser.diagnose(std::move(observation));
    lines->add(report, report.targets[index]);
    progress.add(report.targets[index].verdict);
  });
  progress.end();

  const auto folder = new_folder(at);
  if (!folder) return fail(folder.error());
  if (auto done = write_demo(report, *folder); !done) return fail(done.error());
  if (lines->failure()) return fail(*lines->failure());
  if (auto done = write_reports(report, command.output); !done) return fail(done.error());
  const Texts& texts = Texts::of(command.output.language);
  say(texts.phrase("demo.written", {{"folder", *folder}}));
  if (stop.requested()) return ExitCode::interrupted;
  const std::size_t wrong = say_differences(fleet->cases(), report);
  return wrong == 0 ? ExitCode::ok : ExitCode::findings;
}

}  // namespace chaintier
