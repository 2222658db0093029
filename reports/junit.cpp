#include "reports/junit.h"

#include <algorithm>

#include <fmt/format.h>

#include "reports/view.h"
#include "src/base/text.h"

namespace chaintier {

namespace {

enum class State { passed, failed, error, skipped };

constexpr std::size_t attribute_columns = 1000;

// printable() leaves no control character but the line feeds put in here; of the characters that XML 1.0
// (2.2) forbids, U+FFFE and U+FFFF remain.
std::string xml(std::string_view safe) {
  std::string result;
  for (std::size_t at = 0; at < safe.size(); ++at) {
    const std::string_view rest = safe.substr(at);
    if (rest.starts_with("\xEF\xBF\xBE") || rest.starts_with("\xEF\xBF\xBF")) {
      result += "\xEF\xBF\xBD";
      at += 2;
      continue;
    }
    switch (safe[at]) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result += safe[at];
    }
  }
  return result;
}

std::string attribute(std::string_view raw) { return xml(shorten(printable(raw), attribute_columns)); }

State state_of(const TargetReport& target, Severity fail_on) {
  if (target.verdict == Verdict::unjudged) return not_started(target) ? State::skipped : State::error;
  const bool failed = std::ranges::any_of(
      target.findings, [&](const Finding& finding) { return finding.severity >= fail_on; });
  return failed ? State::failed : State::passed;
}

double seconds_of(const TargetReport& target) {
  std::int64_t sum = 0;
  for (const EndpointSeen& endpoint : target.observation.endpoints)
    for (const Sample& sample : endpoint.samples)
      for (const auto& stage :
           {sample.ms.resolve, sample.ms.connect, sample.ms.starttls, sample.ms.handshake})
        if (stage) sum += stage->count();
  return static_cast<double>(sum) / 1000;
}

std::string body(const Report& report, const TargetReport& target) {
  std::string text;
  const auto line = [&](std::string_view indent, std::string_view raw) {
    text += std::string(indent) + printable(raw) + "\n";
  };
  if (target.bad_target) line("", target.bad_target->error.detail);
  if (is_local(target))
    if (const Error* why = failure_of(target.observation.endpoints.front())) line("", why->detail);
  for (const Finding& finding : target.findings) {
    const FindingText words = texts_of(report, target, finding);
    line("", fmt::format("[{}] {}: {}", id(finding.severity), id(finding.code), words.title));
    line("  ", words.why);
    for (std::size_t i = 0; i < words.fix.size(); ++i) line("  ", fmt::format("{}. {}", i + 1, words.fix[i]));
  }
  return text;
}

// "chaintier" and the target's tag, which Jenkins shows as package and class.
std::string class_name(const TargetReport& target) {
  const std::string& tag = target.observation.target.tag;
  return tag.empty() ? "chaintier" : "chaintier." + tag;
}

void write_case(const Report& report, const TargetReport& target, State state, std::ostream& out) {
  out << fmt::format("    <testcase classname=\"{}\" name=\"{}\" time=\"{:.3f}\">",
                     attribute(class_name(target)), attribute(target.observation.target.text),
                     seconds_of(target));
  const std::string headline = attribute(headline_text(report, target));
  const std::string type = target.headline           ? std::string(id(*target.headline))
                           : target.findings.empty() ? std::string(id(target.verdict))
                                                     : std::string(id(target.findings.front().code));
  const std::string text = xml(body(report, target));
  switch (state) {
    case State::failed:
      out << fmt::format("\n      <failure type=\"{}\" message=\"{}\">{}</failure>\n    ", type, headline,
                         text);
      break;
    case State::error:
      out << fmt::format("\n      <error type=\"{}\" message=\"{}\">{}</error>\n    ", type, headline, text);
      break;
    case State::skipped:
      out << fmt::format("\n      <skipped message=\"{}\"/>\n    ", headline);
      break;
    case State::passed:
      if (!text.empty()) out << "\n      <system-out>" << text << "</system-out>\n    ";
  }
  out << "</testcase>\n";
}

}  // namespace

void write_junit(const Report& report, Severity fail_on, std::ostream& out) {
  std::size_t failed = 0, errors = 0, skipped = 0;
  double seconds = 0;
  for (const TargetReport& target : report.targets) {
    const State state = state_of(target, fail_on);
    failed += state == State::failed;
    errors += state == State::error;
    skipped += state == State::skipped;
    seconds += seconds_of(target);
  }
  // Without a zone, as the schemas of JUnit and its readers want it; it is UTC.
  const std::string timestamp = format_rfc3339(report.judged_at).substr(0, 19);
  const std::string numbers = fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"{:.3f}\"",
                                          report.targets.size(), failed, errors, seconds);
  out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      << fmt::format("<testsuites name=\"{}\" {}>\n", attribute(report.tool_name), numbers)
      << fmt::format("  <testsuite name=\"{}\" {} skipped=\"{}\" timestamp=\"{}\">\n",
                     attribute(report.tool_name), numbers, skipped, timestamp)
      << "    <properties>\n"
      << fmt::format("      <property name=\"version\" value=\"{}\"/>\n", attribute(report.tool_version))
      << fmt::format("      <property name=\"catalogue_date\" value=\"{}\"/>\n",
                     attribute(report.catalogue_date))
      << "    </properties>\n";
  for (const TargetReport& target : report.targets)
    write_case(report, target, state_of(target, fail_on), out);
  out << "  </testsuite>\n</testsuites>\n";
}

}  // namespace chaintier
