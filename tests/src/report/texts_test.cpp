#include "src/report/texts.h"

#include <boost/json.hpp>
#include <chrono>
#include <set>
#include <stdexcept>

#include <doctest/doctest.h>

#include "src/base/embedded.h"
#include "src/base/text.h"

using namespace chaintier;

namespace {

constexpr Language languages[] = {Language::zh_tw, Language::en};

const ClientInfo apple{
    "apple", "apple", "2026-11-01", true, {{"en", "Apple (iPhone, Mac)"}, {"zh-TW", "Apple 裝置"}}};
const ClientInfo old_java{"jdk-8u251", "jdk", "2020-04-14", false, {{"en", "Java 8u251"}}};
const std::vector<ClientInfo> clients{apple, old_java};

Time at(int year, unsigned month, unsigned day) {
  return std::chrono::sys_days{std::chrono::year{year} / static_cast<int>(month) / static_cast<int>(day)};
}

boost::json::object file_of(Language language) {
  return boost::json::parse(embedded_file("texts/" + std::string(id(language)) + ".json")).as_object();
}

std::vector<std::string> strings_of(const boost::json::value& value) {
  std::vector<std::string> result;
  if (value.is_string()) result.emplace_back(value.as_string());
  if (value.is_array())
    for (const auto& item : value.as_array())
      for (auto& text : strings_of(item)) result.push_back(std::move(text));
  if (value.is_object())
    for (const auto& [key, item] : value.as_object())
      for (auto& text : strings_of(item)) result.push_back(std::move(text));
  return result;
}

std::set<std::string> placeholders(std::string_view text) {
  std::set<std::string> result;
  for (auto open = text.find('{'); open != text.npos; open = text.find('{', open + 1))
    result.emplace(text.substr(open + 1, text.find('}', open) - open - 1));
  return result;
}

std::set<std::string> facts(Code code) {
  std::set<std::string> result;
  for (const auto name : split(facts_of(code), ' ')) result.emplace(name);
  return result;
}

// A finding with a value of a likely kind for every fact that its code lists.
Finding full(Code code) {
  Finding finding{code, Severity::error, {}, {}};
  for (const auto& name : facts(code)) {
    Fact value = "Some Name";
    if (name.ends_with("not_after") || name == "not_before" || name == "date") value = at(2026, 9, 21);
    if (name == "clients" || name.ends_with("_clients") || name == "works" || name == "fails")
      value = std::vector<std::string>{"jdk-8u251", "apple"};
    if (name == "reasons") value = std::vector<std::string>{"no_path"};
    if (name == "days" || name == "port" || name == "count") value = std::int64_t{7};
    finding.facts.emplace(name, std::move(value));
  }
  return finding;
}

// Code points of valid UTF-8.
std::u32string points(std::string_view text) {
  std::u32string result;
  for (const char byte : text) {
    const auto octet = static_cast<unsigned char>(byte);
    if (octet < 0x80)
      result += char32_t{octet};
    else if (octet >= 0xc0)
      result += char32_t(octet & (octet >= 0xf0 ? 0x07u : octet >= 0xe0 ? 0x0fu : 0x1fu));
    else
      result.back() = (result.back() << 6) | (octet & 0x3fu);
  }
  return result;
}

bool chinese(char32_t point) {
  return (point >= 0x3001 && point <= 0x303f) || (point >= 0x3400 && point <= 0x9fff);
}

bool ascii_mark(char32_t point) {
  return point < 0x80 && std::string_view(",.;:?!()").find(char(point)) != std::string_view::npos;
}

}  // namespace

TEST_CASE("every code has a title, a reason and steps in both languages") {
  for (const auto language : languages)
    for (const auto code : all_codes()) {
      CAPTURE(id(language));
      CAPTURE(id(code));
      const auto text = Texts::of(language).finding(full(code), clients);
      CHECK(!text.title.empty());
      CHECK(!text.why.empty());
      CHECK(!text.fix.empty());
      CHECK(text.title.find('\n') == std::string::npos);
      for (const auto& part : strings_of(boost::json::value_from(text.fix)))
        CHECK(part.find_first_of("{}") == std::string::npos);
      CHECK((text.title + text.why).find_first_of("{}") == std::string::npos);
    }
}

TEST_CASE("the files name no finding twice and none that does not exist, and only facts of their code") {
  for (const auto language : languages) {
    const auto findings = file_of(language).at("findings").as_object();
    CHECK(findings.size() == all_codes().size());
    for (const auto& [key, value] : findings) {
      CAPTURE(std::string(key));
      const auto code = code_of(key);
      REQUIRE(code);
      const auto known = facts(*code);
      for (const auto& text : strings_of(value))
        for (const auto& name : placeholders(text)) {
          CAPTURE(name);
          CHECK(known.count(name) == 1);
        }
    }
  }
}

TEST_CASE("both languages have the same shape") {
  const auto zh = file_of(Language::zh_tw), en = file_of(Language::en);
  for (const auto& [key, value] : en.at("findings").as_object()) {
    CAPTURE(std::string(key));
    const auto& a = value.as_object();
    const auto& b = zh.at("findings").as_object().at(key).as_object();
    CHECK(a.at("fix").as_array().size() == b.at("fix").as_array().size());
    CHECK(a.contains("manual") == b.contains("manual"));
    if (a.contains("manual")) CHECK(a.at("manual") == b.at("manual"));
    for (const char* part : {"title", "why"})
      CHECK(placeholders(a.at(part).as_string()) == placeholders(b.at(part).as_string()));
    for (std::size_t i = 0; i < a.at("fix").as_array().size(); ++i)
      CHECK(placeholders(a.at("fix").as_array()[i].as_string()) ==
            placeholders(b.at("fix").as_array()[i].as_string()));
  }
  // A form for one thing (".one") belongs to the language that needs it.
  const auto& zh_words = zh.at("words").as_object();
  const auto& en_words = en.at("words").as_object();
  for (const auto& [key, value] : en_words) {
    CAPTURE(std::string(key));
    if (std::string_view(key).ends_with(".one"))
      CHECK(en_words.contains(std::string_view(key).substr(0, key.size() - 4)));
    else
      CHECK(zh_words.contains(key));
  }
  for (const auto& [key, value] : zh_words) {
    CAPTURE(std::string(key));
    CHECK(en_words.contains(key));
    CHECK(!value.as_string().empty());
    if (key != "date" && key != "list.more" && en_words.contains(key))
      CHECK(placeholders(value.as_string()) == placeholders(en_words.at(key).as_string()));
  }
}

TEST_CASE("cases: both languages have the same, each is said where its facts are, and they differ") {
  const auto zh = file_of(Language::zh_tw), en = file_of(Language::en);
  int cases = 0;
  for (const auto& [key, value] : en.at("findings").as_object()) {
    CAPTURE(std::string(key));
    const auto* here = value.as_object().if_contains("cases");
    const auto* there = zh.at("findings").as_object().at(key).as_object().if_contains("cases");
    REQUIRE((here == nullptr) == (there == nullptr));
    if (!here) continue;
    REQUIRE(here->as_array().size() == there->as_array().size());
    for (std::size_t i = 0; i < here->as_array().size(); ++i) {
      const auto& one = here->as_array()[i].as_object();
      const auto& other = there->as_array()[i].as_object();
      CHECK(one.at("when") == other.at("when"));
      REQUIRE(one.size() == other.size());
      for (const auto& [part, words] : one) CHECK(other.contains(part));
      Finding usual = full(*code_of(key)), special = usual;
      for (const auto& [name, values] : one.at("when").as_object()) {
        const std::string first(values.as_array().front().as_string());
        special.facts[std::string(name)] = first;
        for (const auto language : languages)
          for (const bool of_twca : {true, false}) {
            const Texts& texts = Texts::of(language);
            CHECK(texts.finding(special, clients, of_twca).fix != texts.finding(usual, clients, of_twca).fix);
            special.facts[std::string(name)] = std::vector<std::string>{first};
            CHECK(texts.finding(special, clients, of_twca).fix != texts.finding(usual, clients, of_twca).fix);
            special.facts[std::string(name)] = std::vector<std::string>{first, "no_path"};
            CHECK(texts.finding(special, clients, of_twca).fix == texts.finding(usual, clients, of_twca).fix);
            special.facts[std::string(name)] = first;
          }
      }
      ++cases;
    }
  }
  CHECK(cases >= 2);
}

TEST_CASE("Chinese texts use the punctuation of Chinese") {
  for (const auto& text : strings_of(file_of(Language::zh_tw))) {
    const auto read = points(text);
    for (std::size_t i = 1; i < read.size(); ++i) {
      CAPTURE(text);
      // "主機名稱:連接埠" is typed as it stands.
      if (text.find("主機名稱:連接埠") != std::string::npos) continue;
      CHECK(!(chinese(read[i - 1]) && ascii_mark(read[i])));
      CHECK(!(ascii_mark(read[i - 1]) && chinese(read[i])));
      CHECK(read[i] != U'\ufffd');
    }
  }
}

TEST_CASE("a step that names a section of the manual names one that looks like one") {
  for (const auto language : languages)
    for (const auto code : all_codes()) {
      const auto manual = Texts::of(language).finding(full(code), clients).manual;
      if (!manual) continue;
      CAPTURE(*manual);
      CHECK((manual->front() == '5' || manual->front() == '6'));
      CHECK(manual->find_first_not_of("0123456789.") == std::string::npos);
    }
}

TEST_CASE("facts are shown as a reader expects them") {
  const auto& en = Texts::of(Language::en);
  const auto& zh = Texts::of(Language::zh_tw);
  CHECK(en.fact("not_after", at(2026, 9, 21)) == "21 September 2026");
  CHECK(zh.fact("not_after", at(2026, 9, 21)) == "2026 年 9 月 21 日");
  // The last second of a day in Taiwan is 15:59:59 UTC of the same day.
  CHECK(en.fact("date", Time{at(2030, 12, 9)} + std::chrono::seconds{57599}) == "9 December 2030");
  CHECK(en.fact("port", std::int64_t{8443}) == "8443");
  CHECK(en.fact("names", std::vector<std::string>{"a.example", "b.example"}) == "a.example, b.example");
  CHECK(zh.fact("names", std::vector<std::string>{"a.example", "b.example"}) == "a.example、b.example");
  CHECK(en.fact("names", std::vector<std::string>{}) == "none");
  CHECK(en.fact("generation", std::string{}) == "not stated");
  CHECK(en.fact("stage", std::string{"handshake"}) == "TLS handshake");
  CHECK(en.fact("reasons", std::vector<std::string>{"no_path", "no_path"}) == "no path to a trusted root");
  CHECK(en.fact("reasons", std::vector<std::string>{"of_another_version"}) == "of_another_version");
  CHECK(en.fact("usages", std::vector<std::string>{"1.3.6.1.5.5.7.3.2"}) == "client authentication");
  CHECK(en.fact("alert", std::int64_t{70}).find("protocol_version") == 0);
  CHECK(en.fact("alert", std::int64_t{200}) == "200");
  CHECK(en.fact("served", std::vector<std::string>{"leaf", "CA", "leaf"}) == "leaf → CA → leaf");
  CHECK(en.fact("right", std::vector<std::string>{}) == "unknown");
  CHECK(en.fact("differences", std::vector<std::string>{"missing:Some CA"}) == "not sent: Some CA");
  CHECK(en.fact("differences", std::vector<std::string>{"as it is: so"}) == "as it is: so");
}

TEST_CASE("clients are shown by their labels, current ones first where the list is cut") {
  const auto& en = Texts::of(Language::en);
  CHECK(en.fact("clients", std::vector<std::string>{"apple", "unknown"}, clients) ==
        "Apple (iPhone, Mac); unknown");
  // No label in this language: the id.
  CHECK(Texts::of(Language::zh_tw).fact("clients", std::string{"jdk-8u251"}, clients) == "jdk-8u251");
  std::vector<std::string> many;
  for (int i = 0; i < 10; ++i) many.push_back("client-" + std::to_string(i));
  many.push_back("apple");
  const auto shown = en.fact("clients", many, clients);
  CHECK(shown.find("Apple") == 0);
  CHECK(shown.ends_with("client-6 and 3 more"));
  CHECK(Texts::of(Language::zh_tw).fact("clients", many, clients).ends_with("client-6 等 11 項"));
}

TEST_CASE("with another CA's catalogue no text speaks of TWCA, its manual or its files") {
  for (const auto language : languages)
    for (const auto code : all_codes()) {
      CAPTURE(id(code));
      const auto& texts = Texts::of(language);
      const FindingText usual = texts.finding(full(code), clients);
      const FindingText text = texts.finding(full(code), clients, false);
      CHECK_FALSE(text.manual);
      CHECK(text.fix.empty() == usual.fix.empty());
      std::string all = text.title + text.why;
      for (const std::string& step : text.fix) {
        CHECK(step == std::string(trimmed(step)));
        all += step;
      }
      for (const char* word : {"TWCA", "twca", "cert.zip", "uca", "server.cer", "root.cer", "manual ",
                               "\u624b\u518a", "  ", "()", "\uff08\uff09"}) {
        CAPTURE(word);
        CHECK(all.find(word) == std::string::npos);
      }
      // The commands stay.
      std::string before;
      for (const std::string& step : usual.fix) before += step;
      CHECK((all.find("chaintier scan") == std::string::npos) ==
            (before.find("chaintier scan") == std::string::npos));
    }
}

TEST_CASE("references to the manual go without a trace") {
  CHECK(without_manual("Import it (manual 5.4, 5.5) and restart (manual 5.8).") == "Import it and restart.");
  CHECK(without_manual("\u532f\u5165\uff08\u624b\u518a 5.5\uff09\u3002") == "\u532f\u5165\u3002");
  CHECK(without_manual("(manual") == "(manual");
  CHECK(without_manual(" (manual 5") == " (manual 5");
}

TEST_CASE("text of strangers is never read as a placeholder") {
  auto finding = full(Code::leaf_expired);
  finding.facts["subject"] = std::string{"{days}{nothing"};
  CHECK(Texts::of(Language::en).finding(finding, clients).title.find("{days}{nothing") != std::string::npos);
}

TEST_CASE("a missing fact and a missing word are bugs") {
  Finding finding = full(Code::leaf_expired);
  finding.facts.erase("not_after");
  const auto& en = Texts::of(Language::en);
  CHECK_THROWS_AS(en.finding(finding, clients), std::logic_error);
  CHECK_THROWS_AS(en.word("verdict.none"), std::logic_error);
  CHECK_THROWS_AS(en.phrase("say.tiers", {}), std::logic_error);
  CHECK(en.find_word("verdict.none") == nullptr);
}

TEST_CASE("phrases count") {
  const auto& en = Texts::of(Language::en);
  CHECK(en.phrase("say.tiers", {{"tiers", std::int64_t{3}}}) == "3 tiers");
  CHECK(en.phrase("say.addresses", {{"count", std::int64_t{1}}}) == "1 address");
  CHECK(Texts::of(Language::zh_tw).phrase("say.addresses", {{"count", std::int64_t{1}}}) == "1 個位址");
  CHECK(en.phrase("net.alert", {{"alert", std::int64_t{112}}}).find("unrecognized_name") !=
        std::string::npos);
}

TEST_CASE("every word that the reports list exists in both languages, with the placeholders listed") {
  std::size_t count = 0;
  for (const auto line : split(embedded_file("texts/keys.txt"), '\n')) {
    if (line.empty() || line.front() == '#') continue;
    const auto tab = line.find('\t');
    REQUIRE(tab != line.npos);
    const std::string key(line.substr(0, tab));
    CAPTURE(key);
    ++count;
    for (const auto language : languages) {
      const auto* word = Texts::of(language).find_word(key);
      REQUIRE(word);
      for (const auto& name : placeholders(*word)) {
        CAPTURE(name);
        CHECK(placeholders(line).count(name) == 1);
      }
    }
  }
  CHECK(count > 100);
}

TEST_CASE("beside full-width punctuation that comes with a value there is no blank") {
  const auto& texts = Texts::of(Language::zh_tw);
  const ClientInfo windows{"jdk-8u251", "", "", true, {{"zh-TW", "Windows（Edge）"}}};
  std::size_t with_value = 0;
  const auto check = [&](std::string_view text) {
    CAPTURE(text);
    for (std::size_t at = 0; (at = text.find("） ", at)) != text.npos; at += 4)
      CHECK((at + 4 == text.size() || static_cast<unsigned char>(text[at + 4]) < 0xE3));
    with_value += text.find("）") != text.npos;
  };
  for (const auto code : all_codes()) {
    Finding finding = full(code);
    for (auto& [name, fact] : finding.facts)
      if (std::holds_alternative<std::string>(fact)) fact = std::string("名稱（交互憑證）");
    const FindingText text = texts.finding(finding, {windows}, true);
    check(text.title);
    check(text.why);
    for (const std::string& step : text.fix) check(step);
  }
  CHECK(with_value > 20);
  // A blank that parts Latin letters from the text stays.
  CHECK(texts.phrase("list.more", {{"items", std::string("Windows（Edge）、Go")},
                                   {"more", std::int64_t{2}},
                                   {"total", std::int64_t{4}}}) == "Windows（Edge）、Go 等 4 項");
  CHECK(texts.phrase("list.more", {{"items", std::string("Go、Windows（Edge）")},
                                   {"more", std::int64_t{2}},
                                   {"total", std::int64_t{4}}}) == "Go、Windows（Edge）等 4 項");
}

TEST_CASE("no key stands twice in a file: the later one would win in silence") {
  for (const auto language : languages) {
    const auto text = embedded_file("texts/" + std::string(id(language)) + ".json");
    const auto file = file_of(language);
    const auto words = text.find("\n\"words\"");
    REQUIRE(words != std::string_view::npos);
    for (const char* group : {"findings", "words"})
      for (const auto& [key, value] : file.at(group).as_object()) {
        const std::string quoted = "  \"" + std::string(key) + "\": ";
        CAPTURE(quoted);
        const auto part = std::string_view(group) == "words" ? text.substr(words) : text.substr(0, words);
        const auto first = part.find(quoted);
        REQUIRE(first != std::string_view::npos);
        CHECK(part.find(quoted, first + 1) == std::string_view::npos);
      }
  }
}

TEST_CASE("every code has a short name, and it names nothing of one target") {
  for (const auto language : languages)
    for (const auto code : all_codes()) {
      CAPTURE(id(code));
      const auto& name = Texts::of(language).word("short." + std::string(id(code)));
      CHECK(placeholders(name).empty());
      CHECK(display_width(name) <= 50);
    }
}

TEST_CASE("every problem, defect and cause that has an id has a word") {
  for (const auto language : languages) {
    const auto& texts = Texts::of(language);
    for (int i = 0; i <= static_cast<int>(Problem::revoked); ++i)
      CHECK(texts.find_word("reason." + std::string(id(static_cast<Problem>(i)))));
    for (int i = 0; i <= static_cast<int>(Defect::name_with_nul); ++i)
      CHECK(texts.find_word("defect." + std::string(id(static_cast<Defect>(i)))));
    for (int i = 1; i <= static_cast<int>(Cause::limit); ++i)
      CHECK(texts.find_word(id(static_cast<Cause>(i))));
    for (int i = 0; i <= static_cast<int>(Stage::write); ++i)
      CHECK(texts.find_word("stage." + std::string(id(static_cast<Stage>(i)))));
  }
}
