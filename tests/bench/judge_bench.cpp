// What judging costs, without any network: a chain that came before, and a new leaf under known
// intermediates. Prints microseconds of processor time beside the goals.
#include <ctime>
#include <vector>

#include <fmt/format.h>

#include "probes/practice/pki.h"
#include "src/findings/diagnose.h"
#include "src/x509/certificate_file.h"

using namespace chaintier;

namespace {

double cpu_microseconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

Knowledge practice_knowledge(const PracticePki& pki, Time at) {
  Knowledge knowledge;
  knowledge.at = at;
  knowledge.catalogue =
      std::make_shared<const Catalogue>(Catalogue::from_files(pki.catalogue_files()).value());
  knowledge.clients = built_in_clients().clients;
  const auto store = certificates_in(bytes_of(pki.machine_store())).value();
  for (ClientModel& client : knowledge.clients)
    if (client.machine_store) client.whole_store = std::make_shared<const CertificateStore>(store);
  knowledge.all_clients = knowledge.clients;
  return knowledge;
}

Observation observe(const PracticePki& pki, std::string_view host, Time at, Bytes leaf) {
  Observation observation;
  observation.target = parse_target(host).value();
  Sample sample;
  sample.at = at;
  sample.outcome = Outcome::captured;
  sample.asked.sni = observation.target.host;
  sample.served = {make_sent(leaf), make_sent(pki.certificate("twca-ssl-ca-2023")),
                   make_sent(pki.certificate("twca-cyber-root-ca.by-global-root"))};
  observation.endpoints.push_back(
      {IpAddress::parse("192.0.2.1"), 443, EndpointRole::edge, {std::move(sample)}});
  return observation;
}

}  // namespace

int main() {
  const Time at = parse_rfc3339("2026-09-21T00:00:00Z").value();
  const PracticePki pki = PracticePki::create().value();
  Diagnoser diagnoser(practice_knowledge(pki, at));

  constexpr int count = 5000;  // as many as the fleet of fleet_bench.py may have
  std::vector<Observation> fresh;
  for (int i = 0; i < count; ++i) {
    const std::string host = fmt::format("host{}.practice.test", i);
    PracticeLeaf leaf;
    leaf.dns_names = {host};
    leaf.not_before = parse_rfc3339("2026-07-01T00:00:00Z").value();
    leaf.not_after = parse_rfc3339("2027-01-15T00:00:00Z").value();
    fresh.push_back(observe(pki, host, at, pki.issue(leaf).value().certificate));
  }
  diagnoser.diagnose(fresh.back());  // the intermediates are known from here on
  fresh.pop_back();
  std::vector<Observation> again(fresh.end() - 60, fresh.end());  // the last ones are remembered

  const auto run = [&](std::vector<Observation> observations) {
    const double begun = cpu_microseconds();
    for (Observation& observation : observations) diagnoser.diagnose(std::move(observation));
    return (cpu_microseconds() - begun) / static_cast<double>(observations.size());
  };
  const double new_leaf = run(std::move(fresh));
  const double known_chain = run(std::move(again));
  fmt::print("judging a new leaf under known intermediates  {:8.1f} us   (goal: 100)\n", new_leaf);
  fmt::print("judging a chain seen before                   {:8.1f} us   (goal: 5)\n", known_chain);
}
