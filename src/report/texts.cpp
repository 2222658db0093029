#include "src/report/texts.h"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <functional>
#include <stdexcept>
#include <variant>

#include "src/base/embedded.h"

namespace chaintier {

namespace {

constexpr std::size_t most_listed = 8;  // longer lists are cut to this and say how many there are

// Facts whose values are client ids.
bool holds_clients(std::string_view name) {
  return name == "clients" || name == "works" || name == "fails" || name.ends_with("_clients");
}

// The group of words that explain the values of a fact; empty when the values stand for themselves.
std::string_view group_of(std::string_view name) {
  if (name == "reasons" || name == "reason" || name == "problem") return "reason.";
  if (name == "defects") return "defect.";
  if (name == "usages") return "eku.";
  if (name == "stage") return "stage.";
  if (name == "alert") return "alert.";
  if (name == "by") return "by.";
  if (name == "differences") return "difference.";
  if (name == "rules") return "csr_rule.";
  if (name == "because") return "serves.";
  if (name == "character") return "character.";
  if (name == "role") return "role.";
  return {};
}

// Chains are read from the leaf upwards.
bool holds_chain(std::string_view name) { return name == "served" || name == "right"; }

// Full-width punctuation brings its own room: a blank that parts Latin from Chinese text is too much beside
// it. U+3001 to U+303F, U+FF00 to U+FF3F.
bool ends_in_wide_punctuation(std::string_view text) {
  if (text.size() < 3) return false;
  const std::string_view lead = text.substr(text.size() - 3, 2);
  return lead == "\xE3\x80" || lead == "\xEF\xBC";
}
bool begins_with_wide_punctuation(std::string_view text) {
  return text.starts_with("\xE3\x80") || text.starts_with("\xEF\xBC");
}
bool begins_with_blank_and_wide(std::string_view text) {
  return text.size() > 1 && text[0] == ' ' && static_cast<unsigned char>(text[1]) >= 0xE3;
}
bool ends_in_wide_and_blank(std::string_view text) {
  return text.size() > 3 && text.back() == ' ' && static_cast<unsigned char>(text[text.size() - 4]) >= 0xE3;
}

std::string fill(std::string_view text, const std::function<std::string(std::string_view)>& value_of) {
  std::string result;
  while (!text.empty()) {
    const auto open = text.find('{');
    result += text.substr(0, open);
    if (open == std::string_view::npos) break;
    const auto close = text.find('}', open);
    if (close == std::string_view::npos)
      throw std::logic_error("a placeholder is not closed in: " + std::string(text));
    const std::string value = value_of(text.substr(open + 1, close - open - 1));
    text.remove_prefix(close + 1);
    if (begins_with_wide_punctuation(value) && ends_in_wide_and_blank(result)) result.pop_back();
    result += value;
    if (ends_in_wide_punctuation(value) && begins_with_blank_and_wide(text)) text.remove_prefix(1);
  }
  return result;
}

std::string plain(const boost::json::value& value) { return boost::json::value_to<std::string>(value); }

// Those that are there.
void read_parts(const boost::json::object& object, FindingText& text) {
  if (const auto* title = object.if_contains("title")) text.title = plain(*title);
  if (const auto* why = object.if_contains("why")) text.why = plain(*why);
  if (const auto* fix = object.if_contains("fix")) {
    text.fix.clear();
    for (const auto& step : fix->as_array()) text.fix.push_back(plain(step));
  }
}

FindingText read_text(const boost::json::object& object) {
  FindingText text;
  for (const char* part : {"title", "why", "fix"})
    if (!object.contains(part)) throw std::logic_error(std::string("a finding's text has no ") + part);
  read_parts(object, text);
  if (const auto* manual = object.if_contains("manual")) text.manual = plain(*manual);
  return text;
}

}  // namespace

std::string without_manual(std::string text) {
  for (const auto& [open, close] :
       {std::pair<std::string_view, std::string_view>{" (manual ", ")"}, {"\uff08\u624b\u518a ", "\uff09"}})
    for (std::size_t at = 0; (at = text.find(open, at)) != std::string::npos;) {
      const auto end = text.find(close, at);
      if (end == std::string::npos) break;
      text.erase(at, end + close.size() - at);
    }
  return text;
}

namespace {

// What is said of a finding, and what is said of it where nothing of TWCA is to be said.
struct Said {
  FindingText full, neutral;
};

// What is said instead when each of these facts has no other value than those listed.
struct Case {
  std::map<std::string, std::vector<std::string>> when;
  Said said;
};

struct FindingEntry {
  Said usual;
  std::vector<Case> cases;
};

// "neutral" holds the parts that differ by more than the manual.
FindingText neutral_of(const boost::json::object& object, FindingText text) {
  text.manual = std::nullopt;
  if (const auto* other = object.if_contains("neutral")) read_parts(other->as_object(), text);
  text.why = without_manual(std::move(text.why));
  for (std::string& step : text.fix) step = without_manual(std::move(step));
  return text;
}

Case read_case(const boost::json::object& object, const Said& usual) {
  Case result{{}, usual};
  for (const auto& [name, values] : object.at("when").as_object())
    for (const auto& value : values.as_array()) result.when[std::string(name)].push_back(plain(value));
  read_parts(object, result.said.full);
  read_parts(object, result.said.neutral);
  result.said.neutral = neutral_of(object, std::move(result.said.neutral));
  return result;
}

FindingEntry read_entry(const boost::json::object& object) {
  FindingEntry entry;
  entry.usual.full = read_text(object);
  entry.usual.neutral = neutral_of(object, entry.usual.full);
  if (const auto* cases = object.if_contains("cases"))
    for (const auto& one : cases->as_array()) entry.cases.push_back(read_case(one.as_object(), entry.usual));
  return entry;
}

bool holds(const Case& one, const std::map<std::string, Fact>& facts) {
  return std::all_of(one.when.begin(), one.when.end(), [&](const auto& condition) {
    const std::vector<std::string>& allowed = condition.second;
    const auto found = facts.find(condition.first);
    if (found == facts.end()) return false;
    const auto fits = [&](const std::string& value) {
      return std::find(allowed.begin(), allowed.end(), value) != allowed.end();
    };
    if (const auto* text = std::get_if<std::string>(&found->second)) return fits(*text);
    const auto* values = std::get_if<std::vector<std::string>>(&found->second);
    return values && std::all_of(values->begin(), values->end(), fits);
  });
}

}  // namespace

struct Texts::Entry {
  std::map<Code, FindingEntry> findings;
  std::map<std::string, std::string, std::less<>> words;
};

Texts::Texts(Language language) : language_(language) {
  const std::string path = "texts/" + std::string(id(language)) + ".json";
  const auto root = boost::json::parse(embedded_file(path)).as_object();
  const auto entry = std::make_shared<Entry>();
  for (const auto& [key, word] : root.at("words").as_object()) entry->words.emplace(key, plain(word));
  for (const auto& [key, value] : root.at("findings").as_object()) {
    const auto code = code_of(key);
    if (!code) throw std::logic_error(path + ": no finding has the code " + std::string(key));
    entry->findings.emplace(*code, read_entry(value.as_object()));
  }
  entry_ = entry;
}

const Texts& Texts::of(Language language) {
  if (language == Language::en) {
    static const Texts en(Language::en);
    return en;
  }
  static const Texts zh_tw(Language::zh_tw);
  return zh_tw;
}

const std::string* Texts::find_word(std::string_view key) const {
  const auto found = entry_->words.find(key);
  return found == entry_->words.end() ? nullptr : &found->second;
}

const std::string& Texts::word(std::string_view key) const {
  if (const auto* found = find_word(key)) return *found;
  throw std::logic_error("no word \"" + std::string(key) + "\" in " + std::string(id(language_)));
}

std::string Texts::fact(std::string_view name, const Fact& fact,
                        const std::vector<ClientInfo>& clients) const {
  const auto one = [&](const std::string& value) -> std::string {
    if (holds_clients(name)) {
      const auto client =
          std::find_if(clients.begin(), clients.end(), [&](const auto& c) { return c.id == value; });
      if (client == clients.end()) return value;
      const auto label = client->label.find(std::string(id(language_)));
      return label == client->label.end() ? value : label->second;
    }
    const auto group = group_of(name);
    if (group.empty()) {
      constexpr std::string_view cross = " (cross certificate)";
      return value.ends_with(cross)
                 ? phrase("name.cross", {{"name", value.substr(0, value.size() - cross.size())}})
                 : value;
    }
    if (const auto* found = find_word(std::string(group) + value)) return *found;
    // "missing:NAME": the word says what is the matter with NAME.
    if (const auto colon = value.find(':'); name == "differences" && colon != std::string::npos) {
      const std::string key = std::string(group) + value.substr(0, colon);
      if (find_word(key)) return phrase(key, {{"name", value.substr(colon + 1)}});
    }
    return value;
  };

  if (const auto* number = std::get_if<std::int64_t>(&fact)) return one(std::to_string(*number));
  if (const auto* text = std::get_if<std::string>(&fact))
    return text->empty() ? word("value.empty") : one(*text);
  if (const auto* time = std::get_if<Time>(&fact)) {
    const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(*time)};
    const auto month = std::to_string(static_cast<unsigned>(day.month()));
    return phrase("date", {{"day", std::int64_t{static_cast<unsigned>(day.day())}},
                           {"month", word("month." + month)},
                           {"number", std::int64_t{static_cast<unsigned>(day.month())}},
                           {"year", std::int64_t{static_cast<int>(day.year())}}});
  }

  auto values = std::get<std::vector<std::string>>(fact);
  if (values.empty()) return word(holds_chain(name) ? "label.unknown" : "value.none");
  if (holds_clients(name))  // where the list is cut, current clients are the ones to keep
    std::stable_partition(values.begin(), values.end(), [&](const auto& value) {
      return std::any_of(clients.begin(), clients.end(),
                         [&](const auto& c) { return c.id == value && c.current; });
    });
  std::vector<std::string> shown;
  for (const auto& value : values) {
    auto text = one(value);
    // The same reason for five clients is said once.
    if (holds_chain(name) || std::find(shown.begin(), shown.end(), text) == shown.end())
      shown.push_back(std::move(text));
  }
  const auto total = shown.size();
  if (total > most_listed) shown.resize(most_listed);
  // Labels of clients hold commas of their own.
  const std::string separator =
      holds_chain(name) ? " → " : word(holds_clients(name) ? "list.clients" : "list.comma");
  std::string items;
  for (const auto& text : shown) {
    if (!items.empty()) items += separator;
    items += text;
  }
  if (total == shown.size()) return items;
  return phrase("list.more", {{"items", items},
                              {"more", static_cast<std::int64_t>(total - shown.size())},
                              {"total", static_cast<std::int64_t>(total)}});
}

std::string Texts::phrase(std::string_view key, const std::map<std::string, Fact>& facts) const {
  // "1 address", not "1 addresses": a language may have a form for one.
  for (const char* counted : {"count", "tiers", "days"})
    if (const auto found = facts.find(counted);
        found != facts.end() && found->second == Fact{std::int64_t{1}})
      if (const std::string one = std::string(key) + ".one"; find_word(one) && !key.ends_with(".one"))
        return phrase(one, facts);
  return fill(word(key), [&](std::string_view name) {
    const auto found = facts.find(std::string(name));
    if (found == facts.end())
      throw std::logic_error("word " + std::string(key) + " wants {" + std::string(name) + "}");
    return fact(name, found->second);
  });
}

FindingText Texts::finding(const Finding& finding, const std::vector<ClientInfo>& clients,
                           bool of_twca) const {
  const auto found = entry_->findings.find(finding.code);
  if (found == entry_->findings.end()) throw std::logic_error("no text for " + std::string(id(finding.code)));
  const auto& cases = found->second.cases;
  const auto special =
      std::find_if(cases.begin(), cases.end(), [&](const Case& one) { return holds(one, finding.facts); });
  const Said& said = special == cases.end() ? found->second.usual : special->said;
  const auto value_of = [&](std::string_view name) {
    const auto held = finding.facts.find(std::string(name));
    if (held == finding.facts.end())
      throw std::logic_error("the text of " + std::string(id(finding.code)) + " wants {" + std::string(name) +
                             "}");
    return fact(name, held->second, clients);
  };
  FindingText text = of_twca ? said.full : said.neutral;
  text.title = fill(text.title, value_of);
  text.why = fill(text.why, value_of);
  for (auto& step : text.fix) step = fill(step, value_of);
  return text;
}

}  // namespace chaintier
