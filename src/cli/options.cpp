#include "src/cli/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "src/base/text.h"
#include "src/cli/option_lines.h"
#include "src/cli/option_values.h"

namespace chaintier {

std::vector<std::string> OutputOptions::places() const {
  std::vector<std::string> all = jsonl;
  for (const auto& [option, named] : files) all.insert(all.end(), named.begin(), named.end());
  return all;
}

namespace {

// Options of the contract that this version does not have: named, never silently taken.
constexpr std::array unavailable_options{"--revocation", "--page"};

constexpr std::array commands{"scan",  "inspect", "diagnose",  "merge",   "diff",
                              "local", "fix",     "catalogue", "explain", "demo"};

std::optional<std::string> unknown_command(const std::vector<std::string>& arguments) {
  const std::string listed = fmt::format("{}", fmt::join(commands, ", "));
  if (arguments.empty()) return "say what to do: " + listed + " (chaintier --help tells more)";
  const std::string& first = arguments.front();
  if (first.starts_with('-') || std::ranges::find(commands, first) != commands.end()) return std::nullopt;
  return fmt::format("there is no command \"{}\"; there are {}", printable(first), listed);
}

std::optional<std::string> not_available(const std::vector<std::string>& arguments) {
  for (const std::string& argument : arguments) {
    const std::string name = argument.substr(0, argument.find('='));
    if (std::ranges::find(unavailable_options, name) != unavailable_options.end())
      return fmt::format("the option {} is not available yet in this version", name);
  }
  return std::nullopt;
}

std::variant<Command, ExitCode> parse(const std::vector<std::string>& arguments) {
  CLI::App app{"chaintier tells why an HTTPS certificate chain is wrong, and how to mend it."};
  app.name("chaintier");
  app.require_subcommand(1);
  app.set_version_flag("--version", "chaintier " CHAINTIER_VERSION);

  Raw raw;
  raw.arguments = arguments;
  ScanCommand scan;
  InspectCommand inspect;
  DiagnoseCommand diagnose;
  MergeCommand merge;
  DiffCommand diff;
  LocalCommand local;
  FixCommand fix;
  CatalogueCommand catalogue;
  ExplainCommand explain;
  DemoCommand demo;
  // The subcommand, filled by `add`; `raw` and the command are what the line says after parsing.
  const auto command = [&](const char* name, const char* what, auto add, auto& filled) -> CLI::App& {
    CLI::App& one = *app.add_subcommand(name, what);
    add(one, raw, filled);
    return one;
  };
  const CLI::App& scan_app = command("scan", "connect, capture, judge, report", add_scan, scan);
  const CLI::App& inspect_app =
      command("inspect", "the same judgement on a saved chain, no network", add_inspect, inspect);
  const CLI::App& diagnose_app =
      command("diagnose", "judge saved observations again, with newer data or as of another date",
              add_diagnose, diagnose);
  const CLI::App& merge_app = command("merge", "join the reports of several runs into one", add_merge, merge);
  const CLI::App& diff_app =
      command("diff", "what is new, fixed, changed, gone from one report to another", add_diff, diff);
  const CLI::App& local_app = command(
      "local", "this side: keys, certificates, CSRs, PFX, JKS, cert.zip, and whether they belong together",
      add_local, local);
  const CLI::App& fix_app =
      command("fix", "write the right chain files for a leaf certificate", add_fix, fix);
  const CLI::App& catalogue_app = command(
      "catalogue", "the known CA certificates and which clients trust them", add_catalogue, catalogue);
  const CLI::App& explain_app =
      command("explain", "one finding or one manual section, in full", add_explain, explain);
  command("demo", "start the practice fleet on loopback, scan it, write its report", add_demo, demo);

  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  try {
    app.parse(reversed);
  } catch (const CLI::Success& help) {  // --help and --version
    app.exit(help);
    return ExitCode::ok;
  }
  if (scan_app.parsed()) {
    read_judge(raw, scan.judge);
    read_output(raw, scan.output);
    read_scan(raw, scan);
    if (scan.targets.empty() && !scan.targets_file)
      throw UsageError{
          "nothing to scan: give a TARGET, for example \"chaintier scan www.example.com.tw\", or --targets "
          "FILE"};
    return Command{std::move(scan)};
  }
  if (inspect_app.parsed()) {
    read_judge(raw, inspect.judge);
    read_output(raw, inspect.output);
    return Command{std::move(inspect)};
  }
  if (diagnose_app.parsed()) {
    read_judge(raw, diagnose.judge);
    read_output(raw, diagnose.output);
    return Command{std::move(diagnose)};
  }
  if (merge_app.parsed()) {
    read_output(raw, merge.output);
    return Command{std::move(merge)};
  }
  if (diff_app.parsed()) {
    read_output(raw, diff.output);
    return Command{std::move(diff)};
  }
  if (local_app.parsed()) {
    read_judge(raw, local.judge);
    read_output(raw, local.output);
    read_local(raw, local);
    return Command{std::move(local)};
  }
  if (fix_app.parsed()) {
    read_judge(raw, fix.judge);
    fix.language = language_of_option(raw);
    return Command{std::move(fix)};
  }
  if (catalogue_app.parsed()) {
    catalogue.language = language_of_option(raw);
    return Command{std::move(catalogue)};
  }
  if (explain_app.parsed()) {
    explain.language = language_of_option(raw);
    return Command{std::move(explain)};
  }
  if (demo.output.nagios) throw UsageError{"--nagios belongs to scan, inspect and diagnose"};
  demo.at = time_of_option(raw);
  read_output(raw, demo.output);
  return Command{std::move(demo)};
}

ExitCode refuse(std::string_view detail) {
  fmt::print(stderr, "chaintier: {}\n", detail);
  return ExitCode::usage;
}

// CLI11's messages, where they speak of its insides.
std::string in_words(std::string message) {
  constexpr std::string_view conversion = "Could not convert: ", equals = " = ";
  constexpr std::string_view once = ": At Most 1 required but received ";
  if (message.starts_with(conversion)) {
    const auto at = message.find(equals);
    if (at == std::string::npos) return message;
    return fmt::format("{} {}: that is no number", message.substr(conversion.size(), at - conversion.size()),
                       message.substr(at + equals.size()));
  }
  if (const auto at = message.find(once); at != std::string::npos)
    return fmt::format("{} is given {} times: give it once", message.substr(0, at),
                       message.substr(at + once.size()));
  return message;
}

}  // namespace

std::variant<Command, ExitCode> parse_options(const std::vector<std::string>& arguments) {
  if (const auto missing = not_available(arguments)) return refuse(*missing);
  if (const auto unknown = unknown_command(arguments)) return refuse(*unknown);
  try {
    return parse(arguments);
  } catch (const CLI::ParseError& error) {
    return refuse(
        fmt::format("{} (chaintier --help lists commands and options)", printable(in_words(error.what()))));
  } catch (const UsageError& error) {
    return refuse(error.detail);
  }
}

Language language_from_environment() {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* value = std::getenv(name);
    if (!value || !*value) continue;
    const std::string tag = lower_ascii(value);
    if (tag.starts_with("zh")) return Language::zh_tw;
    if (tag.starts_with("en")) return Language::en;
    break;
  }
  return Language::zh_tw;
}

}  // namespace chaintier
