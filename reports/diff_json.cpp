#include <cstdint>
#include <map>

#include "reports/diff.h"
#include "reports/json_parts.h"
#include "src/report/texts.h"

namespace chaintier {

namespace {

JsonObject json_of(const DiffSide& side, const std::string& file) {
  JsonObject result;
  result["file"] = file;
  result["judged_at"] = format_rfc3339(side.judged_at);
  result["catalogue_date"] = side.catalogue_date;
  result["targets"] = side.targets;
  return result;
}

void put(const ChangedTarget& target, JsonObject& result) {
  result["target"] = target.text;
  result["host"] = target.host;
  result["port"] = target.port;
  result["protocol"] = id(target.protocol);
  result["connect_to"] = target.connect_to ? JsonValue(target.connect_to->text()) : nullptr;
  result["tag"] = target.tag;
}

JsonArray json_of(const std::vector<ChangedTarget>& targets) {
  JsonArray result;
  for (const ChangedTarget& target : targets) {
    JsonObject one;
    put(target, one);
    result.push_back(one);
  }
  return result;
}

JsonObject json_of(const Finding& finding, const Diff& diff, const Texts& texts) {
  JsonObject result;
  result["code"] = id(finding.code);
  result["severity"] = id(finding.severity);
  result["facts"] = facts_json(finding.facts);
  result["title"] = texts.finding(finding, diff.clients).title;
  return result;
}

JsonArray json_of(const std::vector<Finding>& findings, const Diff& diff, const Texts& texts) {
  JsonArray result;
  for (const Finding& finding : findings) result.push_back(json_of(finding, diff, texts));
  return result;
}

JsonObject json_of(const Change& change, const Diff& diff, const Texts& texts) {
  JsonObject result;
  result["kind"] = id(change.kind);
  put(change.target, result);
  result["address"] = text_or_null(change.address);
  result["before"] = json_of(change.before, diff, texts);
  result["after"] = json_of(change.after, diff, texts);
  return result;
}

JsonObject summary(const Diff& diff) {
  std::map<ChangeKind, std::map<Severity, std::int64_t>> number;
  for (const Change& change : diff.changes)
    ++number[change.kind]
            [change.severity_after().value_or(change.severity_before().value_or(Severity::note))];
  JsonObject result;
  for (const ChangeKind kind :
       {ChangeKind::fresh, ChangeKind::changed, ChangeKind::unjudged, ChangeKind::gone, ChangeKind::fixed}) {
    JsonObject count;
    for (const Severity severity : {Severity::note, Severity::warning, Severity::error})
      count[id(severity)] = number[kind][severity];
    result[id(kind)] = count;
  }
  result["unchanged"] = diff.unchanged;
  return result;
}

}  // namespace

void write_diff_json(const Diff& diff, const DiffText& text, std::ostream& out) {
  const Texts& texts = Texts::of(text.language);
  out << "{\n";
  write_member("schema", "chaintier.diff/1", out);
  write_member("tool", tool_json(text.tool_name, text.tool_version), out);
  write_member("language", id(text.language), out);
  write_member("old", json_of(diff.before, text.before_file), out);
  write_member("new", json_of(diff.after, text.after_file), out);
  write_member("targets_added", json_of(diff.added), out);
  write_member("targets_gone", json_of(diff.removed), out);
  out << "\"changes\":[";
  std::string_view before = "\n";
  for (const Change& change : diff.changes) {
    out << before << json_of(change, diff, texts).text();
    before = ",\n";
  }
  out << "\n],\n\"summary\":" << summary(diff).text() << "\n}\n";
}

}  // namespace chaintier
