#include "probes/practice/fleet.h"

#include <utility>

#include <fmt/core.h>

#include "probes/practice/cases.h"
#include "probes/practice/servers.h"

namespace chaintier {
namespace {

std::string bracketed(const IpAddress& address) {
  return address.is_v6() ? fmt::format("[{}]", address.text()) : address.text();
}

PracticeCase case_of(const PracticePlan& plan, std::uint16_t port) {
  PracticeCase one;
  one.id = plan.id;
  one.description = plan.description;
  one.findings = plan.findings;
  one.verdict = plan.verdict;
  // An address in the target says where one server is; several, and those with a scheme, need --resolve.
  if (plan.servers.size() == 1 && plan.scheme.empty()) {
    one.target = fmt::format("{}@{}:{}", plan.host, bracketed(plan.servers.front().address), port);
    return one;
  }
  one.target = fmt::format("{}{}:{}", plan.scheme, plan.host, port);
  for (const auto& server : plan.servers) one.resolve[plan.host].push_back(server.address);
  return one;
}

}  // namespace

struct PracticeFleet::State {
  PracticePki pki;
  PracticeServers servers;
  std::vector<PracticeCase> cases;
};

PracticeFleet::PracticeFleet(std::unique_ptr<State> state) : state_(std::move(state)) {}
PracticeFleet::~PracticeFleet() = default;
PracticeFleet::PracticeFleet(PracticeFleet&&) noexcept = default;
PracticeFleet& PracticeFleet::operator=(PracticeFleet&&) noexcept = default;

Result<PracticeFleet> PracticeFleet::start(Time now) {
  auto pki = PracticePki::create();
  if (!pki) return pki.error();
  const auto plans = practice_plans(*pki, now, PracticeServers::has_v6_loopback());
  if (!plans) return plans.error();
  auto state = std::make_unique<State>(State{std::move(*pki), PracticeServers(), {}});
  for (const auto& plan : *plans) {
    const auto port = state->servers.open(plan.servers, plan.host);
    if (!port) return port.error();
    state->cases.push_back(case_of(plan, *port));
  }
  state->servers.start();
  return PracticeFleet(std::move(state));
}

const std::vector<PracticeCase>& PracticeFleet::cases() const { return state_->cases; }
const PracticePki& PracticeFleet::pki() const { return state_->pki; }

}  // namespace chaintier
