#include "probes/practice/cases.h"

#include <algorithm>
#include <array>
#include <utility>

#include "probes/practice/case_table.h"

namespace chaintier {
namespace {

using std::chrono::days;

constexpr Time day_of(int year, int month, int day) {
  return std::chrono::sys_days{std::chrono::year{year} / month / day};
}

// Chrome from version 153 on takes a chain to the older root only with an SCT of this day or earlier.
constexpr Time sct_deadline = day_of(2026, 9, 14);

// What TWCA issues since 2026-03, and what the limits to come leave (Baseline Requirements 6.3.2).
constexpr days lifetime_at(Time now) {
  if (now < day_of(2027, 3, 15)) return days{198};
  if (now < day_of(2029, 3, 15)) return days{98};
  return days{46};
}

class Planner {
 public:
  Planner(const PracticePki& pki, Time now) : pki_(pki), now_(now), leaf_lifetime_(lifetime_at(now)) {}

  // The members fail as PracticePki::issue() does.

  Result<PracticePlan> plan(const PracticeRow& row) {
    PracticePlan plan;
    plan.id = row.id;
    plan.description = {{"zh-TW", std::string(row.zh)}, {"en", std::string(row.en)}};
    plan.host = plan.id + ".practice.test";
    if (row.behaviour == PracticeBehaviour::smtp || row.behaviour == PracticeBehaviour::smtp_without_tls)
      plan.scheme = "smtp://";
    plan.findings = row.findings;
    plan.verdict = row.verdict;
    if (row.dates == PracticeDates::before_deadline && !deadline_can_be_met()) refuse_in_chrome(plan);
    auto server = serve(row, plan.host);
    if (!server) return server.error();
    plan.servers.push_back(std::move(*server));
    return plan;
  }

  // A second address of the same name, with a leaf of its own (same dates, another key).
  Result<PracticePlan> with_second(const PracticeRow& row, PracticeBehaviour behaviour) {
    auto first = plan(row);
    if (!first) return first;
    auto second = row;
    second.behaviour = behaviour;
    auto server = serve(second, first->host);
    if (!server) return server.error();
    first->servers.push_back(std::move(*server));
    return first;
  }

  // A second machine that was left out when the certificate was exchanged; `v6`: at ::1.
  Result<PracticePlan> with_stale_second(const PracticeRow& row, bool v6) {
    auto first = plan(row);
    if (!first) return first;
    auto second = row;
    second.dates = PracticeDates::older;
    auto server = serve(second, first->host);
    if (!server) return server.error();
    if (v6) server->address = *IpAddress::parse("::1");
    first->servers.push_back(std::move(*server));
    return first;
  }

  // The very same server at the version 6 loopback address.
  Result<PracticePlan> with_v6(const PracticeRow& row) {
    auto both = plan(row);
    if (!both) return both;
    both->servers.push_back(both->servers.front());
    both->servers.back().address = *IpAddress::parse("::1");
    return both;
  }

  // Only a client that names the host gets the right chain; all others get that of another site.
  Result<PracticePlan> by_name(const PracticeRow& row) {
    auto named = plan(row);
    if (!named) return named;
    auto other = row;
    other.leaf_name = "default-site.example.test";
    auto server = serve(other, named->host);
    if (!server) return server.error();
    auto& right = named->servers.front();
    right.served_by_name = std::exchange(right.served, std::move(server->served));
    right.key_by_name_pem = std::exchange(right.key_pem, std::move(server->key_pem));
    return named;
  }

  bool after_deadline() const { return now_ - leaf_age() > sct_deadline + days{1}; }

 private:
  // Linux answers on all of 127.0.0.0/8; an address for each server makes reports easy to read.
  IpAddress next_address() {
    const std::array<std::uint8_t, 4> octets{127, 77, 0, ++last_octet_};
    return *IpAddress::from_octets(octets);
  }

  // Of a leaf that is neither old nor new.
  days leaf_age() const { return leaf_lifetime_ / 7; }
  // When a leaf becomes due, before its end.
  days renewal_time() const { return leaf_lifetime_ < days{180} ? leaf_lifetime_ / 3 : days{60}; }
  // A leaf that the constraint allows, is valid, and is not yet due for renewal.
  bool deadline_can_be_met() const { return now_ < sct_deadline + leaf_lifetime_ - renewal_time() - days{5}; }

  static void refuse_in_chrome(PracticePlan& plan) {
    auto& codes = plan.findings;
    const std::string code = "path.client_untrusted";
    const auto place = std::lower_bound(codes.begin(), codes.end(), code);
    if (place == codes.end() || *place != code) codes.insert(place, code);
    plan.verdict = "error";
  }

  Result<PracticeIdentity> make_leaf(const PracticeRow& row, const std::string& host) const {
    Time issued = now_ - leaf_age();
    if (row.dates == PracticeDates::expired) issued = now_ - leaf_lifetime_ - days{2};
    if (row.dates == PracticeDates::older) issued = now_ - leaf_lifetime_ / 2;
    if (row.dates == PracticeDates::due) issued = now_ - leaf_lifetime_ + renewal_time() / 2;
    if (row.dates == PracticeDates::before_deadline && deadline_can_be_met())
      issued = std::min(issued, sct_deadline - days{4});
    PracticeLeaf wanted;
    wanted.dns_names = {row.leaf_name.empty() ? host : std::string(row.leaf_name)};
    wanted.issuer = row.issuer;
    wanted.not_before = issued;
    wanted.not_after = issued + leaf_lifetime_;
    wanted.scts = {issued, issued};
    return row.issuer.empty() ? pki_.issue_self_signed(wanted) : pki_.issue(wanted);
  }

  Result<PracticeServer> serve(const PracticeRow& row, const std::string& host) {
    PracticeServer server;
    server.address = next_address();
    server.behaviour = row.behaviour;
    if (row.served.empty() || row.behaviour == PracticeBehaviour::closed) return server;
    auto identity = make_leaf(row, host);
    if (!identity) return identity.error();
    for (const auto slot : row.served)
      server.served.push_back(slot == practice_leaf ? identity->certificate : pki_.certificate(slot));
    server.key_pem = std::move(identity->key_pem);
    return server;
  }

  const PracticePki& pki_;
  Time now_;
  days leaf_lifetime_;
  std::uint8_t last_octet_ = 0;
};

}  // namespace

Result<std::vector<PracticePlan>> practice_plans(const PracticePki& pki, Time now, bool with_v6) {
  Planner planner(pki, now);
  std::vector<Result<PracticePlan>> made;
  for (const auto& row : practice_rows()) made.push_back(planner.plan(row));
  const auto pairs = practice_pair_rows();
  made.push_back(planner.with_second(pairs.two_certificates, PracticeBehaviour::tls));
  made.push_back(planner.with_stale_second(pairs.stale_address, false));
  made.push_back(planner.with_second(pairs.one_address_down, PracticeBehaviour::closed));
  made.push_back(planner.by_name(pairs.by_name));
  if (with_v6) made.push_back(planner.with_v6(pairs.both_families));
  if (with_v6) made.push_back(planner.with_stale_second(pairs.stale_v6, true));
  if (planner.after_deadline()) made.push_back(planner.plan(practice_late_row()));

  std::vector<PracticePlan> plans;
  for (auto& one : made) {
    if (!one) return one.error();
    plans.push_back(std::move(*one));
  }
  return plans;
}

}  // namespace chaintier
