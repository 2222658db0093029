#include "reports/html.h"

#include <boost/json.hpp>
#include <set>
#include <sstream>
#include <vector>

#include <doctest/doctest.h>

#include "reports/json.h"
#include "reports/safe_html.h"
#include "reports/view.h"
#include "src/base/base64.h"
#include "src/base/digest.h"
#include "src/base/text.h"
#include "tests/support/sample_report.h"

namespace chaintier {

namespace {

std::string written(const Report& report) {
  std::ostringstream out;
  write_html(report, out);
  return out.str();
}

std::string escaped(std::string_view raw) {
  std::ostringstream out;
  out << text(raw);
  return out.str();
}

Report single(Language language, std::size_t index) {
  Report report = sample_report(language);
  report.targets = {report.targets.at(index)};
  return report;
}

// Reads the page as a stream of tags: every "<" has to start one that the page is allowed to have, and every
// element that is opened has to be closed in order.
struct Page {
  std::vector<std::string> problems;
  std::set<std::string> ids, links, names;
};

Page read(std::string_view html) {
  static const std::set<std::string> empty{"meta", "br", "wbr", "rect", "circle", "use", "path", "input"};
  static const std::set<std::string> forbidden{"img", "iframe", "object", "embed", "link", "base", "form"};
  Page page;
  std::vector<std::string> open;
  std::size_t at = html.find("<html");
  while ((at = html.find('<', at)) != std::string_view::npos) {
    const std::size_t end = html.find('>', at);
    if (end == std::string_view::npos) break;
    std::string_view tag = html.substr(at + 1, end - at - 1);
    at = end;
    const bool closing = tag.starts_with('/');
    if (closing) tag.remove_prefix(1);
    const std::string name(tag.substr(0, tag.find_first_of(" /\n")));
    page.names.insert(name);
    if (name.empty() || name.find_first_not_of("abcdefghijklmnopqrstuvwxyz123456") != std::string::npos)
      page.problems.push_back("not a tag: " + std::string(tag.substr(0, 60)));
    if (forbidden.contains(name)) page.problems.push_back("forbidden: " + name);
    if (closing) {
      if (open.empty() || open.back() != name)
        page.problems.push_back("</" + name + "> closes " + (open.empty() ? "nothing" : open.back()));
      if (!open.empty()) open.pop_back();
      continue;
    }
    const auto attribute = [&](std::string_view key) -> std::string {
      const std::string start = " " + std::string(key) + "=\"";
      const std::size_t from = tag.find(start);
      if (from == std::string_view::npos) return {};
      return std::string(
          tag.substr(from + start.size(), tag.find('"', from + start.size()) - from - start.size()));
    };
    if (const std::string value = attribute("id"); !value.empty() && !page.ids.insert(value).second)
      page.problems.push_back("id twice: " + value);
    if (const std::string value = attribute("href"); !value.empty()) page.links.insert(value);
    for (const std::string_view part : split(tag, ' '))
      if (part.starts_with("on")) page.problems.push_back("event handler: " + std::string(part));
    if (!closing && name == "script") at = html.find("</script>", at) - 1;  // not markup
    if (!tag.ends_with('/') && !empty.contains(name)) open.push_back(name);
  }
  for (const std::string& name : open) page.problems.push_back("not closed: " + name);
  return page;
}

void check_page(const std::string& html) {
  const Page page = read(html);
  for (const std::string& problem : page.problems) FAIL_CHECK(problem);
  for (const std::string& link : page.links) {
    INFO(link);
    CHECK(link.starts_with("#"));
    CHECK(page.ids.contains(link.substr(1)));
  }
  for (const char* landmark : {"header", "main", "footer", "h1"}) CHECK(page.names.contains(landmark));
}

}  // namespace

TEST_CASE("HTML: well-formed, one file, every link leads somewhere in the page") {
  for (const Language language : {Language::zh_tw, Language::en}) {
    check_page(written(sample_report(language)));
    for (std::size_t i = 0; i < 5; ++i) check_page(written(single(language, i)));
  }
  check_page(written(sample_report(Language::en, 0)));
  check_page(written(sample_report(Language::en, 700)));
}

TEST_CASE("HTML: the policy allows this style and this script, and nothing else") {
  const auto hash = [](const std::string& html, const std::string& name) {
    const std::size_t from = html.find("<" + name + ">") + name.size() + 2;
    const std::size_t to = html.find("</" + name + ">", from);
    REQUIRE(to != std::string::npos);
    return "'sha256-" + to_base64(sha256(bytes_of(html.substr(from, to - from)))) + "'";
  };
  const std::string one = written(single(Language::zh_tw, 0)), many = written(sample_report(Language::en));
  CHECK(one.find("<script") == std::string::npos);
  CHECK(one.find("content=\"default-src 'none'; style-src " + hash(one, "style") +
                 "; base-uri 'none'; form-action 'none'\"") != std::string::npos);
  CHECK(many.find("content=\"default-src 'none'; style-src " + hash(many, "style") + "; script-src " +
                  hash(many, "script") + "; base-uri 'none'; form-action 'none'\"") != std::string::npos);
  CHECK(one.starts_with("<!DOCTYPE html>\n<html lang=\"zh-Hant-TW\">"));
  CHECK(many.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"));
  // Text of strangers may say "src=" in the second one.
  for (const char* not_allowed : {"src=", "url(http", "@import", "javascript:", " style=\"", "unsafe-inline"})
    CHECK(one.find(not_allowed) == std::string::npos);
  for (const char* not_allowed : {" style=\"", "unsafe-inline", "@import"})
    CHECK(many.find(not_allowed) == std::string::npos);
}

TEST_CASE("HTML: both languages in one page, each id once, the report's first") {
  for (const Language language : {Language::zh_tw, Language::en}) {
    for (const Report& report : {single(language, 0), sample_report(language)}) {
      std::ostringstream out;
      write_html_in_both(report, out);
      const std::string html = std::move(out).str();
      check_page(html);
      const std::size_t zh = html.find("<div class=\"in-zh\" lang=\"zh-Hant-TW\">"),
                        en = html.find("<div class=\"in-en\" lang=\"en\">");
      REQUIRE(zh != std::string::npos);
      REQUIRE(en != std::string::npos);
      CHECK((zh < en) == (language == Language::zh_tw));
      const std::string checked = language == Language::en ? "id=\"in-en\" checked" : "id=\"in-zh\" checked";
      CHECK(html.find(checked) != std::string::npos);
      for (const Language each : {Language::zh_tw, Language::en})
        CHECK(html.find(escaped(Texts::of(each).word("title.report"))) != std::string::npos);
    }
  }
  std::ostringstream many, alone;
  write_html_in_both(sample_report(Language::en, 200), many);
  write_html(sample_report(Language::en, 200), alone);
  CHECK(many.str() == alone.str());
}

TEST_CASE("HTML: calendar, adoption of the new chain, explanations") {
  const Report report = sample_report(Language::en);
  const std::string html = written(report);
  const Texts& texts = Texts::of(Language::en);
  for (const char* key : {"title.calendar", "title.adoption", "title.explain", "adoption.new",
                          "adoption.unknown", "label.ended"})
    CHECK(html.find(escaped(texts.word(key))) != std::string::npos);
  // Two targets on the new chain, one of a stranger, two without a certificate.
  const auto row = [&](const char* key, const std::string& count, const std::string& share) {
    const std::size_t at = html.find("<th scope=\"row\">" + escaped(texts.word(key)) + "</th>");
    REQUIRE(at != std::string::npos);
    const std::string cells = html.substr(at, html.find("</tr>", at) - at);
    CHECK(cells.find("<span class=\"quantity\">" + count + "</span>") != std::string::npos);
    CHECK(cells.find(share + " %") != std::string::npos);
  };
  row("adoption.new", "2", "40.0");
  row("adoption.old", "0", "0.0");
  row("adoption.other", "1", "20.0");
  row("adoption.unknown", "2", "40.0");
  CHECK(html.find("<th scope=\"row\">2027-03</th>") != std::string::npos);
  CHECK(html.find("<details id=\"x-chain.cross_missing\">") != std::string::npos);
  CHECK(html.find("<details id=\"x-chain.new_hierarchy\">") == std::string::npos);  // a note
}

TEST_CASE("HTML: foreign text is escaped, and its direction marks are shown") {
  for (const auto& html : {written(single(Language::en, 2)), written(sample_report(Language::zh_tw))}) {
    CHECK(html.find("<script>alert") == std::string::npos);
    CHECK(html.find("<img") == std::string::npos);
    CHECK(html.find("&lt;script&gt;alert(1)&lt;/script&gt;") != std::string::npos);
    CHECK(html.find("\\u{202e}right-to-left") != std::string::npos);
    CHECK(html.find("\xE2\x80\xAE") == std::string::npos);
    CHECK(html.find('\x1b') == std::string::npos);
    CHECK(valid_utf8(html) == html);
  }
}

TEST_CASE("HTML: names without end do not fill the page") {
  CHECK(written(single(Language::en, 2)).size() < 400'000);
}

TEST_CASE("HTML: every finding with its title, reason and steps") {
  for (const Language language : {Language::zh_tw, Language::en})
    for (const std::size_t index : {0u, 1u, 3u}) {
      const Report report = single(language, index);
      const std::string html = written(report);
      for (const Finding& finding : report.targets.front().findings) {
        const FindingText texts = Texts::of(language).finding(finding, report.clients);
        CHECK(html.find(escaped(texts.title)) != std::string::npos);
        CHECK(html.find(escaped(texts.why)) != std::string::npos);
        CHECK(html.find(std::string(id(finding.code))) != std::string::npos);
      }
    }
}

TEST_CASE("HTML: of every code there is, the words that the JSON report has, once in each language") {
  for (const Language language : {Language::zh_tw, Language::en}) {
    Report report = single(language, 0);
    for (const Code code : all_codes()) {
      Finding finding{code, Severity::error, {}, {}};
      for (const std::string_view name : split(facts_of(code), ' '))
        if (!name.empty()) finding.facts[std::string(name)] = "<" + std::string(name) + "> & co.";
      report.targets[0].findings = {finding};
      report.targets[0].headline = code;
      std::ostringstream json_text;
      write_json(report, json_text);
      const boost::json::value json = boost::json::parse(json_text.str());
      const boost::json::value& told = json.at("targets").at(0).at("findings").at(0);
      std::vector<std::string> wanted{std::string(told.at("code").as_string()),
                                      std::string(told.at("title").as_string()),
                                      std::string(told.at("why").as_string())};
      for (const boost::json::value& step : told.at("fix").as_array()) {
        // The command stands in an element of its own.
        const std::string words(step.as_string());
        wanted.push_back(words.substr(0, words.find("chaintier scan")));
      }
      std::ostringstream both;
      write_html_in_both(report, both);
      for (const std::string& html : {written(report), both.str()})
        for (const std::string& words : wanted) {
          INFO(id(code) << ": " << words);
          CHECK(html.find(escaped(words)) != std::string::npos);
        }
    }
  }
}

TEST_CASE("HTML: clients, paths, what to add, addresses, certificates") {
  const Report report = single(Language::en, 0);
  const std::string html = written(report);
  const Texts& texts = Texts::of(Language::en);
  for (const ClientInfo& client : report.clients)
    CHECK(html.find(escaped(client_label(report, client))) != std::string::npos);
  for (const char* key :
       {"path.new.short", "path.new.cross", "path.old", "advice.add", "advice.drop", "advice.move",
        "client.verdict.untrusted", "client.verdict.trusted-by-aia", "net.refused"})
    CHECK(html.find(escaped(texts.word(key))) != std::string::npos);
  CHECK(html.find("[2001:db8::10]:443") != std::string::npos);
  CHECK(html.find("<svg class=\"graph\" role=\"img\"") != std::string::npos);
  for (const auto& chain : report.targets.front().chains)
    for (const SentPtr& sent : chain->served) CHECK(html.find(sent->fingerprint.hex()) != std::string::npos);
}

TEST_CASE("HTML: ten thousand targets stay below ten megabytes, and the page says what it left out") {
  const Report report = sample_report(Language::zh_tw, 10'000);
  const std::string html = written(report);
  CHECK(html.size() < 10'000'000);
  std::size_t rows = 0;
  for (std::size_t at = 0; (at = html.find("<tr id=\"r", at)) != std::string::npos; ++at) ++rows;
  CHECK(rows == 10'000);
  std::size_t details = 0;
  for (std::size_t at = 0; (at = html.find("<details class=\"target\"", at)) != std::string::npos; ++at)
    ++details;
  CHECK(details > 10);
  const std::string left_out =
      Texts::of(Language::zh_tw)
          .phrase("say.details_left_out", {{"count", static_cast<std::int64_t>(10'000 - details)}});
  CHECK(html.find(escaped(left_out)) != std::string::npos);
}

TEST_CASE("HTML: of more targets than a page can hold the worst have rows, and no link leads nowhere") {
  const Report report = sample_report(Language::en, 20'000);
  const std::string html = written(report);
  CHECK(html.size() < 10'000'000);
  std::set<std::string> places, links;
  const auto collect = [&](const std::string& before, std::set<std::string>& into) {
    for (std::size_t at = 0; (at = html.find(before, at)) != std::string::npos;) {
      at += before.size();
      into.insert(html.substr(at, html.find('"', at) - at));
    }
  };
  collect("id=\"", places);
  collect("href=\"#", links);
  std::size_t rows = 0;
  for (const std::string& place : places)
    rows += place.starts_with("r") && place.size() > 1 && place[1] <= '9';
  CHECK(rows == 12'000);
  for (const std::string& link : links) CHECK_MESSAGE(places.contains(link), link);
  CHECK(html.find("8000 further targets are not in this table") != std::string::npos);
  // All of the 8000 with an error are among the rows.
  std::size_t errors = 0;
  for (std::size_t i = 0; i < report.targets.size(); ++i)
    if (report.targets[i].verdict == Verdict::error) errors += places.contains("r" + std::to_string(i));
  CHECK(errors == 8000);
}

TEST_CASE("SafeHtml: escapes for content and attributes") {
  CHECK(escaped("<a href=\"x\">'&'</a>") == "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
  static_assert(!std::is_constructible_v<SafeHtml, std::string>);
  static_assert(!std::is_constructible_v<SafeHtml, std::string_view>);
  static_assert(!std::is_constructible_v<SafeHtml, const char*>);
}

}  // namespace chaintier
