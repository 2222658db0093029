#include <fmt/format.h>

#include "src/base/text.h"
#include "src/cli/commands.h"
#include "src/cli/files.h"
#include "src/cli/json_lines.h"
#include "src/cli/kept_inputs.h"
#include "src/cli/output.h"
#include "src/cli/setup.h"
#include "src/files/certificate_source.h"
#include "src/findings/diagnose.h"
#include "src/x509/certificate_file.h"

namespace chaintier {

namespace {

// A PFX or a key lies there instead of certificates.
std::optional<std::string> what_else(const Bytes& content) {
  const auto source = certificates_of({{"file", content}});
  if (!source || !source->found.empty() || source->left_out.empty() || !source->left_out.front().secret)
    return std::nullopt;
  return "it is " + source->left_out.front().why;
}

Result<Observation> observe_file(const InspectCommand& command, Time at) {
  const auto content = read_file(command.served);
  if (!content) return content.error();
  const auto ders = certificates_in(*content);
  if (!ders)
    return input_error(Stage::parse, fmt::format("{}: {}", printable(command.served),
                                                 what_else(*content).value_or(ders.error().detail)));

  Observation observation;
  if (command.host) {
    auto target = parse_target(*command.host);
    if (!target) return target.error();
    observation.target = std::move(*target);
  } else {
    observation.name_checked = false;
    observation.target.port = 0;
  }
  observation.target.text = command.served;
  if (observation.target.shown_host.empty()) observation.target.shown_host = command.served;

  Sample sample;
  sample.at = at;
  sample.outcome = Outcome::partial;  // no server, so no proof that anybody holds the key
  for (const Bytes& der : *ders) sample.served.push_back(make_sent(der));
  observation.endpoints.push_back(
      {std::nullopt, observation.target.port, EndpointRole::file, {std::move(sample)}});
  return observation;
}

}  // namespace

ExitCode run_inspect(const InspectCommand& command) {
  auto inputs = files_read(command.judge);
  inputs.push_back(command.served);
  auto fine = check_outputs(command.output);
  if (fine) fine = check_not_overwriting(command.output, inputs);
  if (!fine) {
    fail(fine.error());
    return ExitCode::usage;
  }
  auto knowledge = build_knowledge(command.judge, now());
  if (!knowledge) return fail(knowledge.error());
  auto observation = observe_file(command, knowledge->at);
  if (!observation) return fail(observation.error());

  Report report = empty_report(*knowledge, command.judge, command.output.language);
  Diagnoser diagnoser(std::move(*knowledge));
  report.targets.push_back(diagnoser.diagnose(std::move(*observation)));
  auto lines = JsonLines::open(command.output.jsonl, std::nullopt, command.output.redactor);
  if (!lines) return fail(lines.error());
  lines->add(report, report.targets.front());
  if (lines->failure()) return fail(*lines->failure());
  if (auto written = write_reports(report, command.output); !written) return fail(written.error());
  return exit_code_of(report, command.output);
}

}  // namespace chaintier
