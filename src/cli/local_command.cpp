#include <algorithm>

#include "probes/descriptors.h"
#include "src/base/text.h"
#include "src/cli/commands.h"
#include "src/cli/kept_inputs.h"
#include "src/cli/local_inputs.h"
#include "src/cli/local_servers.h"
#include "src/cli/output.h"
#include "src/cli/passwords.h"
#include "src/cli/private_memory.h"
#include "src/cli/setup.h"
#include "src/cli/terminal.h"
#include "src/findings/diagnose.h"
#include "src/local/judge_files.h"
#include "src/report/texts.h"

namespace chaintier {

namespace {

bool usable(const LocalReport& local) {
  return std::ranges::any_of(local.files, [](const LocalFile& file) { return !file.items.empty(); }) ||
         !local.servers.empty() || !local.stores.empty() || !local.comparisons.empty();
}

std::string reason_of(const LocalFile& file, Language language) {
  return file.reason ? Texts::of(language).phrase("local.reason." + file.reason->id, file.reason->facts)
                     : std::string();
}

std::vector<std::string> inputs_of(const LocalCommand& command) {
  std::vector<std::string> inputs = files_read(command.judge);
  inputs.insert(inputs.end(), command.paths.begin(), command.paths.end());
  if (command.password_file) inputs.push_back(*command.password_file);
  for (const auto& [kind, path] : command.servers)
    if (path) inputs.push_back(*path);
  return inputs;
}

// One sentence for each path that gave nothing, before the exit.
ExitCode nothing_usable(const LocalReport& local, const LocalCommand& command) {
  for (const LocalFile& file : local.files)
    if (file.named || (file.reason && file.reason->id == "cannot_open"))
      say(printable(file.path) + ": " + reason_of(file, command.output.language));
  say("nothing to check: no certificate, key, request or keystore in what was given");
  return ExitCode::usage;
}

}  // namespace

ExitCode run_local(const LocalCommand& command) {
  keep_memory_private();
  auto fine = check_outputs(command.output);
  if (!command.against.empty()) raise_descriptor_limit();
  if (fine && !command.against.empty()) fine = check_descriptors();
  if (fine) fine = check_not_overwriting(command.output, inputs_of(command));
  if (!fine) {
    fail(fine.error());
    return ExitCode::usage;
  }
  auto knowledge = build_knowledge(command.judge, now());
  if (!knowledge) return fail(knowledge.error());
  auto passwords = collect_passwords(command.password_file);
  if (!passwords) return fail(passwords.error());
  auto unlocker = std::make_unique<Unlocker>(std::move(*passwords));

  Report report = empty_report(*knowledge, command.judge, command.output.language, command.given);
  const Texts& texts = Texts::of(command.output.language);
  auto local = std::make_shared<LocalReport>();
  LocalInputs inputs = read_inputs(command.paths, *unlocker, texts.word("local.ask_password"));
  local->files = std::move(inputs.files);
  local->limit = inputs.limit;
  Ground ground(*knowledge);
  judge_files(local->files, ground, !local->limit);
  Diagnoser diagnoser(std::move(*knowledge));
  if (!command.servers.empty()) read_servers(command, *unlocker, diagnoser, *local);
  unlocker.reset();  // no password is needed from here on
  if (command.store) read_stores(diagnoser, ground, *local);
  report.targets = compare_with_public(command, diagnoser, *local);

  if (!usable(*local)) return nothing_usable(*local, command);
  report.local = local;
  if (auto written = write_reports(report, command.output); !written) return fail(written.error());
  return exit_code_of(report, command.output);
}

}  // namespace chaintier
