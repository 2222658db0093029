#include "reports/json.h"

#include <cstdint>
#include <map>
#include <set>
#include <string_view>

#include "reports/json_parts.h"
#include "src/local/local_report.h"

namespace chaintier {

namespace {

// CA certificates of TargetLines, some 5 kB each.
constexpr std::size_t most_kept = 1024;

JsonObject data(const Report& report) {
  JsonArray clients;
  for (const ClientInfo& client : report.clients)
    clients.push_back({{"id", client.id},
                       {"store", client.store},
                       {"store_date", client.store_date},
                       {"current", client.current}});
  JsonObject result;
  result["catalogue_date"] = report.catalogue_date;
  result["catalogue_of"] = report.of_twca ? "twca" : "other";
  if (report.catalogue_path) result["catalogue_path"] = *report.catalogue_path;
  if (report.expect_path) result["expect_path"] = *report.expect_path;
  if (!report.options.empty()) {
    JsonArray options;
    for (const GivenOption& given : report.options)
      options.push_back({{"option", given.option}, {"value", given.value}});
    result["options"] = options;
  }
  result["clients"] = clients;
  return result;
}

JsonObject summary(const Report& report) {
  std::map<Verdict, std::int64_t> targets;
  std::map<std::string_view, std::int64_t> count;  // targets by code, in the order of codes
  for (const TargetReport& target : report.targets) {
    ++targets[target.verdict];
    std::set<Code> codes;
    for (const Finding& finding : target.findings) codes.insert(finding.code);
    for (const Code code : codes) ++count[id(code)];
  }
  if (report.local) {
    // Files, server configurations and stores count as targets do.
    const auto add = [&](const std::vector<Finding>& findings) {
      std::set<Code> codes;
      for (const Finding& finding : findings) codes.insert(finding.code);
      for (const Code code : codes) ++count[id(code)];
    };
    for (const LocalFile& file : report.local->files) add(file.findings);
    for (const ServerSite& site : report.local->servers) add(site.findings);
    for (const TrustStore& store : report.local->stores) add(store.findings);
  }
  JsonObject by_verdict, by_code;
  for (const Verdict verdict :
       {Verdict::ok, Verdict::note, Verdict::warning, Verdict::error, Verdict::unjudged})
    by_verdict[id(verdict)] = targets[verdict];
  for (const auto& [code, number] : count) by_code[code] = number;
  return {{"targets", report.targets.size()}, {"by_verdict", by_verdict}, {"by_code", by_code}};
}

}  // namespace

void write_member(std::string_view name, const JsonValue& value, std::ostream& out) {
  out << '"' << name << "\":" << value.text() << ",\n";
}

JsonObject tool_json(std::string_view name, std::string_view version) {
  return {{"name", name}, {"version", version}};
}

void write_json(const Report& report, std::ostream& out) {
  out << "{\n";
  write_member("schema", "chaintier.report/1", out);
  write_member("tool", tool_json(report.tool_name, report.tool_version), out);
  write_member("judged_at", format_rfc3339(report.judged_at), out);
  write_member("language", id(report.language), out);
  write_member("data", data(report), out);

  out << "\"certificates\":{";
  std::string_view before = "\n";
  for (const auto& [fingerprint, certificate] : certificates_of(report)) {
    out << before << '"' << fingerprint.hex() << "\":" << json_of(certificate, *report.catalogue).text();
    before = ",\n";
  }
  out << "\n},\n\"targets\":[";
  before = "\n";
  for (const TargetReport& target : report.targets) {
    out << before << json_of(target, report).text();
    before = ",\n";
  }
  out << "\n],\n";
  write_member("files", files_json(report), out);
  write_member("servers", servers_json(report), out);
  write_member("stores", stores_json(report), out);
  out << "\"summary\":" << summary(report).text() << "\n}\n";
}

TargetLines::TargetLines(const Report& head) : head_(head) {
  JsonObject start;
  start["schema"] = "chaintier.target/1";
  start["tool"] = tool_json(head.tool_name, head.tool_version);
  start["judged_at"] = format_rfc3339(head.judged_at);
  start["language"] = id(head.language);
  start["data"] = data(head);
  start_ = "{";
  start.append_members_to(start_);
  start_ += ",\"certificates\":{";
}

const std::string& TargetLines::text_of(const CertFingerprint& fingerprint,
                                        const CertificateRef& certificate) {
  if (const auto known = kept_.find(fingerprint); known != kept_.end()) return known->second;
  passing_ = json_of(certificate, *head_.catalogue).text();
  if (!certificate.parsed || !certificate.parsed->is_ca()) return passing_;
  if (kept_.size() >= most_kept) kept_.clear();
  return kept_.emplace(fingerprint, passing_).first->second;
}

std::string TargetLines::line(const TargetReport& target) {
  CertificateTable table;
  add_certificates(target, *head_.catalogue, table);
  std::string line;
  line.reserve(last_size_ + last_size_ / 8);
  line += start_;
  std::string_view before;
  for (const auto& [fingerprint, certificate] : table) {
    ((line += before) += '"') += fingerprint.hex();
    (line += "\":") += text_of(fingerprint, certificate);
    before = ",";
  }
  line += "},";
  json_of(target, head_).append_members_to(line);
  line += "}\n";
  last_size_ = line.size();
  return line;
}

void write_target_json(const Report& report, const TargetReport& target, std::ostream& out) {
  out << TargetLines(report).line(target);
}

}  // namespace chaintier
