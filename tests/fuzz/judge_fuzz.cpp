// A whole judgement of a served list: certificates of the practice PKI in any order, some of them damaged,
// and any octets between them. The result is written as JSON.
#include <boost/json.hpp>
#include <sstream>

#include "probes/practice/pki.h"
#include "probes/practice/pki_table.h"
#include "reports/json.h"
#include "src/findings/diagnose.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/chain_builder.h"

using namespace chaintier;

namespace {

struct World {
  std::vector<Bytes> known;  // leaves first
  Knowledge knowledge;
};

const World& world() {
  static const World made = [] {
    const PracticePki pki = PracticePki::create().value();
    World result;
    for (const char* issuer :
         {"twca-ssl-ca-2023", "twca-secure-ssl-ca-2023g3", "twca-evssl-ca-2024", "foreign-intermediate"}) {
      PracticeLeaf leaf;
      leaf.dns_names = {"www.example.tw"};
      leaf.issuer = issuer;
      leaf.not_before = day(2026, 6, 1);
      leaf.not_after = day(2026, 12, 1);
      leaf.scts = {day(2026, 6, 1)};
      result.known.push_back(pki.issue(leaf).value().certificate);
    }
    for (const PracticeCa& ca : practice_cas()) result.known.push_back(pki.certificate(ca.slug));
    Knowledge& knowledge = result.knowledge;
    knowledge.catalogue = std::make_shared<Catalogue>(Catalogue::from_files(pki.catalogue_files()).value());
    knowledge.clients = built_in_clients().clients;
    knowledge.all_clients = knowledge.clients;
    knowledge.at = judging_day();
    knowledge.limits = {.paths = 50, .steps = 2000, .signature_checks = 200, .depth = 16};
    return result;
  }();
  return made;
}

// 0..0xbf: a known certificate. 0xc0..0xef: one with an octet changed. 0xf0..: octets as they come.
Bytes next_certificate(Input& input) {
  const auto& known = world().known;
  const std::uint8_t kind = input.octet();
  if (kind >= 0xf0) {
    const ByteView raw = input.take(input.number());
    return Bytes(raw.begin(), raw.end());
  }
  if (kind < 0xc0) return known[kind % known.size()];
  Bytes changed = known[input.octet() % known.size()];
  const std::size_t at = input.number() % changed.size();
  changed[at] = input.octet();
  return changed;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  Observation observation;
  observation.target = parse_target("www.example.tw").value();
  EndpointSeen endpoint;
  endpoint.address = IpAddress::parse("192.0.2.1");
  endpoint.port = 443;
  while (!input.empty() && endpoint.samples.size() < 3) {
    Sample sample;
    sample.at = judging_day();
    sample.asked.sni = "www.example.tw";
    sample.outcome = Outcome::captured;
    for (std::size_t count = input.octet() % 12; count > 0 && !input.empty(); --count)
      sample.served.push_back(make_sent(next_certificate(input)));
    endpoint.samples.push_back(std::move(sample));
  }
  observation.endpoints.push_back(std::move(endpoint));

  Diagnoser diagnoser(world().knowledge);
  Report report;
  report.catalogue = world().knowledge.catalogue;
  report.judged_at = judging_day();
  report.targets.push_back(diagnoser.diagnose(std::move(observation)));
  for (const auto& chain : report.targets.front().chains) {
    promise(chain->certificates.size() == chain->served.size(), "each certificate served has its place");
    promise(chain->clients.size() == world().knowledge.clients.size(), "each client has a verdict");
    for (const ClientResult& client : chain->clients) {
      promise(!client.path || *client.path < chain->paths.size(), "a client's path is one of those found");
      const bool trusted =
          client.verdict == ClientVerdict::trusted || client.verdict == ClientVerdict::trusted_by_aia;
      promise(trusted == client.reasons.empty(), "a refusal has a reason, and nothing else has");
    }
  }
  std::ostringstream json;
  write_target_json(report, report.targets.front(), json);
  boost::system::error_code failed;
  boost::json::parse(json.str(), failed);
  promise(!failed, "the report is JSON");
  return 0;
}
