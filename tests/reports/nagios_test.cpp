#include "reports/nagios.h"

#include <sstream>

#include <doctest/doctest.h>

#include "src/base/text.h"
#include "tests/support/sample_report.h"

namespace chaintier {

namespace {

std::string written(const Report& report) {
  std::ostringstream out;
  write_nagios(report, out);
  return out.str();
}

Report only(std::size_t index, Language language = Language::en) {
  Report report = sample_report(language);
  report.targets = {report.targets.at(index)};
  return report;
}

}  // namespace

TEST_CASE("plugin: one line, one bar, states and exit codes of the guidelines") {
  CHECK(plugin_state(only(0)) == PluginState::critical);
  CHECK(plugin_state(only(1)) == PluginState::ok);
  CHECK(plugin_state(only(3)) == PluginState::unknown);
  CHECK(plugin_state(only(4)) == PluginState::unknown);
  CHECK(plugin_state(sample_report(Language::en, 0)) == PluginState::unknown);
  CHECK(plugin_state(sample_report(Language::en)) == PluginState::critical);
  Report report = only(1);
  report.targets[0].verdict = Verdict::warning;
  CHECK(plugin_state(report) == PluginState::warning);
  report.targets.push_back(only(3).targets[0]);
  CHECK(plugin_state(report) == PluginState::warning);

  for (const Language language : {Language::zh_tw, Language::en})
    for (const Report& each : {sample_report(language), sample_report(language, 700), only(2, language)}) {
      Report with_bar = each;
      with_bar.targets.front().observation.target.text = "a|b\nc";
      const std::string line = written(with_bar);
      INFO(line);
      CHECK(std::count(line.begin(), line.end(), '\n') == 1);
      CHECK(line.ends_with('\n'));
      CHECK(std::count(line.begin(), line.end(), '|') == 1);
      CHECK(line.size() < 4096);
      CHECK(line.starts_with("CHAINTIER CRITICAL - "));
      CHECK(valid_utf8(line) == line);
    }
}

TEST_CASE("plugin: performance data") {
  const std::string line = written(only(0));
  const std::string data = line.substr(line.find('|') + 2);
  CHECK(data == "targets=1;;;0 errors=1;;0;0;1 warnings=0;0;;0;1 unjudged=0;;;0;1 days_left=19\n");
  CHECK(line.find("[chain.cross_missing]") != std::string::npos);
  CHECK(written(only(3)).find("days_left") == std::string::npos);
}

}  // namespace chaintier
