// A folder is a case: tests/cases/<name>/case.json says which chain of the practice PKI is served, and what
// has to come out. Keys are fresh in every run, so certificates are named by slug and never by their bytes.
#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include <doctest/doctest.h>

#include "probes/practice/pki.h"
#include "src/findings/diagnose.h"
#include "src/x509/certificate_file.h"
#include "tests/reports/round_trip.h"

using namespace chaintier;
namespace json = boost::json;

namespace {

const PracticePki& pki() {
  static const PracticePki shared = PracticePki::create().value();
  return shared;
}

Time time_of(const json::value& text) { return parse_rfc3339(std::string(text.as_string())).value(); }

std::vector<std::string> strings(const json::value& list) {
  std::vector<std::string> result;
  for (const auto& value : list.as_array()) result.emplace_back(value.as_string());
  return result;
}

std::set<std::string> set_of(const json::value& list) {
  const auto all = strings(list);
  return {all.begin(), all.end()};
}

Bytes issue(const json::object& leaf) {
  PracticeLeaf wanted;
  wanted.dns_names = strings(leaf.at("names"));
  wanted.not_before = time_of(leaf.at("not_before"));
  wanted.not_after = time_of(leaf.at("not_after"));
  if (const auto* scts = leaf.if_contains("scts"))
    for (const auto& time : scts->as_array()) wanted.scts.push_back(time_of(time));
  if (const auto* client = leaf.if_contains("client_auth")) wanted.client_auth = client->as_bool();
  if (leaf.contains("self_signed")) return pki().issue_self_signed(wanted).value().certificate;
  wanted.issuer = std::string(leaf.at("issuer").as_string());
  return pki().issue(wanted).value().certificate;
}

Knowledge knowledge_of(const json::object& wanted) {
  Knowledge knowledge;
  knowledge.at = time_of(wanted.at("at"));
  knowledge.catalogue =
      std::make_shared<const Catalogue>(Catalogue::from_files(pki().catalogue_files()).value());
  knowledge.clients = built_in_clients().clients;
  const auto store = certificates_in(bytes_of(pki().machine_store())).value();
  for (ClientModel& client : knowledge.clients)
    if (client.machine_store) client.whole_store = std::make_shared<const CertificateStore>(store);
  knowledge.all_clients = knowledge.clients;
  if (const auto* without = wanted.if_contains("without_roots"))
    for (const std::string& slug : strings(*without))
      knowledge.without_roots.insert(knowledge.catalogue->find(slug)->certificate->fingerprint);
  return knowledge;
}

std::string joined(const std::set<std::string>& texts) {
  std::string result;
  for (const std::string& text : texts) result += text + "\n";
  return result;
}

struct Outcomes {
  std::set<std::string> findings, untrusted, by_aia, unjudged;
  std::map<std::string, std::string> taken;  // client -> name and tiers of its path
};

Outcomes outcomes_of(const TargetReport& report) {
  Outcomes result;
  for (const Finding& finding : report.findings)
    result.findings.insert(std::string(id(finding.code)) + " " + std::string(id(finding.severity)));
  for (const ClientResult& client : report.chains.front()->clients) {
    if (client.verdict == ClientVerdict::untrusted) result.untrusted.insert(client.client);
    if (client.verdict == ClientVerdict::trusted_by_aia) result.by_aia.insert(client.client);
    if (client.verdict == ClientVerdict::unjudged) result.unjudged.insert(client.client);
    if (!client.path || client.verdict == ClientVerdict::untrusted) continue;
    const JudgedPath& path = report.chains.front()->paths[*client.path];
    result.taken[client.client] = path.name.value_or("") + " " + std::to_string(path.path.tiers());
  }
  return result;
}

std::vector<std::string> slugs(const std::vector<CertificatePtr>& chain, const Catalogue& catalogue) {
  std::vector<std::string> result;
  for (const auto& certificate : chain) {
    const KnownCa* known = catalogue.find(certificate->fingerprint);
    result.push_back(known ? known->slug : "leaf");
  }
  return result;
}

Report report_with(const TargetReport& target, const Knowledge& knowledge) {
  Report report;
  report.tool_name = "chaintier";
  report.judged_at = knowledge.at;
  report.catalogue = knowledge.catalogue;
  report.catalogue_date = knowledge.catalogue->date();
  for (const ClientModel& client : knowledge.clients)
    report.clients.push_back({client.id, client.store, client.store_date, client.current, client.label});
  report.targets = {target};
  return report;
}

void run_case(const std::filesystem::path& folder) {
  std::ifstream file(folder / "case.json");
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const json::value value = json::parse(text);
  const json::object& wanted = value.as_object();
  const json::object& expect = wanted.at("expect").as_object();

  const Bytes leaf = issue(wanted.at("leaf").as_object());
  Observation observation;
  observation.target = parse_target(std::string(wanted.at("host").as_string())).value();
  Sample sample;
  sample.at = time_of(wanted.at("at"));
  sample.outcome = Outcome::captured;
  sample.key_proved = true;
  sample.asked.sni = observation.target.host;
  for (const std::string& slug : strings(wanted.at("served")))
    sample.served.push_back(make_sent(slug == "leaf" ? leaf : pki().certificate(slug)));
  observation.endpoints.push_back({IpAddress::parse("192.0.2.1"), 443, EndpointRole::edge, {sample}});
  if (const auto* from = wanted.if_contains("from"); from && *from == "file")
    observation.endpoints.back().role = EndpointRole::file;

  Diagnoser diagnoser(knowledge_of(wanted));
  const TargetReport report = diagnoser.diagnose(observation);
  check_round_trip(report_with(report, diagnoser.knowledge()));
  const Outcomes got = outcomes_of(report);
  CHECK(joined(got.findings) == joined(set_of(expect.at("findings"))));
  CHECK(id(report.verdict) == expect.at("verdict").as_string());
  if (const auto* headline = expect.if_contains("headline")) {
    REQUIRE(report.headline);
    CHECK(id(*report.headline) == headline->as_string());
  }
  CHECK(joined(got.untrusted) == joined(set_of(expect.at("untrusted"))));
  CHECK(joined(got.by_aia) == joined(set_of(expect.at("by_aia"))));
  if (const auto* taken = expect.if_contains("taken"))
    for (const auto& [client, path] : taken->as_object()) {
      CAPTURE(client);
      CHECK(got.taken.at(std::string(client)) == path.as_string());
    }
  if (const auto* send = expect.if_contains("should_send")) {
    REQUIRE(report.chains.front()->should_send);
    CHECK(slugs(*report.chains.front()->should_send, *diagnoser.knowledge().catalogue) == strings(*send));
  }
}

}  // namespace

TEST_CASE("diagnosis: every case folder") {
  std::size_t count = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(TEST_FOLDER) / "cases")) {
    if (!entry.is_directory()) continue;
    ++count;
    const std::string name = entry.path().filename().string();
    SUBCASE(name.c_str()) { run_case(entry.path()); }
  }
  CHECK(count > 20);
}
