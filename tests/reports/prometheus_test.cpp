#include "reports/prometheus.h"

#include <map>
#include <set>
#include <sstream>

#include <doctest/doctest.h>

#include "src/base/text.h"
#include "tests/support/sample_report.h"

namespace chaintier {

namespace {

std::string written(const Report& report) {
  std::ostringstream out;
  write_prometheus(report, out);
  return out.str();
}

struct Series {
  std::string name;
  std::map<std::string, std::string> labels;
  double value = 0;
  friend bool operator<(const Series& a, const Series& b) {
    return std::tie(a.name, a.labels) < std::tie(b.name, b.labels);
  }
};

bool is_name(std::string_view text) {
  return !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string_view::npos;
}

// The text exposition format 0.0.4, read strictly.
std::set<Series> parsed(std::string_view text) {
  std::set<Series> all;
  std::set<std::string, std::less<>> typed, helped;
  std::string current;
  REQUIRE(text.ends_with('\n'));
  text.remove_suffix(1);
  for (std::string_view line : split(text, '\n')) {
    INFO(std::string(line));
    if (line.starts_with("# HELP ")) {
      line.remove_prefix(7);
      current = std::string(line.substr(0, line.find(' ')));
      CHECK(is_name(current));
      CHECK(helped.insert(current).second);
      continue;
    }
    if (line.starts_with("# TYPE ")) {
      CHECK(line == "# TYPE " + current + " gauge");
      CHECK(typed.insert(current).second);
      continue;
    }
    Series series;
    std::size_t at = line.find_first_of("{ ");
    REQUIRE(at != std::string_view::npos);
    series.name = std::string(line.substr(0, at));
    CHECK(series.name == current);  // all of one metric stand together, behind HELP and TYPE
    CHECK(typed.contains(series.name));
    if (line[at] == '{') {
      for (++at; line.at(at) != '}';) {
        const std::size_t equals = line.find("=\"", at);
        REQUIRE(equals != std::string_view::npos);
        const std::string key(line.substr(at, equals - at));
        CHECK(is_name(key));
        std::string value;
        for (at = equals + 2; line.at(at) != '"'; ++at) {
          if (line[at] == '\\') {
            ++at;
            REQUIRE(std::string_view("\\\"n").find(line.at(at)) != std::string_view::npos);
            value += line[at] == 'n' ? '\n' : line[at];
          } else {
            value += line[at];
          }
        }
        CHECK(series.labels.emplace(key, value).second);
        ++at;
        if (line.at(at) == ',') ++at;
      }
      ++at;
    }
    REQUIRE(line.at(at) == ' ');
    std::size_t used = 0;
    const std::string number(line.substr(at + 1));
    series.value = std::stod(number, &used);
    CHECK(used == number.size());  // no timestamp: node_exporter refuses them
    CHECK(all.insert(series).second);
  }
  return all;
}

double value_of(const std::set<Series>& all, const std::string& name,
                std::map<std::string, std::string> labels) {
  const auto found = all.find({name, std::move(labels), 0});
  REQUIRE(found != all.end());
  return found->value;
}

}  // namespace

TEST_CASE("Prometheus: a strict reader takes every line, and the numbers are those of the report") {
  const auto all = parsed(written(sample_report(Language::zh_tw)));
  const std::string www = "www.example.com.tw";
  CHECK(value_of(all, "chaintier_target_verdict", {{"target", www}, {"tag", ""}}) == 3);
  CHECK(value_of(all, "chaintier_target_verdict", {{"target", "smtp://gone.example.com.tw"}, {"tag", ""}}) ==
        -1);
  CHECK(value_of(all, "chaintier_targets", {{"verdict", "error"}}) == 2);
  CHECK(value_of(all, "chaintier_targets", {{"verdict", "ok"}}) == 0);
  CHECK(value_of(all, "chaintier_bad_targets", {}) == 1);
  CHECK(value_of(all, "chaintier_targets_with_finding",
                 {{"code", "chain.cross_missing"}, {"severity", "error"}}) == 1);
  CHECK(value_of(all, "chaintier_target_findings",
                 {{"target", www}, {"code", "balance.stale"}, {"severity", "error"}}) == 1);
  CHECK(value_of(all, "chaintier_client_verdict",
                 {{"target", www}, {"client", "apple"}, {"verdict", "untrusted"}}) == 1);
  CHECK(value_of(all, "chaintier_client_verdict",
                 {{"target", www}, {"client", "firefox"}, {"verdict", "trusted-by-aia"}}) == 1);
  CHECK(value_of(all, "chaintier_chain_not_after_timestamp_seconds", {{"target", www}}) == 1791647999);
  CHECK(value_of(all, "chaintier_judged_timestamp_seconds", {}) == 1789979400);
  CHECK(value_of(all, "chaintier_handshake_seconds",
                 {{"target", www}, {"address", "203.0.113.10:443"}, {"role", "edge"}}) ==
        doctest::Approx(0.041));
}

TEST_CASE("Prometheus: hostile labels are escaped, a target that comes twice is written once") {
  Report report = sample_report(Language::en);
  report.targets[0].observation.target.text = "a\\b\"c\nd";
  report.targets.push_back(report.targets[0]);
  report.targets.back().verdict = Verdict::ok;
  const auto all = parsed(written(report));
  std::size_t seen = 0;
  for (const Series& series : all)
    if (series.name == "chaintier_target_verdict" && series.labels.at("target").starts_with("a\\b\"c")) {
      ++seen;
      CHECK(series.value == 0);  // the later one
    }
  CHECK(seen == 1);
}

}  // namespace chaintier
