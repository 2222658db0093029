#include "src/findings/diagnose.h"

#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/chain_builder.h"

using namespace chaintier;

namespace {

Finding finding(Code code, Severity severity) { return {code, severity, {}, {}}; }

Observation captured() {
  Observation observation;
  observation.target = parse_target("www.example.tw").value();
  EndpointSeen endpoint;
  Sample sample;
  sample.outcome = Outcome::captured;
  sample.served = {make_sent(bytes_of("a"))};
  endpoint.samples.push_back(sample);
  observation.endpoints.push_back(endpoint);
  return observation;
}

constexpr auto note = Severity::note, warning = Severity::warning, error = Severity::error;

}  // namespace

TEST_CASE("headline: causes before effects, then the severer, then the earlier") {
  const auto headline = [](std::vector<Finding> findings) {
    const auto first = headline_of(findings);
    std::ranges::reverse(findings);
    CHECK(headline_of(findings) == first);  // whatever the order
    return first;
  };
  CHECK_FALSE(headline({}));
  CHECK(headline({finding(Code::path_client_untrusted, error),
                  finding(Code::chain_cross_missing, warning)}) == Code::chain_cross_missing);
  CHECK(headline({finding(Code::leaf_renewal_due, warning), finding(Code::chain_leaf_only, error)}) ==
        Code::chain_leaf_only);
  CHECK(headline({finding(Code::chain_leaf_only, error), finding(Code::leaf_expired, error)}) ==
        Code::leaf_expired);
  CHECK(headline({finding(Code::balance_stale, error), finding(Code::chain_foreign, warning)}) ==
        Code::balance_stale);
  // A note is never the headline beside anything worse, not even beside an effect.
  CHECK(headline({finding(Code::chain_new_hierarchy, note), finding(Code::path_aia_only, warning)}) ==
        Code::path_aia_only);
  CHECK(headline({finding(Code::path_tiers_differ, note), finding(Code::chain_new_hierarchy, note)}) ==
        Code::chain_new_hierarchy);
  CHECK(headline({finding(Code::path_tiers_differ, note)}) == Code::path_tiers_differ);
  CHECK(headline({finding(Code::leaf_expired, note), finding(Code::net_refused, warning)}) ==
        Code::net_refused);
}

TEST_CASE("verdict of a target: the worst severity, once something was captured") {
  const auto verdict = [](const std::vector<Finding>& findings) { return verdict_of(captured(), findings); };
  CHECK(verdict({}) == Verdict::ok);
  CHECK(verdict({finding(Code::chain_new_hierarchy, note)}) == Verdict::note);
  CHECK(verdict({finding(Code::chain_foreign, warning), finding(Code::chain_new_hierarchy, note)}) ==
        Verdict::warning);
  CHECK(verdict({finding(Code::chain_foreign, warning), finding(Code::leaf_expired, error)}) ==
        Verdict::error);

  Observation nothing = captured();
  nothing.endpoints.front().samples.front().served.clear();
  CHECK(verdict_of(nothing, {}) == Verdict::unjudged);
  CHECK(verdict_of(nothing, {finding(Code::net_refused, note)}) == Verdict::unjudged);
  CHECK(verdict_of(nothing, {finding(Code::balance_unreachable, error)}) == Verdict::unjudged);
  CHECK(verdict_of(Observation{}, {}) == Verdict::unjudged);
}

TEST_CASE("a line that is no target could not be judged") {
  const BadTarget bad{"???", 7, Error{Stage::parse, Fault::input, "no host name"}, "branch"};
  const TargetReport report = Diagnoser::not_a_target(bad);
  CHECK(report.verdict == Verdict::unjudged);
  CHECK_FALSE(report.headline);
  CHECK(report.observation.target.text == "???");
  REQUIRE(report.bad_target);
  CHECK(report.bad_target->line == 7);
  CHECK(report.observation.target.tag == "branch");
}
