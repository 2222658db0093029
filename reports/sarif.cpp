#include "reports/sarif.h"

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <set>

#include <fmt/format.h>

#include "reports/local_targets.h"
#include "reports/target_uri.h"
#include "reports/view.h"
#include "src/base/text.h"
#include "src/local/local_report.h"
#include "src/report/explain.h"

namespace chaintier {

namespace json = boost::json;

namespace {

constexpr std::size_t name_columns = 2000;  // of a name of a stranger; the JSON report holds it whole

// Text of a stranger; JSON is UTF-8 (RFC 8259 8.1) whatever a certificate holds.
json::string json_text(std::string_view raw) { return json::string(valid_utf8(raw)); }

json::object message(std::string_view text) { return {{"text", json_text(text)}}; }

std::string shown(std::string_view raw) { return shorten(printable(raw), name_columns); }

// "chain.leaf_only" as "ChainLeafOnly": 3.49.7 wants a name that reads like an identifier.
std::string rule_name(std::string_view code) {
  std::string name;
  bool upper = true;
  for (const char c : code) {
    if (c == '.' || c == '_') {
      upper = true;
      continue;
    }
    name += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    upper = false;
  }
  return name;
}

json::object rule_of(Code code, Severity worst, Language language) {
  const Texts& texts = Texts::of(language);
  json::object rule;
  rule["id"] = id(code);
  rule["name"] = rule_name(id(code));
  rule["shortDescription"] = message(texts.word("short." + std::string(id(code))));
  if (const auto page = explain(id(code), language)) {
    // The first line is the heading; what follows up to the next one says what it is.
    const std::string_view text = *page;
    const std::size_t body = std::min(text.find('\n'), text.size());
    const std::size_t end = std::min(text.find("\n## ", body), text.size());
    rule["fullDescription"] = message(trimmed(text.substr(body, end - body)));
    // The pages have the headings and lists of Markdown.
    rule["help"] = json::object{{"text", json_text(text)}, {"markdown", json_text(text)}};
  }
  rule["defaultConfiguration"] = json::object{{"level", id(worst)}};
  const std::string area(id(code).substr(0, id(code).find('.')));
  rule["properties"] = json::object{{"tags", json::array{"security", "certificate", json::value(area)}}};
  return rule;
}

// One of each code that occurs, in the order of codes, at the worst severity it occurs with.
std::map<Code, Severity> codes_of(const Report& report) {
  std::map<Code, Severity> codes;
  for (const TargetReport& target : report.targets)
    for (const Finding& finding : target.findings) {
      const auto [at, fresh] = codes.emplace(finding.code, finding.severity);
      if (!fresh) at->second = std::max(at->second, finding.severity);
    }
  return codes;
}

json::array logical_locations(const Report& report, const Finding& finding) {
  json::array places;
  const auto add = [&](std::string_view kind, const std::string& name) {
    places.push_back(json::object{{"fullyQualifiedName", json_text(shown(name))}, {"kind", kind}});
  };
  for (const Where& where : finding.where) {  // kinds of 3.33.7 where one fits
    if (where.address) add("resource", *where.address);
    if (where.file) add("resource", *where.file);
    if (where.client) add("member", client_label(report, *where.client));
    if (where.certificate) add("object", where.certificate->hex());
  }
  return places;
}

json::value value_of(const Texts& texts, std::string_view name, const Fact& fact) {
  if (const auto* number = std::get_if<std::int64_t>(&fact)) return *number;
  if (const auto* time = std::get_if<Time>(&fact)) return json::value(format_rfc3339(*time));
  if (const auto* list = std::get_if<std::vector<std::string>>(&fact)) {
    json::array items;
    for (const std::string& item : *list) items.push_back(json_text(shown(item)));
    return items;
  }
  return json_text(shown(texts.fact(name, fact)));
}

// Of a site the configuration that names it.
std::string uri_of(const Report& report, std::size_t target) {
  const ServerSite* site = site_of(report, target);
  return site ? file_uri(site->file) : target_uri(report.targets[target]);
}

// A server has no lines, but viewers that show code want one.
std::size_t line_of(const Report& report, std::size_t target) {
  const ServerSite* site = site_of(report, target);
  return site && site->line ? site->line : 1;
}

class Results {
 public:
  Results(const Report& report, const std::map<Code, Severity>& codes) : report_(report) {
    for (const auto& [code, severity] : codes) index_.emplace(code, index_.size());
  }

  json::object result(const TargetReport& target, std::size_t artifact, const Finding& finding) {
    const Texts& texts = Texts::of(report_.language);
    const FindingText words = texts_of(report_, target, finding);
    const bool open = target.verdict == Verdict::unjudged;
    std::string text = shown(target.observation.target.text) + std::string(colon(report_.language)) +
                       shown(words.title) + "\n" + shown(words.why);
    for (std::size_t i = 0; i < words.fix.size(); ++i)
      text += fmt::format("\n{}. {}", i + 1, shown(words.fix[i]));

    json::object result;
    result["ruleId"] = id(finding.code);
    result["ruleIndex"] = index_.at(finding.code);
    result["kind"] = open ? "open" : "fail";
    result["level"] = open ? std::string_view("none") : id(finding.severity);
    result["message"] = message(text);
    const std::string uri = uri_of(report_, artifact);
    json::object location{
        {"physicalLocation",
         json::object{{"artifactLocation", json::object{{"uri", json_text(uri)}, {"index", artifact}}},
                      {"region", json::object{{"startLine", line_of(report_, artifact)}}}}}};
    if (json::array places = logical_locations(report_, finding); !places.empty())
      location["logicalLocations"] = std::move(places);
    result["locations"] = json::array{std::move(location)};
    result["partialFingerprints"] = json::object{{"chaintierFinding/v1", fingerprint(uri, finding.code)}};
    json::object facts;
    for (const auto& [name, fact] : finding.facts) facts[name] = value_of(texts, name, fact);
    result["properties"] = json::object{{"facts", std::move(facts)}};
    return result;
  }

 private:
  // Several findings of one code are told apart by their number: what else they differ in changes with time.
  std::string fingerprint(const std::string& uri, Code code) {
    const std::string key = uri + "\n" + std::string(id(code));
    const int number = ++seen_[key];
    return to_hex(sha256(bytes_of(fmt::format("{}\n{}", key, number))));
  }

  const Report& report_;
  std::map<Code, std::size_t> index_;
  std::map<std::string, int> seen_;
};

json::object invocation(const Report& report) {
  json::array notes;
  for (const TargetReport& target : report.targets) {
    if (!target.bad_target) continue;
    json::object note{{"level", "error"}, {"message", message(shown(target.bad_target->error.detail))}};
    notes.push_back(std::move(note));
  }
  json::object result{{"executionSuccessful", notes.empty()},
                      {"endTimeUtc", format_rfc3339(report.judged_at)}};
  if (!notes.empty()) result["toolExecutionNotifications"] = std::move(notes);
  return result;
}

}  // namespace

void write_sarif(const Report& report, std::ostream& out) {
  const std::map<Code, Severity> codes = codes_of(report);
  json::array rules;
  for (const auto& [code, worst] : codes) rules.push_back(rule_of(code, worst, report.language));
  json::object driver{{"name", json_text(report.tool_name)},
                      {"version", json_text(report.tool_version)},
                      {"semanticVersion", json_text(report.tool_version)},
                      {"language", id(report.language)},
                      {"rules", std::move(rules)}};

  out << "{\n\"$schema\":\"https://json.schemastore.org/"
         "sarif-2.1.0.json\",\n\"version\":\"2.1.0\",\n\"runs\":[{\n"
      << "\"tool\":" << json::serialize(json::object{{"driver", std::move(driver)}}) << ",\n\"language\":\""
      << id(report.language) << "\",\n\"invocations\":" << json::serialize(json::array{invocation(report)})
      << ",\n\"artifacts\":[";
  std::string_view before = "\n";
  for (std::size_t i = 0; i < report.targets.size(); ++i) {
    const json::object artifact{{"location", json::object{{"uri", json_text(uri_of(report, i))}}},
                                {"description", message(shown(report.targets[i].observation.target.text))}};
    out << before << json::serialize(artifact);
    before = ",\n";
  }
  out << "\n],\n\"results\":[";
  before = "\n";
  Results results(report, codes);
  for (std::size_t i = 0; i < report.targets.size(); ++i)
    for (const Finding& finding : report.targets[i].findings) {
      out << before << json::serialize(results.result(report.targets[i], i, finding));
      before = ",\n";
    }
  out << "\n]\n}]\n}\n";
}

}  // namespace chaintier
