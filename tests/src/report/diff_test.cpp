#include "src/report/diff.h"

#include <algorithm>

#include <doctest/doctest.h>

namespace chaintier {

namespace {

struct Seen {
  std::string address;
  bool captured = true;
};

Report head_of(std::string_view judged_at = "2026-09-01T00:00:00Z") {
  Report head;
  head.judged_at = parse_rfc3339(judged_at).value();
  return head;
}

TargetReport target_of(std::string_view text, const std::vector<Seen>& places,
                       std::vector<Finding> findings) {
  TargetReport target;
  target.observation.target = parse_target(text).value();
  for (const Seen& place : places) {
    EndpointSeen endpoint{IpAddress::parse(place.address), 443, EndpointRole::edge, {Sample{}}};
    if (place.captured) {
      endpoint.samples[0].served = {make_sent(Bytes{1, 2, 3})};
      target.verdict = Verdict::ok;
    }
    target.observation.endpoints.push_back(std::move(endpoint));
  }
  target.findings = std::move(findings);
  return target;
}

Finding finding(Code code, Severity severity, const std::vector<std::string>& addresses,
                std::map<std::string, Fact> facts = {}) {
  Finding result{code, severity, {}, std::move(facts)};
  for (const std::string& address : addresses) result.where.push_back({address, {}, {}, {}});
  return result;
}

std::string told(const Diff& diff) {
  std::string result;
  for (const Change& change : diff.changes) {
    const auto& shown = change.after.empty() ? change.before : change.after;
    result += std::string(id(change.kind)) + " " + change.target.text + " " + change.address + " " +
              std::string(id(shown.front().code)) + "\n";
  }
  return result;
}

Diff compared(const std::vector<TargetReport>& before, const std::vector<TargetReport>& after) {
  Differ differ;
  for (const TargetReport& target : before) differ.add_before(head_of(), target);
  for (const TargetReport& target : after) differ.add_after(head_of("2026-09-02T00:00:00Z"), target);
  return differ.compare();
}

constexpr Severity error = Severity::error, warning = Severity::warning, note = Severity::note;

}  // namespace

TEST_CASE("diff: new, changed, fixed, gone and what cannot be told, by address") {
  const std::string first = "192.0.2.1:443", second = "192.0.2.2:443", third = "192.0.2.3:443";
  const auto before = target_of(
      "a.tw", {{"192.0.2.1"}, {"192.0.2.2"}, {"192.0.2.3"}},
      {finding(Code::chain_order, warning, {first, second, third}), finding(Code::leaf_expired, error, {}),
       finding(Code::chain_duplicate, note, {first}, {{"count", std::int64_t{2}}})});
  const auto after = target_of("a.tw", {{"192.0.2.1"}, {"192.0.2.2", false}},
                               {finding(Code::chain_foreign, warning, {first}),
                                finding(Code::chain_duplicate, note, {first}, {{"count", std::int64_t{3}}})});
  const Diff diff = compared({before}, {after});
  CHECK(told(diff) ==
        "new a.tw 192.0.2.1:443 chain.foreign\n"
        "changed a.tw 192.0.2.1:443 chain.duplicate\n"
        "unjudged a.tw 192.0.2.2:443 chain.order\n"
        "gone a.tw 192.0.2.3:443 chain.order\n"
        "fixed a.tw  leaf.expired\n"
        "fixed a.tw 192.0.2.1:443 chain.order\n");
  CHECK(diff.unchanged == 0);
  CHECK(is_worse(diff, warning));
  CHECK_FALSE(is_worse(diff, error));
}

TEST_CASE("diff: the same finding twice is no change, whatever the days and counts say") {
  const auto run = [](std::int64_t days, std::string detail) {
    return target_of("a.tw", {{"192.0.2.1"}},
                     {finding(Code::leaf_renewal_due, warning, {}, {{"days", days}, {"detail", detail}})});
  };
  const Diff same = compared({run(20, "slow")}, {run(19, "slower")});
  CHECK(same.changes.empty());
  CHECK(same.unchanged == 1);
  CHECK_FALSE(is_worse(same, note));
}

TEST_CASE("diff: a target that does not answer any more tells nothing about what it had") {
  const auto before = target_of("a.tw", {{"192.0.2.1"}}, {finding(Code::leaf_expired, error, {})});
  const auto silent =
      target_of("a.tw", {{"192.0.2.1", false}}, {finding(Code::net_timeout, note, {"192.0.2.1:443"})});
  const auto refused =
      target_of("a.tw", {{"192.0.2.1", false}}, {finding(Code::net_refused, note, {"192.0.2.1:443"})});
  CHECK(told(compared({before}, {silent})) ==
        "new a.tw 192.0.2.1:443 net.timeout\nunjudged a.tw  leaf.expired\n");
  CHECK(told(compared({silent}, {refused})) == "changed a.tw 192.0.2.1:443 net.refused\n");
  CHECK(told(compared({silent}, {before})) ==
        "new a.tw  leaf.expired\nfixed a.tw 192.0.2.1:443 net.timeout\n");
}

TEST_CASE("diff: targets of one run only") {
  const auto one = target_of("a.tw", {{"192.0.2.1"}}, {finding(Code::leaf_expired, error, {})});
  const auto other = target_of("b.tw", {{"192.0.2.1"}}, {finding(Code::chain_order, warning, {})});
  const Diff diff = compared({one}, {other});
  CHECK(told(diff) == "new b.tw  chain.order\ngone a.tw  leaf.expired\n");
  REQUIRE(diff.added.size() == 1);
  CHECK(diff.added[0].text == "b.tw");
  REQUIRE(diff.removed.size() == 1);
  CHECK(diff.removed[0].text == "a.tw");
}

TEST_CASE("diff: a finding that became severer counts as new, one that stayed does not") {
  const auto with = [](Severity severity) {
    return target_of("a.tw", {{"192.0.2.1"}}, {finding(Code::chain_cross_missing, severity, {})});
  };
  CHECK(is_worse(compared({with(warning)}, {with(error)}), error));
  CHECK_FALSE(is_worse(compared({with(error)}, {with(warning)}), warning));
  CHECK_FALSE(is_worse(compared({with(error)}, {with(error)}), note));
}

TEST_CASE("diff: any time of judgement will do") {
  Differ differ;
  differ.add_after(head_of("1901-01-01T00:00:00Z"), target_of("a.tw", {{"192.0.2.1"}}, {}));
  const Diff diff = differ.compare();
  CHECK(diff.after.targets == 1);
  CHECK(diff.added.size() == 1);
}

TEST_CASE("diff: of a target that is there twice the later judgement counts") {
  const auto bad = target_of("a.tw", {{"192.0.2.1"}}, {finding(Code::leaf_expired, error, {})});
  const auto good = target_of("a.tw", {{"192.0.2.1"}}, {});
  Differ differ;
  differ.add_before(head_of("2026-09-02T00:00:00Z"), good);
  differ.add_before(head_of("2026-09-01T00:00:00Z"), bad);
  differ.add_after(head_of("2026-09-03T00:00:00Z"), good);
  const Diff diff = differ.compare();
  CHECK(diff.changes.empty());
  CHECK(diff.before.targets == 1);
  CHECK(format_rfc3339(diff.before.judged_at) == "2026-09-02T00:00:00Z");
}

}  // namespace chaintier
