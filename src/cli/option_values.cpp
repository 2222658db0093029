#include "src/cli/option_values.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "src/base/host_name.h"
#include "src/base/text.h"
#include "src/local/server_config.h"

namespace chaintier {

namespace {

constexpr std::array severities{Severity::note, Severity::warning, Severity::error};

std::string option_text(std::string_view option, std::string_view value, std::string_view wanted) {
  return fmt::format("{} {}: {}", option, value.empty() ? "\"\"" : printable(value), wanted);
}

Milliseconds seconds_of(std::string_view option, double seconds) {
  if (!(seconds >= 0.001 && seconds <= 86'400))
    throw UsageError{fmt::format("{} {}: give seconds between 0.001 and 86400", option, seconds)};
  return Milliseconds(static_cast<std::int64_t>(seconds * 1000 + 0.5));
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

// Options that a later check needs too.
class Given {
 public:
  explicit Given(std::vector<GivenOption>& given) : given_(given) {}
  void value(std::string option, const std::optional<std::string>& value) {
    if (value) given_.push_back({std::move(option), *value});
  }
  void values(const std::string& option, const std::vector<std::string>& values) {
    for (const std::string& one : values) value(option, one);
  }
  void flag(std::string option, bool set) {
    if (set) given_.push_back({std::move(option), std::nullopt});
  }

 private:
  std::vector<GivenOption>& given_;
};

// Unless it is what counts without it.
std::optional<std::string> unless(std::string_view usual, const std::string& value) {
  return value == usual ? std::nullopt : std::optional(value);
}

// How names become addresses: --resolve and --dns.
void read_names(const Raw& raw, ScanOptions& scan, std::vector<GivenOption>& all) {
  Given given(all);
  given.values("--resolve", raw.resolve);
  given.value("--dns", raw.dns);
  read_resolve(raw.resolve, scan);
  if (raw.dns) {
    const auto [address, port] = address_and_port("--dns", *raw.dns);
    scan.dns = {address, port.value_or(53)};
  }
}

}  // namespace

Language language_of_option(const Raw& raw) {
  if (!raw.language) return language_from_environment();
  if (const auto language = language_of(*raw.language)) return *language;
  throw UsageError{option_text("--lang", *raw.language, "give zh-TW or en")};
}

std::optional<Time> time_of_option(const Raw& raw) {
  if (!raw.at) return std::nullopt;
  const auto at = parse_rfc3339(*raw.at);
  if (!at) throw UsageError{option_text("--time", *raw.at, "write it as 2026-09-21T00:00:00Z")};
  return *at;
}

void read_judge(const Raw& raw, JudgeOptions& judge) {
  judge.at = time_of_option(raw);
  if (raw.clients && trimmed(*raw.clients).empty())
    throw UsageError{option_text("--clients", *raw.clients, "give client ids, with commas between")};
  if (raw.clients)
    for (const std::string_view id : split(*raw.clients, ',')) judge.clients.emplace_back(trimmed(id));
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
  Given given(judge.given);
  given.value("--clients", raw.clients);
  given.values("--client", raw.client);
  given.value("--trust", judge.trust);
  given.values("--without-root", judge.without_roots);
  given.value("--time", raw.at);
  given.value("--pool", judge.pool);
  given.value("--purpose", unless("server", raw.purpose));
}

void read_output(const Raw& raw, OutputOptions& output) {
  output.language = language_of_option(raw);
  const auto severity = std::ranges::find(severities, raw.fail_on, [](Severity one) { return id(one); });
  if (severity == severities.end())
    throw UsageError{option_text("--fail-on", raw.fail_on, "give note, warning or error")};
  output.fail_on = *severity;
  for (const auto& [option, value] :
       {std::pair{"--colour", output.colour}, std::pair{"--progress", output.progress}})
    if (value != "auto" && value != "always" && value != "never")
      throw UsageError{option_text(option, value, "give auto, always or never")};
  output.asked = raw.arguments;
  if (raw.redact) output.redactor = std::make_shared<Redactor>();
  output.language_given = raw.language.has_value();
  const std::ptrdiff_t standard = std::ranges::count(output.places(), "-") + (output.nagios ? 1 : 0);
  if (standard > 1)
    throw UsageError{output.nagios
                         ? "--nagios writes its line to standard output (-): give every report a file name"
                         : "only one report can go to standard output (-): give the others a file name"};
}

void read_scan(const Raw& raw, ScanCommand& command) {
  if (raw.redact && command.resume)
    throw UsageError{"--resume goes by the names that --redact takes out: give one of them"};
  if (raw.shard) command.shard = shard_of(*raw.shard);
  ScanOptions& scan = command.scan;
  scan.connect_timeout = seconds_of("--connect-timeout", raw.connect_timeout);
  scan.handshake_timeout = seconds_of("--handshake-timeout", raw.handshake_timeout);
  scan.target_timeout = seconds_of("--target-timeout", raw.target_timeout);
  if (raw.rate && !(*raw.rate >= 0.001 && *raw.rate <= 1e6))
    throw UsageError{
        fmt::format("--rate {}: give connections a second between 0.001 and 1000000", *raw.rate)};
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
  read_names(raw, scan, command.given);
  if (raw.origin) {
    const auto [address, port] = address_and_port("--origin", *raw.origin);
    scan.origin = ScanOptions::Origin{address, port};
  }
  Given given(command.given);
  given.value("--origin", raw.origin);
  if (command.samples) given.value("--samples", std::to_string(*command.samples));
  given.flag("--also-without-sni", scan.also_without_sni);
  given.value("--key-types", unless("any", raw.key_types));
  given.value("--address-family", unless("any", raw.family));
  given.flag("--no-aia", raw.no_aia);
  given.flag("--aia-allow-private", command.aia_allow_private);
}

void read_local(const Raw& raw, LocalCommand& command) {
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
  read_names(raw, command.scan, command.given);
  for (const std::string& text : command.against)
    if (const auto target = parse_target(text); !target) throw UsageError{target.error().detail};
  if (command.paths.empty() && command.servers.empty() && !command.store)
    throw UsageError{
        "nothing to look at: give a PATH, for example \"chaintier local /etc/ssl/private server.cer\", or "
        "--server nginx, or --store"};
}

}  // namespace chaintier
