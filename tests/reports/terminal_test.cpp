#include "reports/terminal.h"

#include <sstream>

#include <doctest/doctest.h>

#include "reports/view.h"
#include "src/base/text.h"
#include "tests/support/sample_report.h"

namespace chaintier {

namespace {

std::string written(const Report& report, const TerminalOptions& options) {
  std::ostringstream out;
  write_terminal(report, options, out);
  return out.str();
}

// Takes away exactly the sequences that the writer may use: ESC [ digits and semicolons m.
std::string without_colour(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    if (text.substr(at).starts_with("\x1b[")) {
      const std::size_t end = text.find_first_not_of("0123456789;", at + 2);
      if (end != std::string_view::npos && text[end] == 'm') {
        at = end + 1;
        continue;
      }
    }
    result += text[at++];
  }
  return result;
}

std::size_t controls_in(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if ((octet < 0x20 && c != '\n') || octet == 0x7F) ++count;
  }
  return count;
}

}  // namespace

TEST_CASE("terminal: no control character but line feeds and our own colours, and valid UTF-8") {
  for (const Language language : {Language::zh_tw, Language::en}) {
    const Report report = sample_report(language, 12);
    for (const bool quiet : {false, true}) {
      const std::string plain = written(report, {false, 80, quiet, false});
      CHECK(controls_in(plain) == 0);
      CHECK(valid_utf8(plain) == plain);
      CHECK(plain.find("\xE2\x80\xAE") == std::string::npos);  // a direction override
      const std::string coloured = written(report, {true, 80, quiet, false});
      CHECK(coloured != plain);
      CHECK(without_colour(coloured) == plain);
    }
  }
}

TEST_CASE("terminal: lines fit the width, wide characters counted twice") {
  for (const Language language : {Language::zh_tw, Language::en})
    for (const std::size_t width : {40u, 80u, 120u})
      for (const bool quiet : {false, true}) {
        const std::string text = written(sample_report(language, 12), {false, width, quiet, false});
        for (const std::string_view line : split(text, '\n')) {
          INFO(line);
          CHECK(display_width(line) <= width);
        }
      }
}

TEST_CASE("terminal: verdict, findings, clients and the certificate to add") {
  Report report = sample_report(Language::en);
  report.targets.resize(1);
  const std::string text = written(report, {false, 110, false, false});
  const Texts& texts = Texts::of(Language::en);
  CHECK(text.starts_with("✗ " + texts.word("verdict.error") + "  www.example.com.tw\n"));
  for (const Finding& finding : report.targets.front().findings)
    CHECK(text.find(texts.finding(finding, report.clients).title) != std::string::npos);
  CHECK(text.find("chain.cross_missing") != std::string::npos);
  CHECK(text.find(texts.word("path.new.short")) != std::string::npos);
  CHECK(text.find("Java 17") != std::string::npos);
  CHECK(text.find("+ 3 " + texts.word("advice.add") + " TWCA CYBER Root CA") != std::string::npos);
  CHECK(text.find("203.0.113.12:443 " + texts.word("net.refused")) != std::string::npos);
  CHECK(text.find("chaintier scan www.example.com.tw") != std::string::npos);
}

TEST_CASE("terminal: of many targets only the faulty ones in full, and one line for each") {
  const Report report = sample_report(Language::en, 15);
  const std::string text = written(report, {false, 100, false, false});
  std::size_t short_lines = 0;
  for (const std::string_view line : split(text, '\n'))
    if (line.find("shop.example.com.tw") != std::string_view::npos) ++short_lines;
  CHECK(short_lines == 3);  // notes: their own lines and nothing else
  CHECK(text.find("15 targets") != std::string::npos);
}

TEST_CASE("terminal: an address that was not asked is no address that answered") {
  Report report = sample_report(Language::en, 1);
  TargetReport& target = report.targets.front();
  EndpointSeen& endpoint = target.observation.endpoints.front();
  const std::string address = "192.0.2.99";
  endpoint.address = IpAddress::parse(address);
  const auto line = [&] {
    const std::string text = written(report, {});
    const std::size_t at = text.find(address);
    REQUIRE(at != std::string::npos);
    const std::size_t begin = text.rfind('\n', at) + 1;
    return text.substr(begin, text.find('\n', at) - begin);
  };
  CHECK(line().find("\u2713") != std::string::npos);
  for (Sample& sample : endpoint.samples) {
    sample.outcome = Outcome::not_started;  // the run was interrupted
    sample.served.clear();
    sample.error.reset();
  }
  CHECK(line().find("\u2713") == std::string::npos);
  CHECK(line().find("not started") != std::string::npos);
}

TEST_CASE("terminal: quiet is one line a target") {
  const Report report = sample_report(Language::zh_tw);
  const std::string text = written(report, {false, 80, true, false});
  CHECK(split(text, '\n').size() == report.targets.size() + 1);
}

TEST_CASE("terminal: ASCII symbols on request") {
  Report report = sample_report(Language::en);
  report.targets.resize(2);
  const std::string text = written(report, {false, 100, false, true});
  for (const char* symbol : {"✓", "✗", "↕"}) CHECK(text.find(symbol) == std::string::npos);
  CHECK(text.starts_with("x "));
}

TEST_CASE("terminal: a report without targets writes nothing") {
  CHECK(written(sample_report(Language::en, 0), {}).empty());
}

TEST_CASE("terminal: quiet is one line a target, in columns, whatever the script of the names") {
  for (const Language language : {Language::zh_tw, Language::en}) {
    Report report = sample_report(language, 5);
    report.targets[0].observation.target.text = "中文網站測試名稱.台灣";
    report.targets[1].observation.target.text = "한국어.example";
    for (const std::size_t width : {60u, 100u, 120u}) {
      const std::string text = written(report, {false, width, true, false});
      const std::vector<std::string_view> lines = split(text, '\n');
      REQUIRE(lines.size() == report.targets.size() + 1);  // the last one is empty
      std::size_t column = 0;                              // where the sentences begin
      for (std::size_t i = 0; i < report.targets.size(); ++i) {
        const TargetReport& target = report.targets[i];
        const std::string headline = target.verdict == Verdict::unjudged ? unjudged_text(report, target)
                                                                         : headline_text(report, target);
        const std::size_t at = lines[i].rfind(printable(headline).substr(0, 9));
        REQUIRE(at != std::string_view::npos);
        const std::size_t here = display_width(lines[i].substr(0, at));
        if (i == 0) column = here;
        CHECK(here == column);
      }
    }
  }
}

TEST_CASE("terminal: in a table it is whole why a target could not be judged, and its name is there once") {
  for (const Language language : {Language::zh_tw, Language::en}) {
    const Texts& texts = Texts::of(language);
    Report report = sample_report(language, 15);
    Target& bare = report.targets[3].observation.target;
    bare.text = bare.host;
    bare.port = 8443;
    const std::string long_name = "an-unusually-long-name-of-a-branch.example.com.tw:8443";
    report.targets[8].observation.target.text = long_name;
    BadTarget& bad = *report.targets[4].bad_target;
    bad.error.detail = "\"" + bad.text + "\": " + std::string(6, 'x') +
                       ": write example.tw, example.tw:8443, [2001:db8::1]:443 or https://example.tw/";
    for (const std::size_t width : {80u, 100u}) {
      std::string text = written(report, {false, width, false, false});
      for (const std::string_view line : split(text, '\n')) CHECK(display_width(line) <= width);
      const auto without_blanks = [](std::string one) {
        std::erase_if(one, [](char c) { return c == ' ' || c == '\n'; });
        return one;
      };
      text = without_blanks(std::move(text));
      const auto times = [&](const std::string& what) {
        const std::string sought = without_blanks(what);
        std::size_t count = 0;
        for (std::size_t at = 0; (at = text.find(sought, at)) != std::string::npos; ++at) ++count;
        return count;
      };
      CHECK(times("gone.example.com.tw:8443 " + texts.word("net.timeout")) == 1);
      CHECK(times("gone.example.com.tw:8443") == 1);
      CHECK(times(long_name + texts.word("net.timeout")) == 1);
      CHECK(times(texts.word("net.timeout")) == 3);
      CHECK(times(unjudged_text(report, report.targets[4])) == 1);
      CHECK(times(texts.word("headline.bad_target")) == 0);
    }
  }
}

TEST_CASE("terminal: links lead to sites alone, and hold nothing of a hostile name as it is") {
  Report report = sample_report(Language::en, 5);
  report.targets[0].observation.target.host = "a\x1b\\b\x07 c";
  const std::string plain = written(report, {false, 80, true, false});
  std::string linked = written(report, {false, 80, true, false, true});
  CHECK(linked.find("\x1b]8;;https://a%1B%5Cb%07%20c:443/\x1b\\") != std::string::npos);
  std::size_t links = 0;
  for (std::size_t at = 0; (at = linked.find("\x1b]8;;")) != std::string::npos;) {
    const std::size_t end = linked.find("\x1b\\", at);
    REQUIRE(end != std::string::npos);
    const std::string uri = linked.substr(at + 5, end - at - 5);
    CHECK((uri.empty() || uri.starts_with("https://")));
    links += !uri.empty();
    linked.erase(at, end + 2 - at);
  }
  CHECK(linked == plain);
  CHECK(links == 4);  // not the line that is no target
}

}  // namespace chaintier
