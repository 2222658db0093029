// Writing, reading and writing again gives the same octets, as a whole report and line by line.
#pragma once

#include <sstream>
#include <string>

#include <doctest/doctest.h>

#include "reports/html.h"
#include "reports/json.h"
#include "reports/json_reader.h"
#include "reports/terminal.h"

namespace chaintier {

inline std::string json_of_report(const Report& report) {
  std::ostringstream out;
  write_json(report, out);
  return out.str();
}
inline std::string line_of_target(const Report& report, const TargetReport& target) {
  std::ostringstream out;
  write_target_json(report, target, out);
  return out.str();
}
// Everything that a person reads.
inline std::string shown(const Report& report) {
  std::ostringstream out;
  write_html(report, out);
  write_terminal(report, TerminalOptions{}, out);
  return out.str();
}

// Empty when they are the same; else where they part.
inline std::string difference(const std::string& one, const std::string& other) {
  if (one == other) return {};
  std::size_t at = 0;
  while (at < one.size() && at < other.size() && one[at] == other[at]) ++at;
  const std::size_t from = at < 80 ? 0 : at - 80;
  return one.substr(from, 200) + "\n  differs from\n" + other.substr(from, 200);
}

inline void check_round_trip(const Report& report) {
  ReportReader reader(report.catalogue);
  const std::string whole = json_of_report(report);
  Report back;
  const auto read = reader.read(whole, [&](const ReportHead& head, TargetReport target) {
    std::vector<TargetReport> before = std::move(back.targets);
    back = *head;
    back.targets = std::move(before);
    back.targets.push_back(std::move(target));
  });
  REQUIRE_MESSAGE(read.has_value(), read.error().detail);
  CHECK(difference(json_of_report(back), whole) == "");
  CHECK(difference(shown(back), shown(report)) == "");

  // A reader with another catalogue makes up for it from what the report says.
  ReportReader stranger(std::make_shared<const Catalogue>(Catalogue::twca()));
  back.targets.clear();
  REQUIRE(stranger
              .read(whole, [&](const ReportHead&,
                               TargetReport target) { back.targets.push_back(std::move(target)); })
              .has_value());
  back.catalogue = stranger.catalogue();
  CHECK(difference(json_of_report(back), whole) == "");

  for (const TargetReport& target : report.targets) {
    const std::string line = line_of_target(report, target);
    std::string again;
    const auto one = reader.read(
        line, [&](const ReportHead& head, TargetReport same) { again = line_of_target(*head, same); });
    REQUIRE_MESSAGE(one.has_value(), one.error().detail);
    CHECK(difference(again, line) == "");
  }
}

}  // namespace chaintier
