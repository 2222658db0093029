#include "reports/json.h"

#include <array>
#include <boost/json.hpp>
#include <set>
#include <string_view>

#include "reports/json_parts.h"
#include "reports/json_tree.h"
#include "src/local/local_report.h"

namespace chaintier {

namespace json = boost::json;

namespace {

// CA certificates of TargetLines, some 5 kB each.
constexpr std::size_t most_kept = 1024;

json::object tool(const Report& report) {
  return {{"name", json_text(report.tool_name)}, {"version", json_text(report.tool_version)}};
}

json::object data(const Report& report) {
  json::array clients;
  for (const ClientInfo& client : report.clients)
    clients.push_back({{"id", json_text(client.id)},
                       {"store", json_text(client.store)},
                       {"store_date", json_text(client.store_date)},
                       {"current", client.current}});
  json::object result;
  result["catalogue_date"] = json_text(report.catalogue_date);
  result["catalogue_of"] = report.of_twca ? "twca" : "other";
  if (report.catalogue_path) result["catalogue_path"] = json_text(*report.catalogue_path);
  if (report.expect_path) result["expect_path"] = json_text(*report.expect_path);
  result["clients"] = std::move(clients);
  return result;
}

json::object summary(const Report& report) {
  json::object by_verdict;
  for (const Verdict verdict :
       {Verdict::ok, Verdict::note, Verdict::warning, Verdict::error, Verdict::unjudged})
    by_verdict[id(verdict)] = 0;
  std::map<std::string_view, std::int64_t> count;  // targets by code, in the order of codes
  for (const TargetReport& target : report.targets) {
    json::value& number = by_verdict[id(target.verdict)];
    number = number.as_int64() + 1;
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
  json::object by_code;
  for (const auto& [code, number] : count) by_code[code] = number;
  return {{"targets", report.targets.size()},
          {"by_verdict", std::move(by_verdict)},
          {"by_code", std::move(by_code)}};
}

void member(std::ostream& out, std::string_view name, const json::value& value) {
  out << '"' << name << "\":" << json::serialize(value) << ",\n";
}
void member(std::ostream& out, std::string_view name, const JsonArray& value) {
  out << '"' << name << "\":" << value.text() << ",\n";
}

}  // namespace

void write_json(const Report& report, std::ostream& out) {
  out << "{\n";
  member(out, "schema", "chaintier.report/1");
  member(out, "tool", tool(report));
  member(out, "judged_at", json::value(format_rfc3339(report.judged_at)));
  member(out, "language", json::value(id(report.language)));
  member(out, "data", data(report));

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
  member(out, "files", files_json(report));
  member(out, "servers", servers_json(report));
  member(out, "stores", stores_json(report));
  out << "\"summary\":" << json::serialize(summary(report)) << "\n}\n";
}

TargetLines::TargetLines(const Report& head) : head_(head) {
  json::object start;
  start["schema"] = "chaintier.target/1";
  start["tool"] = tool(head);
  start["judged_at"] = format_rfc3339(head.judged_at);
  start["language"] = id(head.language);
  start["data"] = data(head);
  start_ = json::serialize(start);
  start_.back() = ',';
  start_ += "\"certificates\":{";
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
