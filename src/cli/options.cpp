#include "src/cli/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "reports/formats.h"
#include "src/base/host_name.h"
#include "src/base/text.h"
#include "src/local/server_config.h"

namespace chaintier {

namespace {

// Options of the contract that this version does not have: named, never silently taken.
constexpr std::array unavailable_options{"--aia", "--revocation", "--page"};

struct UsageError {
  std::string detail;
};

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

// Values as typed; turned into the command after CLI11 has taken the line apart.
struct Raw {
  std::string language, fail_on = "error", at, clients, key_types = "any", family = "any", purpose = "server";
  std::vector<std::string> client, resolve, server, arguments;
  std::string dns, origin, shard;
  double connect_timeout = 5, handshake_timeout = 8, target_timeout = 30;
  std::optional<double> rate;
  bool no_aia = false, redact = false;
};

std::string option_text(std::string_view option, std::string_view value, std::string_view wanted) {
  return fmt::format("{} {}: {}", option, printable(value), wanted);
}

Language language_of_option(const Raw& raw) {
  if (raw.language.empty()) return language_from_environment();
  if (const auto language = language_of(raw.language)) return *language;
  throw UsageError{option_text("--lang", raw.language, "give zh-TW or en")};
}

Milliseconds seconds_of(std::string_view option, double seconds) {
  if (!(seconds > 0 && seconds <= 86'400))
    throw UsageError{fmt::format("{} {}: give seconds between 0.001 and 86400", option, seconds)};
  return Milliseconds(std::max<std::int64_t>(1, static_cast<std::int64_t>(seconds * 1000)));
}

// "ADDR", "ADDR:PORT", "[v6]:PORT"
std::pair<IpAddress, std::optional<std::uint16_t>> address_and_port(std::string_view option,
                                                                    std::string_view text) {
  std::string_view host = text;
  std::optional<std::uint16_t> port;
  const auto wrong = [&] {
    return UsageError{option_text(option, text, "give an IP address, or ADDRESS:PORT, or [v6]:PORT")};
  };
  std::string_view digits;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) throw wrong();
    host = text.substr(1, end - 1);
    digits = text.substr(end + 1);
    if (!digits.empty() && !digits.starts_with(':')) throw wrong();
    if (!digits.empty()) digits.remove_prefix(1);
  } else if (std::ranges::count(text, ':') == 1) {
    host = text.substr(0, text.find(':'));
    digits = text.substr(text.find(':') + 1);
    if (digits.empty()) throw wrong();
  }
  if (!digits.empty()) {
    const bool number =
        digits.size() <= 5 && std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
    const long value = number ? std::stol(std::string(digits)) : 0;
    if (value < 1 || value > 65535) throw wrong();
    port = static_cast<std::uint16_t>(value);
  }
  const auto address = IpAddress::parse(host);
  if (!address) throw wrong();
  return {*address, port};
}

void read_resolve(const std::vector<std::string>& values, ScanOptions& scan) {
  for (const std::string& value : values) {
    const std::size_t equals = value.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == value.size())
      throw UsageError{option_text("--resolve", value, "write NAME=ADDRESS[,ADDRESS...]")};
    const auto name = to_ascii_host(std::string_view(value).substr(0, equals));
    if (!name) throw UsageError{option_text("--resolve", value, name.error().detail)};
    for (const std::string_view text : split(std::string_view(value).substr(equals + 1), ',')) {
      const auto address = IpAddress::parse(trimmed(text));
      if (!address)
        throw UsageError{
            option_text("--resolve", value, fmt::format("\"{}\" is no IP address", printable(text)))};
      scan.resolve[*name].push_back(*address);
    }
  }
}

void read_judge(const Raw& raw, JudgeOptions& judge) {
  if (!raw.at.empty()) {
    judge.at = parse_rfc3339(raw.at);
    if (!judge.at) throw UsageError{option_text("--time", raw.at, "write it as 2026-09-21T00:00:00Z")};
  }
  if (!raw.clients.empty())
    for (const std::string_view id : split(raw.clients, ',')) judge.clients.emplace_back(trimmed(id));
  for (const std::string& value : raw.client) {
    const std::size_t equals = value.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == value.size())
      throw UsageError{
          option_text("--client", value, "write NAME=FILE, FILE holding the trust anchors in PEM")};
    judge.given_clients.emplace_back(value.substr(0, equals), value.substr(equals + 1));
  }
  if (raw.purpose != "server" && raw.purpose != "any")
    throw UsageError{option_text("--purpose", raw.purpose, "give server or any")};
  judge.for_server = raw.purpose == "server";
}

void read_output(const Raw& raw, OutputOptions& output) {
  output.language = language_of_option(raw);
  if (raw.fail_on == "note")
    output.fail_on = Severity::note;
  else if (raw.fail_on == "warning")
    output.fail_on = Severity::warning;
  else if (raw.fail_on == "error")
    output.fail_on = Severity::error;
  else
    throw UsageError{option_text("--fail-on", raw.fail_on, "give note, warning or error")};
  for (const auto& [option, value] :
       {std::pair{"--colour", output.colour}, std::pair{"--progress", output.progress}})
    if (value != "auto" && value != "always" && value != "never")
      throw UsageError{option_text(option, value, "give auto, always or never")};
  output.asked = raw.arguments;
  if (raw.redact) output.redactor = std::make_shared<Redactor>();
  output.language_given = !raw.language.empty();
  std::vector<std::string> all = output.jsonl;
  for (const auto& [option, files] : output.files) all.insert(all.end(), files.begin(), files.end());
  const std::ptrdiff_t standard = std::ranges::count(all, "-") + (output.nagios ? 1 : 0);
  std::ranges::sort(all);
  if (const auto twice = std::ranges::adjacent_find(all); twice != all.end() && *twice != "-")
    throw UsageError{
        fmt::format("two reports would be written to {}: give each a file of its own", printable(*twice))};
  if (standard > 1)
    throw UsageError{output.nagios
                         ? "--nagios writes its line to standard output (-): give every report a file name"
                         : "only one report can go to standard output (-): give the others a file name"};
}

// "I/N" with 1 <= I <= N.
Shard shard_of(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto number = [](std::string_view digits) -> std::size_t {
    if (digits.empty() || digits.size() > 6) return 0;
    std::size_t value = 0;
    for (const char c : digits) {
      if (c < '0' || c > '9') return 0;
      value = value * 10 + static_cast<std::size_t>(c - '0');
    }
    return value;
  };
  Shard shard{0, 0};
  if (slash != std::string_view::npos)
    shard = {number(text.substr(0, slash)), number(text.substr(slash + 1))};
  if (shard.number == 0 || shard.number > shard.of)
    throw UsageError{option_text(
        "--shard", text, "write I/N, for example 2/5 for the second of five shares; the first is 1/5")};
  return shard;
}

void read_scan(const Raw& raw, ScanCommand& command) {
  if (raw.redact && command.resume)
    throw UsageError{"--resume goes by the names that --redact takes out: give one of them"};
  if (!raw.shard.empty()) command.shard = shard_of(raw.shard);
  ScanOptions& scan = command.scan;
  scan.connect_timeout = seconds_of("--connect-timeout", raw.connect_timeout);
  scan.handshake_timeout = seconds_of("--handshake-timeout", raw.handshake_timeout);
  scan.target_timeout = seconds_of("--target-timeout", raw.target_timeout);
  if (raw.rate && !(*raw.rate > 0 && *raw.rate <= 1e6))
    throw UsageError{"--rate: give connections a second, more than 0"};
  scan.rate = raw.rate;
  if (raw.family == "4")
    scan.family = AddressFamily::v4;
  else if (raw.family == "6")
    scan.family = AddressFamily::v6;
  else if (raw.family != "any")
    throw UsageError{option_text("--address-family", raw.family, "give any, 4 or 6")};
  if (raw.key_types != "any") {
    scan.key_types.clear();
    for (const std::string_view type : split(raw.key_types, ',')) {
      if (trimmed(type) == "rsa")
        scan.key_types.push_back(KeyType::rsa);
      else if (trimmed(type) == "ecdsa")
        scan.key_types.push_back(KeyType::ecdsa);
      else
        throw UsageError{option_text("--key-types", raw.key_types, "give any, or rsa,ecdsa")};
    }
  }
  command.fetch_issuers = !raw.no_aia;
  read_resolve(raw.resolve, scan);
  if (!raw.dns.empty()) {
    const auto [address, port] = address_and_port("--dns", raw.dns);
    scan.dns = {address, port.value_or(53)};
  }
  if (!raw.origin.empty()) {
    const auto [address, port] = address_and_port("--origin", raw.origin);
    scan.origin = ScanOptions::Origin{address, port};
  }
}

void add_expect(CLI::App& app, JudgeOptions& judge) {
  app.add_option("--expect", judge.expect,
                 "compare with what was issued: cert.zip, a folder, PEM, DER or PKCS#7")
      ->type_name("PATH");
}

void add_judge(CLI::App& app, Raw& raw, JudgeOptions& judge) {
  app.add_option("--catalogue", judge.catalogue, "folder of another CA's certificates instead of TWCA's")
      ->type_name("DIR");
  app.add_option("--clients", raw.clients, "client ids to judge, with commas between (all)")
      ->type_name("LIST");
  app.add_option("--client", raw.client, "a further client with exactly these trust anchors; repeatable")
      ->allow_extra_args(false)
      ->type_name("NAME=FILE");
  app.add_option("--trust", judge.trust, "judge the client \"custom\" with these anchors, and no other")
      ->type_name("FILE");
  app.add_option("--without-root", judge.without_roots, "judge as if that root were gone; repeatable")
      ->allow_extra_args(false)
      ->type_name("SLUG|SHA256");
  app.add_option("--time", raw.at, "judge as of then (now)")->type_name("RFC3339");
  app.add_flag("--no-aia", raw.no_aia,
               "do not fetch missing issuers over the network (only scan does; what the data says AIA would "
               "deliver is still used)");
}

void add_format(CLI::App& app, const ReportFormat& format, OutputOptions& output) {
  app.add_option(std::string(format.option), output.files[std::string(format.option)],
                 std::string(format.help))
      ->allow_extra_args(false)
      ->type_name("FILE");
}

void add_presentation(CLI::App& app, Raw& raw, OutputOptions& output) {
  app.add_option("--lang", raw.language, "language of texts: zh-TW or en (from the environment, else zh-TW)");
  app.add_option("--fail-on", raw.fail_on, "what makes exit code 1: note, warning or error (error)");
  app.add_option("--colour", output.colour, "auto, always or never (auto)");
  app.add_option("--progress", output.progress, "auto, always or never (auto)");
  app.add_flag("--quiet", output.quiet, "one line a target");
}

// The formats that have a place for files, servers and stores.
void add_local_output(CLI::App& app, Raw& raw, OutputOptions& output) {
  for (const ReportFormat& format : report_formats())
    if (format.option == "--json" || format.option == "--html") add_format(app, format, output);
  add_presentation(app, raw, output);
}

void add_output(CLI::App& app, Raw& raw, OutputOptions& output) {
  for (const ReportFormat& format : report_formats()) add_format(app, format, output);
  app.add_flag("--redact", raw.redact, "replace internal names and addresses in every report");
  app.add_flag("--nagios", output.nagios, "one plugin line instead, and exit code 0, 1, 2 or 3");
  app.add_option("--jsonl", output.jsonl,
                 "one line of JSON a target, as soon as it is done; - is standard output")
      ->allow_extra_args(false)
      ->type_name("FILE");
  add_presentation(app, raw, output);
}

void add_scan(CLI::App& app, Raw& raw, ScanCommand& command) {
  app.add_option("TARGET", command.targets,
                 "host, host:port, [v6]:port, https://host/path, smtp://host, name@address[:port]");
  app.add_option("--targets", command.targets_file,
                 "one TARGET a line, # comments, an optional ,tag; - is standard input")
      ->type_name("FILE");
  add_expect(app, command.judge);
  app.add_option("--origin", raw.origin, "also ask the server behind the load balancer")
      ->type_name("ADDRESS[:PORT]");
  app.add_option("--resolve", raw.resolve, "use these addresses for a name; repeatable")
      ->allow_extra_args(false)
      ->type_name("NAME=ADDR[,ADDR...]");
  app.add_option("--dns", raw.dns, "ask this name server")->type_name("ADDR[:PORT]");
  app.add_option("--samples", command.samples,
                 "fresh handshakes per address (1; with --expect or a single target 5)")
      ->check(CLI::Range(1, 10'000));
  app.add_flag("--also-without-sni", command.scan.also_without_sni,
               "one further capture per address without SNI");
  app.add_option("--key-types", raw.key_types, "any, or rsa,ecdsa for one capture each (any)");
  app.add_option("--address-family", raw.family, "any, 4 or 6 (any)");
  app.add_option("--concurrency", command.scan.concurrency, "in flight (200)")->check(CLI::Range(1, 100'000));
  app.add_option("--per-address", command.scan.per_address, "in flight to one address and port (2)")
      ->check(CLI::Range(1, 10'000));
  app.add_option("--rate", raw.rate, "new connections a second (no limit)");
  app.add_option("--connect-timeout", raw.connect_timeout, "seconds (5)");
  app.add_option("--handshake-timeout", raw.handshake_timeout, "seconds (8)");
  app.add_option("--target-timeout", raw.target_timeout, "seconds (30)");
  app.add_flag("--aia-allow-private", command.aia_allow_private,
               "fetch missing issuers from private, loopback and other special addresses too");
  app.add_option(
         "--shard", raw.shard,
         "scan only this machine's share: I from 1 to N; host, port, protocol and address of a target "
         "decide in which one share it is, not its line")
      ->type_name("I/N");
  app.add_option(
         "--resume", command.resume,
         "what --jsonl of an interrupted run wrote: targets done there are not asked again; give the same "
         "file to --jsonl to have it completed")
      ->type_name("FILE");
  app.add_option("--save", command.save, "keep what was seen, for \"chaintier diagnose\"")->type_name("FILE");
  add_judge(app, raw, command.judge);
  add_output(app, raw, command.output);
}

void add_inspect(CLI::App& app, Raw& raw, InspectCommand& command) {
  app.add_option("--served", command.served, "the chain as served: PEM, DER or PKCS#7, leaf first")
      ->type_name("FILE")
      ->required();
  add_expect(app, command.judge);
  app.add_option("--host", command.host, "name to check (none: no name check)")->type_name("NAME");
  app.add_option("--pool", command.judge.pool, "further certificates that every client may use")
      ->type_name("FILE");
  app.add_option("--purpose", raw.purpose, "server, or any: extended key usage is not asked (server)");
  add_judge(app, raw, command.judge);
  add_output(app, raw, command.output);
}

void add_catalogue_folder(CLI::App& app, JudgeOptions& judge) {
  app.add_option("--catalogue", judge.catalogue, "the folder that the runs were given")->type_name("DIR");
}

void add_merge(CLI::App& app, Raw& raw, MergeCommand& command) {
  app.add_option("FILE", command.files,
                 "what --json or --jsonl wrote; of a target in several, the later counts")
      ->required();
  add_catalogue_folder(app, command.judge);
  add_output(app, raw, command.output);
}

void add_diff(CLI::App& app, Raw& raw, DiffCommand& command) {
  app.add_option("OLD", command.before, "what --json or --jsonl of the earlier run wrote")->required();
  app.add_option("NEW", command.after, "the same of the later run")->required();
  add_catalogue_folder(app, command.judge);
  OutputOptions& output = command.output;
  app.add_option("--json", output.files["--json"], "write the comparison there as JSON; - is standard output")
      ->allow_extra_args(false)
      ->type_name("FILE");
  app.add_option("--lang", raw.language, "language of texts: zh-TW or en (from the environment, else zh-TW)");
  app.add_option(
      "--fail-on", raw.fail_on,
      "exit code 1 when a finding of this severity or above is new: note, warning or error (error)");
  app.add_option("--colour", output.colour, "auto, always or never (auto; NO_COLOR is respected)");
  app.add_flag("--quiet", output.quiet, "one line a change, without its title");
}

void add_local(CLI::App& app, Raw& raw, LocalCommand& command) {
  app.add_option("PATH", command.paths,
                 "files and folders: keys, certificates, CSRs, PFX, JKS, cert.zip; told by their content");
  app.add_option("--password-file", command.password_file,
                 "one password a line, an empty line is the empty one; each is tried on each file. Besides, "
                 "the variable CHAINTIER_PASSWORD")
      ->type_name("FILE");
  app.add_option("--server", raw.server,
                 "server configurations: nginx, apache, haproxy, tomcat, lighttpd, stunnel, postfix, dovecot "
                 "(in their usual place, or at PATH), or all; repeatable")
      ->allow_extra_args(false)
      ->type_name("KIND[=PATH]");
  app.add_option("--against", command.against,
                 "compare what is installed here with what this public address serves; repeatable")
      ->allow_extra_args(false)
      ->type_name("TARGET");
  app.add_flag("--store", command.store, "this machine's trust stores: the system's and Java's");
  app.add_option("--resolve", raw.resolve, "for --against: use these addresses for a name; repeatable")
      ->allow_extra_args(false)
      ->type_name("NAME=ADDR[,ADDR...]");
  app.add_option("--dns", raw.dns, "for --against: ask this name server")->type_name("ADDR[:PORT]");
  add_judge(app, raw, command.judge);
  add_local_output(app, raw, command.output);
}

void read_local_options(const Raw& raw, LocalCommand& command) {
  const auto& kinds = server_kinds();
  for (const std::string& text : raw.server) {
    const std::size_t equals = text.find('=');
    const std::string kind = text.substr(0, equals);
    std::optional<std::string> path;
    if (equals != std::string::npos) path = text.substr(equals + 1);
    const bool every = kind == "all" && !path;
    if ((!every && std::ranges::find(kinds, kind) == kinds.end()) || (path && path->empty()))
      throw UsageError{option_text("--server", text,
                                   fmt::format("give KIND or KIND=PATH; kinds are {}, or all without a path",
                                               fmt::join(kinds, ", ")))};
    if (every)
      for (const std::string& one : kinds) command.servers.emplace_back(one, std::nullopt);
    else
      command.servers.emplace_back(kind, path);
  }
  command.all_servers = std::ranges::find(raw.server, "all") != raw.server.end();
  read_resolve(raw.resolve, command.scan);
  if (!raw.dns.empty()) {
    const auto [address, port] = address_and_port("--dns", raw.dns);
    command.scan.dns = {address, port.value_or(53)};
  }
  for (const std::string& text : command.against)
    if (const auto target = parse_target(text); !target) throw UsageError{target.error().detail};
  if (command.paths.empty() && command.servers.empty() && !command.store)
    throw UsageError{
        "nothing to look at: give a PATH, for example \"chaintier local /etc/ssl/private server.cer\", or "
        "--server nginx, or --store"};
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
  CLI::App& scan_app = *app.add_subcommand("scan", "connect, capture, judge, report");
  add_scan(scan_app, raw, scan);
  CLI::App& inspect_app = *app.add_subcommand("inspect", "the same judgement on a saved chain, no network");
  add_inspect(inspect_app, raw, inspect);
  CLI::App& diagnose_app = *app.add_subcommand(
      "diagnose", "judge saved observations again, with newer data or as of another date");
  diagnose_app.add_option("FILE", diagnose.files, "what \"scan --save\" wrote")->required();
  add_expect(diagnose_app, diagnose.judge);
  add_judge(diagnose_app, raw, diagnose.judge);
  add_output(diagnose_app, raw, diagnose.output);
  CLI::App& merge_app = *app.add_subcommand("merge", "join the reports of several runs into one");
  add_merge(merge_app, raw, merge);
  CLI::App& diff_app =
      *app.add_subcommand("diff", "what is new, fixed, changed, gone from one report to another");
  add_diff(diff_app, raw, diff);
  CLI::App& local_app = *app.add_subcommand(
      "local", "this side: keys, certificates, CSRs, PFX, JKS, cert.zip, and whether they belong together");
  add_local(local_app, raw, local);
  CLI::App& fix_app = *app.add_subcommand("fix", "write the right chain files for a leaf certificate");
  fix_app.add_option("--leaf", fix.leaf, "the site's certificate: PEM, DER or PKCS#7")
      ->type_name("FILE")
      ->required();
  fix_app.add_option("--out", fix.out, "folder for the files; nothing in it is overwritten")
      ->type_name("DIR")
      ->required();
  fix_app
      .add_option("--catalogue", fix.judge.catalogue, "folder of another CA's certificates instead of TWCA's")
      ->type_name("DIR");
  fix_app.add_option("--time", raw.at, "choose the chain as of then (now)")->type_name("RFC3339");
  fix_app.add_option("--lang", raw.language, "zh-TW or en");
  CLI::App& catalogue_app =
      *app.add_subcommand("catalogue", "the known CA certificates and which clients trust them");
  catalogue_app.add_option("SLUG", catalogue.slug, "one entry in full");
  catalogue_app.add_option("--catalogue", catalogue.folder, "another folder of CA certificates")
      ->type_name("DIR");
  catalogue_app.add_option("--lang", raw.language, "zh-TW or en");
  CLI::App& explain_app = *app.add_subcommand("explain", "one finding or one manual section, in full");
  explain_app.add_option("CODE|SECTION", explain.topic, "chain.cross_missing, 5.4.10 ... (none: list them)");
  explain_app.add_option("--lang", raw.language, "zh-TW or en");
  CLI::App& demo_app =
      *app.add_subcommand("demo", "start the practice fleet on loopback, scan it, write its report");
  add_output(demo_app, raw, demo.output);

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
    read_local_options(raw, local);
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
  read_output(raw, demo.output);
  return Command{std::move(demo)};
}

ExitCode refuse(std::string_view detail) {
  fmt::print(stderr, "chaintier: {}\n", detail);
  return ExitCode::usage;
}

}  // namespace

std::variant<Command, ExitCode> parse_options(const std::vector<std::string>& arguments) {
  if (const auto missing = not_available(arguments)) return refuse(*missing);
  if (const auto unknown = unknown_command(arguments)) return refuse(*unknown);
  try {
    return parse(arguments);
  } catch (const CLI::ParseError& error) {
    return refuse(fmt::format("{} (chaintier --help lists commands and options)", printable(error.what())));
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
