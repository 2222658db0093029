#include "src/report/explain.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include "src/base/embedded.h"
#include "src/base/text.h"
#include "src/findings/codes.h"

namespace chaintier {

namespace {

constexpr std::size_t most_suggested = 3;

std::string folder(Language language) { return "texts/explain/" + std::string(id(language)) + "/"; }

bool is_section(std::string_view topic) {
  return !topic.empty() && topic.find_first_not_of("0123456789.") == std::string_view::npos;
}

// Numbers of "6.2.10", so that 6.2.10 comes after 6.2.9.
std::vector<int> numbers(std::string_view section) {
  std::vector<int> result;
  for (const auto part : split(section, '.'))
    result.push_back(std::accumulate(part.begin(), part.end(), 0,
                                     [](int value, char digit) { return value * 10 + (digit - '0'); }));
  return result;
}

std::optional<std::string_view> page(Language language, std::string_view topic) {
  const std::string path = folder(language) + std::string(topic) + ".txt";
  const auto files = embedded_files();
  const auto found =
      std::find_if(files.begin(), files.end(), [&](const auto& file) { return file.path == path; });
  return found == files.end() ? std::nullopt : std::optional(found->content);
}

// Levenshtein's edit distance, in octets: topics are ASCII.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, substituted});
    }
  }
  return row.back();
}

// How far a topic is from what was typed. People also leave the area out ("leaf_only"), so the part after the
// dot may be meant alone; that costs one more, so that a whole match wins.
std::size_t unlikeness(std::string_view typed, std::string_view topic) {
  const auto whole = distance(typed, topic);
  const auto dot = topic.find('.');
  if (is_section(topic) || dot == std::string_view::npos) return whole;
  return std::min(whole, distance(typed, topic.substr(dot + 1)) + 1);
}

std::string nearest(std::string_view typed) {
  auto topics = explain_topics();
  std::stable_sort(topics.begin(), topics.end(),
                   [&](const auto& a, const auto& b) { return unlikeness(typed, a) < unlikeness(typed, b); });
  std::string result;
  for (std::size_t i = 0; i < std::min(most_suggested, topics.size()); ++i)
    result += (i == 0 ? "" : ", ") + topics[i];
  return result;
}

// A line "@name" stands for the lines of parts/name.txt: what several pages share is written once.
std::string with_parts(std::string_view text, Language language) {
  std::string result;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size() - 1);
    const auto line = text.substr(0, end + 1);
    if (line.starts_with('@'))
      result += embedded_file(folder(language) + "parts/" + std::string(trimmed(line.substr(1))) + ".txt");
    else
      result += line;
    text.remove_prefix(line.size());
  }
  return result;
}

}  // namespace

Result<std::string> explain(std::string_view topic, Language language) {
  const std::string wanted = lower_ascii(trimmed(topic));
  // Topics hold letters, digits, "_" and "." only: nothing else may become part of a path.
  if (!wanted.empty() &&
      wanted.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_.") == std::string::npos) {
    if (const auto found = page(language, wanted)) return with_parts(*found, language);
    if (is_section(wanted))
      for (auto around = wanted; around.find('.') != std::string::npos;) {
        around.resize(around.rfind('.'));
        if (const auto found = page(language, around)) return with_parts(*found, language);
      }
  }
  return input_error(Stage::usage, "nothing is known about \"" + printable(topic) +
                                       "\"; nearest: " + nearest(wanted) +
                                       ". \"chaintier explain\" without a topic lists them all.");
}

std::vector<std::string> explain_topics() {
  std::vector<std::string> topics;
  for (const auto code : all_codes()) topics.emplace_back(id(code));
  std::vector<std::string> sections;
  const std::string prefix = folder(Language::en);
  for (const auto& file : embedded_files()) {
    if (!file.path.starts_with(prefix) || !file.path.ends_with(".txt")) continue;
    const auto name = file.path.substr(prefix.size(), file.path.size() - prefix.size() - 4);
    if (is_section(name)) sections.emplace_back(name);
  }
  std::sort(sections.begin(), sections.end(),
            [](const auto& a, const auto& b) { return numbers(a) < numbers(b); });
  topics.insert(topics.end(), sections.begin(), sections.end());
  return topics;
}

}  // namespace chaintier
