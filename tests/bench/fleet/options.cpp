#include "tests/bench/fleet/options.h"

#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

namespace chaintier::bench {
namespace {

constexpr std::size_t most_targets = 200'000;
constexpr std::array<std::pair<std::string_view, Fault>, 12> fault_names{{
    {"delay", Fault::delay},
    {"stall", Fault::stall},
    {"reset", Fault::reset},
    {"close", Fault::close},
    {"halfway", Fault::halfway},
    {"drip", Fault::drip},
    {"alert", Fault::alert},
    {"http", Fault::http},
    {"alternate", Fault::alternate},
    {"leaf-only", Fault::leaf_only},
    {"blackhole", Fault::blackhole},
    {"refuse", Fault::refuse},
}};

template <class Number>
Number number(std::string_view text, Number least, Number most) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < least || value > most)
    throw UsageError(fmt::format("'{}' is not a number from {} to {}", text, least, most));
  return value;
}

// "a:b" becomes a and b; without the mark the second part is nothing.
std::pair<std::string_view, std::optional<std::string_view>> cut(std::string_view text, char mark) {
  const auto at = text.find(mark);
  if (at == std::string_view::npos) return {text, std::nullopt};
  return {text.substr(0, at), text.substr(at + 1)};
}

FaultRule read_fault(std::string_view text) {
  const auto [name, rest] = cut(text, ':');
  for (const auto& [known, kind] : fault_names) {
    if (known != name) continue;
    FaultRule rule{kind, 1, 2000, std::string(name)};
    if (!rest) return rule;
    const auto [every, argument] = cut(*rest, ':');
    rule.every = number<std::size_t>(every, 1, most_targets);
    if (argument) rule.argument = number(*argument, 0, 3'600'000);
    return rule;
  }
  throw UsageError(fmt::format("there is no fault '{}'", name));
}

std::uint32_t read_address(std::string_view text) {
  std::uint32_t address = 0;
  std::optional<std::string_view> rest = text;
  for (int part = 0; part < 4; ++part) {
    if (!rest) throw UsageError(fmt::format("'{}' is not an IPv4 address", text));
    const auto [first, next] = cut(*rest, '.');
    address = address << 8 | number<std::uint32_t>(first, 0, 255);
    rest = next;
  }
  if (rest) throw UsageError(fmt::format("'{}' is not an IPv4 address", text));
  if (address >> 24 != 127)
    throw UsageError(fmt::format("only addresses of 127.0.0.0/8 may be listened on, not {}", text));
  return address;
}

struct Range {
  std::uint32_t first_address = 0, last_address = 0;
  std::uint16_t first_port = 0, last_port = 0;
};

// A[-B]:P[-Q]
Range read_range(std::string_view text) {
  const auto [addresses, ports] = cut(text, ':');
  if (!ports) throw UsageError(fmt::format("--listen wants ADDRESS:PORT, not '{}'", text));
  const auto [first_address, last_address] = cut(addresses, '-');
  const auto [first_port, last_port] = cut(*ports, '-');
  Range range;
  range.first_address = read_address(first_address);
  range.last_address = read_address(last_address.value_or(first_address));
  range.first_port = number<std::uint16_t>(first_port, 1024, 65535);
  range.last_port = number<std::uint16_t>(last_port.value_or(first_port), 1024, 65535);
  if (range.last_address < range.first_address || range.last_port < range.first_port)
    throw UsageError(fmt::format("the range '{}' ends before it begins", text));
  return range;
}

std::vector<FleetTarget> make_targets(const std::vector<Range>& ranges, const std::vector<FaultRule>& rules) {
  std::vector<FleetTarget> targets;
  for (const Range& range : ranges) {
    for (std::uint32_t address = range.first_address; address <= range.last_address; ++address) {
      for (std::uint32_t port = range.first_port; port <= range.last_port; ++port) {
        FleetTarget target{address, static_cast<std::uint16_t>(port), targets.size(), std::nullopt};
        for (const FaultRule& rule : rules)
          if (!target.fault && target.index % rule.every == rule.every - 1) target.fault = rule;
        targets.push_back(std::move(target));
        if (targets.size() > most_targets)
          throw UsageError(fmt::format("more than {} targets", most_targets));
      }
    }
  }
  return targets;
}

}  // namespace

std::string dotted(std::uint32_t address) {
  return fmt::format("{}.{}.{}.{}", address >> 24, address >> 16 & 255, address >> 8 & 255, address & 255);
}

std::string host_name(std::size_t index, std::string_view profile) {
  return fmt::format("h{:05}.{}.fleet.test", index, profile);
}

FleetOptions read_fleet_options(const std::vector<std::string_view>& arguments) {
  FleetOptions options;
  std::vector<Range> ranges;
  std::vector<FaultRule> rules;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view option = arguments[i];
    const auto value = [&] {
      if (++i == arguments.size()) throw UsageError(fmt::format("{} needs a value", option));
      return arguments[i];
    };
    if (option == "--certificates")
      options.certificates = value();
    else if (option == "--profile")
      options.profile = value();
    else if (option == "--listen")
      ranges.push_back(read_range(value()));
    else if (option == "--fault")
      rules.push_back(read_fault(value()));
    else if (option == "--leaves")
      options.leaves = number<std::size_t>(value(), 1, most_targets);
    else if (option == "--tls12")
      options.only_version = 12;
    else if (option == "--tls13")
      options.only_version = 13;
    else if (option == "--tickets")
      options.tickets = number<std::size_t>(value(), 0, 16);
    else if (option == "--staples")
      options.staples = true;
    else if (option == "--root-too")
      options.root_too = true;
    else if (option == "--max-seconds")
      options.max_seconds = number(value(), 1, 1'000'000);
    else if (option == "--targets")
      options.targets_file = value();
    else
      throw UsageError(fmt::format("there is no option '{}'", option));
  }
  if (ranges.empty()) throw UsageError("--listen ADDRESS[-ADDRESS]:PORT[-PORT] is missing");
  options.targets = make_targets(ranges, rules);
  if (options.leaves == 0) options.leaves = options.targets.size();
  return options;
}

std::string_view fleet_usage() {
  return R"(usage: tls_fleet --certificates FOLDER --listen A[-B]:P[-Q] [OPTIONS]
Serves TLS on loopback, one target for each address and port, until it is told to stop.

  --certificates FOLDER  what fleet_certificates wrote
  --profile P            rsa4, rsa3, ec4, ec3 ... (ec4)
  --listen A[-B]:P[-Q]   every address from A to B on every port from P to Q; may be repeated
  --leaves N             leaf certificates to load (as many as there are targets)
  --tls12, --tls13       only this version
  --tickets N            session tickets after each handshake of TLS 1.3 (0)
  --staples              answer status_request
  --root-too             send the root as well
  --max-seconds N        end by itself (3600)
  --targets FILE         write "host address port fault" for each target, then serve
  --fault KIND:EVERY[:ARG]  every EVERYth target has it; the first rule that fits counts. Kinds: delay (ARG ms),
                         stall, reset, close, halfway, drip (an octet each ARG ms), alert, http, alternate,
                         leaf-only, blackhole, refuse
)";
}

}  // namespace chaintier::bench
