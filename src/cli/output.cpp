#include "src/cli/output.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>
#include <openssl/crypto.h>

#include "reports/formats.h"
#include "reports/local_targets.h"
#include "reports/nagios.h"
#include "reports/terminal.h"
#include "src/base/text.h"
#include "src/cli/files.h"
#include "src/cli/terminal.h"
#include "src/clients/client_model.h"
#include "src/local/local_report.h"
#include "src/report/redact.h"

namespace chaintier {

TerminalOptions terminal_options(const OutputOptions& options) {
  TerminalOptions terminal;
  const char* no_colour = std::getenv("NO_COLOR");
  const bool wanted = standard_output_is_terminal() && !terminal_is_dumb() && !(no_colour && *no_colour);
  terminal.colour = options.colour == "always" || (options.colour == "auto" && wanted);
  const std::size_t columns = terminal_columns();
  terminal.width = columns == 0 ? 100 : std::min<std::size_t>(columns, 120);
  terminal.quiet = options.quiet;
  terminal.ascii = standard_output_is_terminal() && !terminal_has_symbols();
  terminal.links = terminal.colour && terminal_takes_links();
  return terminal;
}

bool takes_standard_output(const OutputOptions& options) {
  return std::ranges::count(options.places(), "-") > 0;
}

namespace {

WriteOptions write_options(const OutputOptions& options) {
  WriteOptions result;
  result.language_given = options.language_given;
  result.fail_on = options.fail_on;
  result.crypto_version = OpenSSL_version(OPENSSL_VERSION);
  result.asked = options.asked;
  result.redacted = options.redactor != nullptr;
  result.client_data_date = built_in_clients().date;
  return result;
}

// The file is not made, or is left as it was, when the writer fails.
Result<void> write_format(const ReportFormat& format, const Report& report, const WriteOptions& options,
                          const std::string& file) {
  Result<void> outcome;
  auto done = write_file(file, [&](std::ostream& out) {
    outcome = format.write(report, options, out);
    if (!outcome) out.setstate(std::ios::badbit);
  });
  return outcome ? done : outcome;
}

}  // namespace

bool wants_whole_report(const OutputOptions& options) {
  return !takes_standard_output(options) ||
         std::ranges::any_of(options.files, [](const auto& format) { return !format.second.empty(); });
}

namespace {

bool could_not_tell(const LocalFile& file) {
  // A file of a folder that is none of ours is not asked about; one that was named, or may not be read, is.
  const bool closed = file.reason && file.reason->id == "cannot_open";
  if (!file.readable && (file.named || closed || file.kind != FileKind::other)) return true;
  return std::ranges::any_of(file.items, [](const LocalItem& item) { return !item.checked; });
}

struct LocalVerdict {
  bool found = false, unjudged = false;
};

LocalVerdict verdict_of(const LocalReport& local, Severity fail_on) {
  LocalVerdict verdict;
  const auto look = [&](const std::vector<Finding>& findings) {
    verdict.found = verdict.found || std::ranges::any_of(findings, [&](const Finding& finding) {
                      return finding.severity >= fail_on;
                    });
  };
  for (const LocalFile& file : local.files) {
    look(file.findings);
    verdict.unjudged = verdict.unjudged || could_not_tell(file);
  }
  for (const ServerSite& site : local.servers) {
    look(site.findings);
    verdict.unjudged = verdict.unjudged || site.reason;
  }
  for (const TrustStore& store : local.stores) {
    look(store.findings);
    verdict.unjudged = verdict.unjudged || !store.readable;
  }
  verdict.unjudged = verdict.unjudged || local.limit;
  return verdict;
}

}  // namespace

Result<void> check_outputs(const OutputOptions& options) {
  const std::vector<std::string> all = options.places();
  for (const std::string& file : all)
    if (auto fine = check_writable(file); !fine) return fine;
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (all[i] != "-" && same_file(all[i], all[j]))
        return input_error(Stage::usage,
                           fmt::format("two reports would be written to {}: give each a file of its own",
                                       printable(all[i])));
  for (const ReportFormat& format : report_formats()) {
    const auto files = options.files.find(format.option);
    if (files == options.files.end() || !format.binary || !standard_output_is_terminal()) continue;
    if (std::ranges::find(files->second, "-") != files->second.end())
      return input_error(
          Stage::usage,
          fmt::format("{} - would write octets to the terminal: give a file name", format.option));
  }
  return {};
}

namespace {

// What came of several writes: the first failure. Those after it are said at once.
void add(Result<void>& outcome, Result<void> done) {
  if (outcome)
    outcome = std::move(done);
  else if (!done)
    say(done.error().detail);
}

// A report that cannot be written keeps no other from being written.
Result<void> write_formats(const Report& report, const OutputOptions& options, const WriteOptions& with) {
  Result<void> outcome;
  for (const ReportFormat& format : report_formats()) {
    const auto files = options.files.find(format.option);
    if (files == options.files.end()) continue;
    for (const std::string& file : files->second) add(outcome, write_format(format, report, with, file));
  }
  return outcome;
}

Result<void> write_all(const Report& report, const OutputOptions& options, const WriteOptions& with) {
  Result<void> outcome = write_formats(report, options, with);
  if (takes_standard_output(options)) return outcome;
  add(outcome, write_file("-", [&](std::ostream& out) {
        if (options.nagios)
          write_nagios(with_local_targets(report), out);
        else
          write_terminal(report, terminal_options(options), out);
      }));
  return outcome;
}

}  // namespace

Result<void> write_report_files(const Report& report, const OutputOptions& options) {
  WriteOptions with = write_options(options);
  if (!options.redactor) return write_formats(report, options, with);
  return write_formats(redacted(report, with.asked, *options.redactor), options, with);
}

Result<void> write_reports(const Report& report, const OutputOptions& options) {
  WriteOptions with = write_options(options);
  if (!options.redactor) return write_all(report, options, with);
  return write_all(redacted(report, with.asked, *options.redactor), options, with);
}

ExitCode exit_code_of(const TargetReport& target, const OutputOptions& options) {
  if (options.nagios) {  // as plugin_state() has it
    if (target.verdict == Verdict::error) return ExitCode::plugin_critical;
    if (target.verdict == Verdict::warning) return ExitCode::findings;
    return target.verdict == Verdict::unjudged ? ExitCode::unjudged : ExitCode::ok;
  }
  // Why nothing was seen is no finding about the server.
  if (target.verdict == Verdict::unjudged) return ExitCode::unjudged;
  const bool found = std::ranges::any_of(
      target.findings, [&](const Finding& finding) { return finding.severity >= options.fail_on; });
  return found ? ExitCode::findings : ExitCode::ok;
}

ExitCode worse(ExitCode one, ExitCode other) {
  for (const ExitCode code : {ExitCode::interrupted, ExitCode::internal_error, ExitCode::usage,
                              ExitCode::plugin_critical, ExitCode::findings, ExitCode::unjudged})
    if (one == code || other == code) return code;
  return ExitCode::ok;
}

ExitCode exit_code_of(const Report& report, const OutputOptions& options) {
  ExitCode code = ExitCode::ok;
  if (report.local && options.nagios) {
    for (const TargetReport& target : with_local_targets(report).targets)
      code = worse(code, exit_code_of(target, options));
    return code;
  }
  for (const TargetReport& target : report.targets) code = worse(code, exit_code_of(target, options));
  if (report.local) {
    const LocalVerdict local = verdict_of(*report.local, options.fail_on);
    if (local.found) code = worse(code, ExitCode::findings);
    if (local.unjudged) code = worse(code, ExitCode::unjudged);
  }
  return code;
}

}  // namespace chaintier
