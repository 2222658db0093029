#include "reports/sarif.h"

#include <boost/json.hpp>
#include <set>
#include <sstream>

#include <doctest/doctest.h>

#include "tests/support/sample_report.h"

namespace chaintier {

namespace json = boost::json;

namespace {

json::value written(const Report& report) {
  std::ostringstream out;
  write_sarif(report, out);
  return json::parse(out.str());
}

std::set<std::string> fingerprints(const json::value& sarif) {
  std::set<std::string> result;
  for (const json::value& one : sarif.at("runs").at(0).at("results").as_array())
    result.emplace(one.at("partialFingerprints").at("chaintierFinding/v1").as_string());
  return result;
}

}  // namespace

TEST_CASE("SARIF: every finding is a result of a rule that is there") {
  for (const Language language : {Language::zh_tw, Language::en}) {
    const Report report = sample_report(language);
    const json::value sarif = written(report);
    CHECK(sarif.at("version") == "2.1.0");
    const json::value& run = sarif.at("runs").at(0);
    const json::array& rules = run.at("tool").at("driver").at("rules").as_array();
    const json::array& results = run.at("results").as_array();
    const json::array& artifacts = run.at("artifacts").as_array();
    CHECK(artifacts.size() == report.targets.size());
    std::size_t findings = 0, open = 0;
    for (const TargetReport& target : report.targets) findings += target.findings.size();
    REQUIRE(results.size() == findings);
    for (const json::value& result : results) {
      const json::value& rule = rules.at(result.at("ruleIndex").to_number<std::size_t>());
      CHECK(rule.at("id") == result.at("ruleId"));
      CHECK(rule.at("help").at("text").as_string().size() > 100);
      CHECK_FALSE(rule.at("shortDescription").at("text").as_string().empty());
      const json::value& place = result.at("locations").at(0).at("physicalLocation").at("artifactLocation");
      CHECK(artifacts.at(place.at("index").to_number<std::size_t>()).at("location").at("uri") ==
            place.at("uri"));
      // 3.27.10: a level other than "none" belongs to kind "fail" alone.
      CHECK((result.at("kind") == "fail") == (result.at("level") != "none"));
      open += result.at("kind") == "open";
    }
    CHECK(open == 1);  // the target that nothing was captured from
    CHECK(run.at("invocations").at(0).at("executionSuccessful") == false);
    CHECK(run.at("invocations").at(0).at("toolExecutionNotifications").as_array().size() == 1);
    CHECK(run.at("language").as_string() == std::string(id(language)));
  }
}

TEST_CASE(
    "SARIF: fingerprints are all different, and depend on neither language, date, order nor certificate") {
  const Report report = sample_report(Language::en);
  const auto fingers = fingerprints(written(report));
  CHECK(fingers.size() == written(report).at("runs").at(0).at("results").as_array().size());
  Report other = sample_report(Language::zh_tw);
  other.judged_at += std::chrono::hours(24);
  std::reverse(other.targets.begin(), other.targets.end());
  for (TargetReport& target : other.targets)
    for (Finding& finding : target.findings) finding.where.clear();
  CHECK(fingerprints(written(other)) == fingers);
  other.targets.front().observation.target.port = 8443;
  other.targets.back().observation.target.port = 8443;
  CHECK(fingerprints(written(other)) != fingers);
}

}  // namespace chaintier
