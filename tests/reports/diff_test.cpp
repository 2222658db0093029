#include "reports/diff.h"

#include <boost/json.hpp>
#include <sstream>

#include <doctest/doctest.h>

#include "src/base/text.h"
#include "src/report/texts.h"
#include "tests/support/sample_report.h"

namespace chaintier {

namespace json = boost::json;

namespace {

// From the sample report without its second target to it without its first one, the third one's findings
// changed.
Diff sample_diff(Language language) {
  const Report report = sample_report(language);
  Differ differ;
  for (std::size_t i = 0; i < report.targets.size(); ++i)
    if (i != 1) differ.add_before(report, report.targets[i]);
  for (std::size_t i = 1; i < report.targets.size(); ++i) {
    TargetReport target = report.targets[i];
    if (i == 2) target.findings.front().facts["subject"] = hostile;
    differ.add_after(report, target);
  }
  return differ.compare();
}

DiffText text_in(Language language) {
  return {language, "chaintier", "0.0.0-test", "old " + hostile, "new.jsonl"};
}

std::string shown(Language language, TerminalOptions options = {}) {
  std::ostringstream out;
  write_diff_terminal(sample_diff(language), text_in(language), options, out);
  return out.str();
}

}  // namespace

TEST_CASE("diff as JSON: one valid object with a change for each code and address") {
  std::ostringstream out;
  write_diff_json(sample_diff(Language::en), text_in(Language::en), out);
  CHECK(valid_utf8(out.str()) == out.str());
  const json::value value = json::parse(out.str());
  CHECK(value.at("schema") == "chaintier.diff/1");
  CHECK(value.at("old").at("targets") == 4);
  CHECK(value.at("targets_added").at(0).at("host") == "shop.example.com.tw");
  CHECK(value.at("targets_gone").at(0).at("host") == "www.example.com.tw");
  std::map<std::string, std::size_t> kinds;
  for (const json::value& change : value.at("changes").as_array()) {
    const std::string kind(change.at("kind").as_string());
    ++kinds[kind];
    CHECK(change.at("before").as_array().empty() == (kind == "new"));
    CHECK(change.at("after").as_array().empty() == (kind == "gone"));
    for (const char* side : {"before", "after"})
      for (const json::value& finding : change.at(side).as_array()) CHECK(finding.at("title").is_string());
  }
  // www had two of its findings at one address each, one at two, and one about itself.
  CHECK(kinds == std::map<std::string, std::size_t>{{"new", 1}, {"changed", 1}, {"gone", 5}});
  const json::object& summary = value.at("summary").as_object();
  CHECK(summary.at("gone") == json::value{{"note", 1}, {"warning", 1}, {"error", 3}});
  CHECK(summary.at("changed") == json::value{{"note", 0}, {"warning", 0}, {"error", 1}});
  CHECK(summary.at("unchanged") == 3);
}

TEST_CASE("diff for a terminal: both languages, hostile text, narrow lines") {
  for (const Language language : {Language::en, Language::zh_tw}) {
    TerminalOptions options;
    options.width = 60;
    const std::string text = shown(language, options);
    CHECK(text.find('\x1b') == std::string::npos);
    CHECK(text.find("\xE2\x80\xAE") == std::string::npos);
    for (const std::string_view line : split(text, '\n')) CHECK(display_width(line) <= 60);
    const Texts& texts = Texts::of(language);
    for (const char* kind : {"diff.kind.new", "diff.kind.changed", "diff.kind.gone"})
      CHECK(text.find(texts.word(kind)) != std::string::npos);
  }
}

TEST_CASE("diff for a terminal: one finding at two addresses is one entry") {
  const std::string text = shown(Language::en);
  CHECK(text.find("chain.cross_missing · 203.0.113.10:443 · [2001:db8::10]:443") != std::string::npos);
  CHECK(text.find("chain.cross_missing", text.find("chain.cross_missing") + 1) == std::string::npos);
}

TEST_CASE("diff for a terminal: quiet is one line a change") {
  TerminalOptions options;
  options.quiet = true;
  const std::string text = shown(Language::en, options);
  CHECK(split(text, '\n').size() == 7 + 1);
  CHECK(text.find("gone") == std::string::npos);
  CHECK(text.find("Gone  balance.stale  www.example.com.tw · 203.0.113.11:443\n") != std::string::npos);
}

}  // namespace chaintier
