#include "src/report/explain.h"

#include <algorithm>
#include <set>

#include <doctest/doctest.h>

#include "src/base/embedded.h"
#include "src/base/text.h"
#include "src/findings/codes.h"
#include "src/report/texts.h"

using namespace chaintier;

namespace {

constexpr Language languages[] = {Language::zh_tw, Language::en};

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> result;
  for (const auto line : split(text, '\n')) result.emplace_back(line);
  return result;
}

std::size_t headings(const std::string& page) {
  const auto all = lines(page);
  return static_cast<std::size_t>(
      std::count_if(all.begin(), all.end(), [](const auto& line) { return line.starts_with("## "); }));
}

}  // namespace

TEST_CASE("every finding code has a page in both languages") {
  for (const auto language : languages)
    for (const auto code : all_codes()) {
      CAPTURE(id(language));
      CAPTURE(id(code));
      const auto page = explain(id(code), language);
      REQUIRE(page.has_value());
      CHECK(page->starts_with("# " + std::string(id(code))));
      // How to mend it, whatever the server.
      for (const char* server : {"IIS", "nginx", "Apache", "Tomcat"})
        if (id(code).starts_with("chain.")) CHECK(page->find(server) != std::string::npos);
    }
}

TEST_CASE("every section of the manual and its FAQ has a page in both languages") {
  for (const auto language : languages)
    for (const char* section : {"5.1",   "5.2",   "5.3",   "5.4",  "5.4.10", "5.5", "5.6", "5.7",   "5.7.1.2",
                                "5.8",   "5.9",   "5.10",  "5.11", "5.12",   "6.1", "6.2", "6.2.1", "6.2.2",
                                "6.2.3", "6.2.4", "6.2.5", "6.3",  "6.4",    "6.5", "6.6", "6.7"}) {
      CAPTURE(section);
      const auto page = explain(section, language);
      REQUIRE(page.has_value());
      CHECK(lines(*page).front().find(section) != std::string::npos);
    }
}

TEST_CASE("what is not TWCA's text says so") {
  for (const char* section : {"6.1", "6.2", "6.2.1", "6.2.2", "6.2.3", "6.7"}) {
    CAPTURE(section);
    CHECK(explain(section, Language::en)->find("not TWCA's text") != std::string::npos);
    CHECK(explain(section, Language::zh_tw)->find("不是 TWCA 的原文") != std::string::npos);
  }
}

TEST_CASE("pages have the same shape in both languages, and no part is left unfilled") {
  for (const auto& topic : explain_topics()) {
    CAPTURE(topic);
    const auto zh = explain(topic, Language::zh_tw), en = explain(topic, Language::en);
    REQUIRE(zh.has_value());
    REQUIRE(en.has_value());
    CHECK(headings(*zh) == headings(*en));
    for (const auto& page : {*zh, *en}) {
      CHECK(page.ends_with('\n'));
      CHECK(valid_utf8(page) == page);
      for (const auto& line : lines(page)) {
        CAPTURE(line);
        CHECK(!line.starts_with('@'));
        CHECK(display_width(line) <= 100);
      }
    }
  }
}

TEST_CASE("commands are the same in both languages, and ours exist") {
  for (const auto& topic : explain_topics()) {
    CAPTURE(topic);
    std::set<std::string> commands[2];
    for (const auto language : languages)
      for (const auto& line : lines(*explain(topic, language)))
        if (line.starts_with("    ")) commands[language == Language::en].insert(line);
    CHECK(commands[0] == commands[1]);
    for (const auto& command : commands[0])
      if (command.starts_with("    chaintier "))
        CHECK((command.starts_with("    chaintier scan ") || command.starts_with("    chaintier local ")));
  }
}

TEST_CASE("each related topic and each section that a text names can be explained") {
  const auto topics = explain_topics();
  for (const auto language : languages) {
    for (const auto code : all_codes()) {
      const auto page = *explain(id(code), language);
      const auto related = page.rfind(language == Language::en ? "Related: " : "相關：");
      if (related == std::string::npos) continue;
      // Codes in that paragraph: words with a dot and an underscore or a known area.
      std::string word;
      for (const char letter : page.substr(related) + " ") {
        if ((letter >= 'a' && letter <= 'z') || letter == '_' || letter == '.') {
          word += letter;
          continue;
        }
        while (word.ends_with('.')) word.pop_back();
        if (word.find('.') != std::string::npos) {
          CAPTURE(word);
          CHECK(code_of(word).has_value());
        }
        word.clear();
      }
    }
  }
}

TEST_CASE("sections without a page lead to the one around them") {
  CHECK(*explain("5.9.6", Language::en) == *explain("5.9", Language::en));
  CHECK(*explain("5.7.1.1", Language::zh_tw) == *explain("5.7", Language::zh_tw));
  CHECK(*explain(" CHAIN.LEAF_ONLY ", Language::en) == *explain("chain.leaf_only", Language::en));
  for (const char* unknown : {"5.13", "7", "7.1", "5", "6.8", ".", "5."}) {
    CAPTURE(unknown);
    CHECK(!explain(unknown, Language::en).has_value());
  }
}

TEST_CASE("an unknown topic names the nearest ones") {
  const auto wrong = explain("chain.leafonly", Language::en);
  REQUIRE(!wrong.has_value());
  CHECK(wrong.error().stage == Stage::usage);
  CHECK(wrong.error().fault == Fault::input);
  CHECK(wrong.error().detail.find("nearest: chain.leaf_only") != std::string::npos);
  CHECK(explain("leaf_only", Language::en).error().detail.find("nearest: chain.leaf_only") !=
        std::string::npos);
  CHECK(explain("6.9", Language::en).error().detail.find("6.") != std::string::npos);
  // Nothing that is typed becomes a path, or moves the cursor.
  for (const char* odd : {"", "../en/5.1", "parts/install", "../../en", "\x1b[2J"}) {
    const auto page = explain(odd, Language::en);
    REQUIRE(!page.has_value());
    CHECK(page.error().detail.find('\x1b') == std::string::npos);
  }
}

TEST_CASE("topics are listed once, codes first, sections in order") {
  const auto topics = explain_topics();
  CHECK(std::set<std::string>(topics.begin(), topics.end()).size() == topics.size());
  CHECK(topics.front() == id(all_codes().front()));
  CHECK(topics.back() == "6.7");
  const auto nine = std::find(topics.begin(), topics.end(), "5.9");
  REQUIRE(nine != topics.end());
  CHECK(*(nine + 1) == "5.10");
}

TEST_CASE("the manual's section of each finding can be explained") {
  for (const auto code : all_codes()) {
    Finding finding{code, Severity::note, {}, {}};
    for (const auto name : split(facts_of(code), ' ')) finding.facts.emplace(name, std::string("x"));
    const auto manual = Texts::of(Language::en).finding(finding, {}).manual;
    if (!manual) continue;
    CAPTURE(*manual);
    CHECK(explain(*manual, Language::en).has_value());
  }
}
