// What the user typed, as values. Nothing here is checked against files or the network.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "probes/scan.h"
#include "src/base/result.h"
#include "src/base/time.h"
#include "src/cli/exit_code.h"
#include "src/findings/codes.h"
#include "src/observe/share.h"
#include "src/report/redact.h"
#include "src/report/report.h"

namespace chaintier {

// Where reports go; "-" is standard output.
struct OutputOptions {
  std::map<std::string, std::vector<std::string>, std::less<>>
      files;                           // by option, "--json": reports/formats.h
  std::vector<std::string> jsonl;      // likewise, written as targets are done
  bool nagios = false;                 // one plugin line instead of the terminal report
  std::shared_ptr<Redactor> redactor;  // with --redact: the tokens of this run, in every report the same
  std::vector<std::string> asked;      // the command line, without the program's name
  bool language_given = false;         // by --lang
  Language language = Language::zh_tw;
  Severity fail_on = Severity::error;
  bool quiet = false;
  std::string colour = "auto";    // auto, always, never
  std::string progress = "auto";  // likewise

  std::vector<std::string> places() const;  // of all reports, files and "-"
};

// What the judgement rests on.
struct JudgeOptions {
  std::optional<std::string> catalogue;                            // --catalogue DIR
  std::vector<std::string> clients;                                // --clients; empty = all
  std::vector<std::pair<std::string, std::string>> given_clients;  // --client NAME=FILE
  std::optional<std::string> trust;                                // --trust FILE
  std::vector<std::string> without_roots;                          // slugs or SHA-256
  std::optional<Time> at;
  std::optional<std::string> pool;
  std::optional<std::string> expect;  // --expect PATH
  bool for_server = true;
  std::vector<GivenOption> given;  // those that change what is judged, but --expect and --catalogue
};

struct ScanCommand {
  std::vector<std::string> targets;
  std::optional<std::string> targets_file;
  std::optional<int> samples;
  std::optional<std::string> save;
  std::vector<GivenOption> given;  // those that change what is asked: part of Report::options
  bool fetch_issuers = true;       // not with --no-aia
  bool aia_allow_private = false;  // --aia-allow-private
  std::optional<Shard> shard;
  std::optional<std::string> resume;
  ScanOptions scan;
  JudgeOptions judge;
  OutputOptions output;
};

struct InspectCommand {
  std::string served;
  std::optional<std::string> host;
  JudgeOptions judge;
  OutputOptions output;
};

struct DiagnoseCommand {
  std::vector<std::string> files;
  JudgeOptions judge;
  OutputOptions output;
};

struct MergeCommand {
  std::vector<std::string> files;
  JudgeOptions judge;  // the catalogue alone: nothing is judged
  OutputOptions output;
};

struct DiffCommand {
  std::string before, after;
  JudgeOptions judge;    // likewise
  OutputOptions output;  // no report but --json
};

struct LocalCommand {
  std::vector<std::string> paths;
  std::optional<std::string> password_file;
  // Kind and path; without a path where the kind has its configuration usually.
  std::vector<std::pair<std::string, std::optional<std::string>>> servers;
  bool all_servers = false;          // those that are not installed are left out in silence
  std::vector<std::string> against;  // targets
  bool store = false;
  ScanOptions scan;                // for `against`
  std::vector<GivenOption> given;  // as with ScanCommand
  JudgeOptions judge;
  OutputOptions output;
};

struct FixCommand {
  std::string leaf, out;
  JudgeOptions judge;
  Language language = Language::zh_tw;
};

struct CatalogueCommand {
  std::optional<std::string> slug;
  std::optional<std::string> folder;
  Language language = Language::zh_tw;
};

struct ExplainCommand {
  std::string topic;  // empty: list them
  Language language = Language::zh_tw;
};

struct DemoCommand {
  std::optional<Time> at;  // the fleet's certificates are made for then, and judged as of then
  OutputOptions output;
};

using Command = std::variant<ScanCommand, InspectCommand, DiagnoseCommand, MergeCommand, DiffCommand,
                             LocalCommand, FixCommand, CatalogueCommand, ExplainCommand, DemoCommand>;

// Either a command, or an exit code when there is nothing to run: help, version, or wrong usage (then one
// sentence was written to standard error).
std::variant<Command, ExitCode> parse_options(const std::vector<std::string>& arguments);

// From --lang's environment: LC_ALL, LC_MESSAGES, LANG; zh-TW when they do not say.
Language language_from_environment();

}  // namespace chaintier
