#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "reports/view.h"
#include "src/base/host_name.h"

namespace chaintier {

namespace {

std::string shell_word(std::string_view argument) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/@,+=%";
  if (!argument.empty() && argument.find_first_not_of(plain) == std::string_view::npos)
    return std::string(argument);
  std::string result = "'";
  for (const char c : argument) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

// What `inspect` does not have.
constexpr std::array only_of_scan{"--origin",         "--resolve",          "--dns",
                                  "--samples",        "--also-without-sni", "--key-types",
                                  "--address-family", "--no-aia",           "--aia-allow-private"};

bool is_file(const TargetReport& target) {
  const auto& endpoints = target.observation.endpoints;
  return !endpoints.empty() && endpoints.front().role == EndpointRole::file;
}

// Others have nothing to do with this target.
bool concerns(const GivenOption& given, const TargetReport& target) {
  if (is_file(target)) return std::ranges::find(only_of_scan, given.option) == only_of_scan.end();
  if (given.option != "--resolve") return true;
  const Target& asked = target.observation.target;
  if (asked.connect_to || asked.host_address || !given.value) return false;
  const auto name = to_ascii_host(std::string_view(*given.value).substr(0, given.value->find('=')));
  return name && *name == asked.host;
}

std::string option_words(std::string_view option, const std::string& value) {
  return fmt::format(" {}{}{}", option, value.starts_with('-') ? "=" : " ", shell_word(value));
}

// The options that follow the target; but one of them, which is in the text already.
std::string given_options(const Report& report, const TargetReport& target, std::string_view but) {
  std::string words;
  if (report.expect_path && but != "--expect") words += option_words("--expect", *report.expect_path);
  if (report.catalogue_path) words += option_words("--catalogue", *report.catalogue_path);
  for (const GivenOption& given : report.options) {
    if (given.option == but || !concerns(given, target)) continue;
    words += given.value ? option_words(given.option, *given.value) : " " + given.option;
  }
  return words;
}

}  // namespace

std::string check_again_start(const TargetReport& target) {
  const Observation& seen = target.observation;
  std::string command =
      (is_file(target) ? "chaintier inspect --served " : "chaintier scan ") + shell_word(seen.target.text);
  if (is_file(target) && seen.name_checked && !seen.target.host.empty())
    command += " --host " + shell_word(seen.target.host);
  return command;
}

std::string check_again(const Report& report, const TargetReport& target) {
  return check_again_start(target) + given_options(report, target, {});
}

void put_command(std::string& text, const Report& report, const TargetReport& target) {
  const std::string general = "chaintier scan " + Texts::of(report.language).word("label.host_placeholder");
  constexpr std::string_view example = " --expect cert.zip";
  for (std::size_t at = 0; (at = text.find(general, at)) != std::string::npos;) {
    text.erase(at, general.size());
    std::string_view after = std::string_view(text).substr(at);
    if (report.expect_path && after.starts_with(example)) {
      text.erase(at, example.size());
      after = std::string_view(text).substr(at);
    }
    std::string command = check_again_start(target);
    if (after.starts_with(" --"))
      command += given_options(report, target, after.substr(1, after.find(' ', 1) - 1));
    else if (!after.starts_with('@'))  // else an address follows that has to be filled in
      command += given_options(report, target, {});
    text.insert(at, command);
    at += command.size();
  }
}

}  // namespace chaintier
