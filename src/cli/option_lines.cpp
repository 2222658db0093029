#include "src/cli/option_lines.h"

#include <CLI/CLI.hpp>

#include "reports/formats.h"

namespace chaintier {

namespace {

void add_language(CLI::App& app, Raw& raw) {
  app.add_option("--lang", raw.language, "language of texts: zh-TW or en (from the environment, else zh-TW)");
}

void add_colour(CLI::App& app, OutputOptions& output) {
  app.add_option("--colour", output.colour, "auto, always or never (auto; NO_COLOR is respected)");
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
  add_language(app, raw);
  app.add_option("--fail-on", raw.fail_on, "what makes exit code 1: note, warning or error (error)");
  add_colour(app, output);
  app.add_option("--progress", output.progress, "auto, always or never (auto: not with --quiet)");
  app.add_flag("--quiet", output.quiet, "one line a target");
}

void add_reports(CLI::App& app, Raw& raw, OutputOptions& output) {
  for (const ReportFormat& format : report_formats()) add_format(app, format, output);
  app.add_flag("--redact", raw.redact, "replace internal names and addresses in every report");
  app.add_flag("--nagios", output.nagios, "one plugin line instead, and exit code 0, 1, 2 or 3");
}

// One after the other as they are done is for targets only.
void add_local_output(CLI::App& app, Raw& raw, OutputOptions& output) {
  add_reports(app, raw, output);
  add_presentation(app, raw, output);
}

void add_output(CLI::App& app, Raw& raw, OutputOptions& output) {
  add_reports(app, raw, output);
  app.add_option("--jsonl", output.jsonl,
                 "one line of JSON a target, as soon as it is done; - is standard output")
      ->allow_extra_args(false)
      ->type_name("FILE");
  add_presentation(app, raw, output);
}

void add_catalogue_folder(CLI::App& app, JudgeOptions& judge) {
  app.add_option("--catalogue", judge.catalogue, "the folder that the runs were given")->type_name("DIR");
}

}  // namespace

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
  app.add_option("--rate", raw.rate, "new connections a second, at least 0.001 (no limit)");
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

void add_diagnose(CLI::App& app, Raw& raw, DiagnoseCommand& command) {
  app.add_option("FILE", command.files, "what \"scan --save\" wrote")->required();
  add_expect(app, command.judge);
  add_judge(app, raw, command.judge);
  add_output(app, raw, command.output);
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
  add_language(app, raw);
  app.add_option(
      "--fail-on", raw.fail_on,
      "exit code 1 when a finding of this severity or above is new: note, warning or error (error)");
  add_colour(app, output);
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

void add_fix(CLI::App& app, Raw& raw, FixCommand& command) {
  app.add_option("--leaf", command.leaf, "the site's certificate: PEM, DER or PKCS#7")
      ->type_name("FILE")
      ->required();
  app.add_option("--out", command.out, "folder for the files; nothing in it is overwritten")
      ->type_name("DIR")
      ->required();
  app.add_option("--catalogue", command.judge.catalogue,
                 "folder of another CA's certificates instead of TWCA's")
      ->type_name("DIR");
  app.add_option("--time", raw.at, "choose the chain as of then (now)")->type_name("RFC3339");
  add_language(app, raw);
}

void add_catalogue(CLI::App& app, Raw& raw, CatalogueCommand& command) {
  app.add_option("SLUG", command.slug, "one entry in full");
  app.add_option("--catalogue", command.folder, "another folder of CA certificates")->type_name("DIR");
  add_language(app, raw);
}

void add_explain(CLI::App& app, Raw& raw, ExplainCommand& command) {
  app.add_option("CODE|SECTION", command.topic, "chain.cross_missing, 5.4.10 ... (none: list them)");
  add_language(app, raw);
}

void add_demo(CLI::App& app, Raw& raw, DemoCommand& command) {
  app.add_option("--time", raw.at, "make and judge the fleet's certificates as of then (now)")
      ->type_name("RFC3339");
  add_output(app, raw, command.output);
}

}  // namespace chaintier
