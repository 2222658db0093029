#include "reports/csv.h"

#include <sstream>

#include <doctest/doctest.h>

#include "src/base/text.h"
#include "tests/support/sample_report.h"

namespace chaintier {

namespace {

using Rows = std::vector<std::vector<std::string>>;

std::string written(const Report& report) {
  std::ostringstream out;
  write_csv(report, out);
  return out.str();
}

// RFC 4180, strictly: anything else fails the test.
Rows parsed(std::string_view text) {
  REQUIRE(text.starts_with("\xEF\xBB\xBF"));
  text.remove_prefix(3);
  Rows rows;
  std::vector<std::string> row;
  std::size_t at = 0;
  while (at < text.size()) {
    std::string cell;
    if (text[at] == '"') {
      for (++at;; ++at) {
        REQUIRE(at < text.size());
        if (text[at] != '"') {
          cell += text[at];
        } else if (text.substr(at).starts_with("\"\"")) {
          cell += '"';
          ++at;
        } else {
          ++at;
          break;
        }
      }
    } else {
      while (at < text.size() && text[at] != ',' && text[at] != '\r') {
        REQUIRE(text[at] != '"');
        REQUIRE(text[at] != '\n');
        cell += text[at++];
      }
    }
    row.push_back(std::move(cell));
    REQUIRE(at < text.size());
    if (text[at] == ',') {
      ++at;
      continue;
    }
    REQUIRE(text.substr(at).starts_with("\r\n"));
    at += 2;
    rows.push_back(std::move(row));
    row.clear();
  }
  return rows;
}

std::size_t column(const Rows& rows, std::string_view name) {
  for (std::size_t i = 0; i < rows.front().size(); ++i)
    if (rows.front()[i] == name) return i;
  FAIL("no column " << name);
  return 0;
}

}  // namespace

TEST_CASE("CSV: a row a finding, one for a target without any, all of one length") {
  for (const Language language : {Language::zh_tw, Language::en}) {
    const Report report = sample_report(language);
    const Rows rows = parsed(written(report));
    std::size_t wanted = 1;
    for (const TargetReport& target : report.targets)
      wanted += std::max<std::size_t>(1, target.findings.size());
    REQUIRE(rows.size() == wanted);
    for (const auto& row : rows) CHECK(row.size() == rows.front().size());
    CHECK(rows[1][column(rows, "target")] == "www.example.com.tw");
    CHECK(rows[1][column(rows, "code")] == "chain.cross_missing");
    CHECK(rows[1][column(rows, "severity")] == "error");
    CHECK(rows[1][column(rows, "verdict")] == "error");
    CHECK(rows[1][column(rows, "port")] == "443");
    CHECK(rows[1][column(rows, "not_after")] == "2027-03-07T15:59:59Z");
    CHECK(rows[1][column(rows, "days_left")] == "167");
    CHECK(rows[1][column(rows, "client_refusals")] == "apple jdk-17 jdk-8u251");
    CHECK(rows[1][column(rows, "fix")].starts_with("1. "));
    const auto& last = rows.back();  // the line that is no target
    CHECK(last[column(rows, "code")].empty());
    CHECK(last[column(rows, "verdict")] == "unjudged");
    CHECK(last[column(rows, "port")].empty());
    CHECK(last[column(rows, "why")].find("a host name was expected") != std::string::npos);
  }
}

TEST_CASE("CSV: no cell is a formula, and none holds a control character but line feeds") {
  Report report = sample_report(Language::en);
  TargetReport target = report.targets[3];
  for (const char* start : {"=1+2", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1",
                            "＠1", "=cmd|' /C calc'!A0", "=HYPERLINK(\"http://evil.example\",\"x\")"}) {
    target.observation.target.text = target.observation.target.tag = target.observation.target.shown_host =
        start;
    report.targets.push_back(target);
  }
  const std::string text = written(report);
  const Rows rows = parsed(text);
  CHECK(rows.back()[0].starts_with("'=HYPERLINK"));
  for (std::size_t i = 1; i < rows.size(); ++i)
    for (std::size_t j = 0; j < rows[i].size(); ++j) {
      const std::string& cell = rows[i][j];
      if (cell.empty() || j == column(rows, "days_left")) continue;
      INFO(cell.substr(0, 40));
      CHECK(std::string_view("=+-@\t\r\n").find(cell.front()) == std::string_view::npos);
      for (const char* wide : {"＝", "＋", "－", "＠"}) CHECK_FALSE(cell.starts_with(wide));
      CHECK(cell.size() < 32767);  // what Excel takes
    }
  for (const char c : text) CHECK_FALSE((static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r'));
  CHECK(valid_utf8(text) == text);
}

}  // namespace chaintier
