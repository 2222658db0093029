#include "reports/junit.h"

#include <sstream>

#include <doctest/doctest.h>

#include "src/base/text.h"
#include "tests/support/sample_report.h"

namespace chaintier {

namespace {

std::string written(const Report& report, Severity fail_on) {
  std::ostringstream out;
  write_junit(report, fail_on, out);
  return out.str();
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t number = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string_view::npos; ++at) ++number;
  return number;
}

}  // namespace

TEST_CASE("JUnit: failures follow --fail-on, what could not be judged is an error") {
  const Report report = sample_report(Language::en);
  for (const auto& [fail_on, failures] : {std::pair{Severity::error, "2"}, std::pair{Severity::note, "3"}}) {
    const std::string xml = written(report, fail_on);
    CHECK(xml.find(std::string("tests=\"5\" failures=\"") + failures + "\" errors=\"2\"") !=
          std::string::npos);
    CHECK(count(xml, "<testcase ") == 5);
    CHECK(std::to_string(count(xml, "<failure ")) == failures);
    CHECK(count(xml, "<error ") == 2);
  }
  CHECK(written(report, Severity::error).find("type=\"chain.cross_missing\"") != std::string::npos);
}

TEST_CASE("JUnit: what was not started is skipped") {
  Report report = sample_report(Language::en);
  report.targets = {report.targets[3]};
  for (EndpointSeen& endpoint : report.targets[0].observation.endpoints)
    for (Sample& sample : endpoint.samples) sample.outcome = Outcome::not_started;
  const std::string xml = written(report, Severity::error);
  CHECK(xml.find("skipped=\"1\"") != std::string::npos);
  CHECK(count(xml, "<skipped ") == 1);
  report.targets[0].findings.clear();
  report.targets[0].headline.reset();
  CHECK(written(report, Severity::error).find("<skipped message=\"Not started") != std::string::npos);
}

TEST_CASE("JUnit: hostile text is text") {
  Report report = sample_report(Language::zh_tw);
  report.targets[0].observation.target.text = "]]>\xEF\xBF\xBE\xEF\xBF\xBF" + hostile;
  const std::string xml = written(report, Severity::note);
  CHECK(xml.find("<script") == std::string::npos);
  CHECK(xml.find("]]>") == std::string::npos);
  CHECK(xml.find("\xEF\xBF\xBE") == std::string::npos);
  CHECK(xml.find("\xEF\xBF\xBF") == std::string::npos);
  for (const char c : xml) CHECK_FALSE((static_cast<unsigned char>(c) < 0x20 && c != '\n'));
  CHECK(valid_utf8(xml) == xml);
}

}  // namespace chaintier
