#include "src/cli/output.h"

#include <algorithm>
#include <cstdlib>

#include "reports/html.h"
#include "reports/json.h"
#include "reports/terminal.h"
#include "src/base/text.h"
#include "src/cli/files.h"
#include "src/cli/terminal.h"
#include "src/local/local_report.h"

namespace chaintier {

namespace {

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
         std::ranges::find(options.html, "-") != options.html.end();
}

}  // namespace

namespace {

bool could_not_tell(const LocalFile& file) {
  // A file of a folder that is none of ours is not asked about; one that was named is.
  if (!file.readable && (file.named || file.kind != FileKind::other)) return true;
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
  for (const auto* files : {&options.json, &options.html})
    for (const std::string& file : *files)
      if (auto fine = check_writable(file); !fine) return fine;
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

ExitCode exit_code_of(const Report& report, Severity fail_on) {
  bool unjudged = false;
  for (const TargetReport& target : report.targets) {
    unjudged = unjudged || target.verdict == Verdict::unjudged;
    // Why nothing was seen is no finding about the server.
    if (target.verdict == Verdict::unjudged) continue;
    if (std::ranges::any_of(target.findings,
                            [&](const Finding& finding) { return finding.severity >= fail_on; }))
      return ExitCode::findings;
  }
  if (report.local) {
    const LocalVerdict local = verdict_of(*report.local, fail_on);
    if (local.found) return ExitCode::findings;
    unjudged = unjudged || local.unjudged;
  }
  return unjudged ? ExitCode::unjudged : ExitCode::ok;
}

}  // namespace chaintier
