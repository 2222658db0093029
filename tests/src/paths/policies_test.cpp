#include "src/paths/policies.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/chain_builder.h"

using namespace chaintier;

namespace {

constexpr std::string_view gold = "1.2.3.1", silver = "1.2.3.2", bronze = "1.2.3.3";

// Leaf, two CAs, root; changes from the root's side down, as a CA would read them.
struct Shape {
  Change upper{}, lower{}, leaf{}, anchor{};
};

std::optional<PathProblem> problem(const Shape& shape) {
  static const TestCa top{"Root"}, upper{"Upper"}, lower{"Lower"};
  const std::vector path{leaf_by(lower, "www.example.tw", shape.leaf),
                         ca_certificate(lower, upper, shape.lower), ca_certificate(upper, top, shape.upper),
                         root(top, shape.anchor)};
  return check_policies(path);
}

Change with(std::vector<TestExtension> extensions) {
  return [extensions](Draft& draft) {
    for (const TestExtension& extension : extensions) draft.set(extension);
  };
}

Change says(std::vector<std::string_view> dotted) { return with({policies(dotted)}); }

std::optional<PathProblem> at(std::size_t index) { return PathProblem{index, Problem::policy}; }

}  // namespace

TEST_CASE("policies: without a demand for one, anything goes") {
  CHECK_FALSE(problem({}));
  CHECK_FALSE(problem({says({gold}), says({silver}), says({bronze}), {}}));
  CHECK_FALSE(problem({says({gold}), {}, says({gold}), {}}));
  const TestCa top{"Root"};
  const std::vector alone{root(top)};
  CHECK_FALSE(check_policies(alone));
}

TEST_CASE("policies: required at once") {
  const auto demand = policy_constraints(0, {});
  const Change upper = with({policies({gold}), demand});
  CHECK_FALSE(problem({upper, says({gold}), says({gold}), {}}));
  CHECK_FALSE(problem({upper, says({silver, gold}), says({gold, bronze}), {}}));
  CHECK(problem({upper, {}, says({gold}), {}}) == at(1));
  CHECK(problem({upper, says({silver}), says({silver}), {}}) == at(1));
  CHECK(problem({upper, says({gold}), says({silver}), {}}) == at(0));
  CHECK(problem({upper, says({gold}), {}, {}}) == at(0));
}

TEST_CASE("policies: required some certificates later") {
  const Change upper = with({policies({gold}), policy_constraints(1, {})});
  CHECK(problem({upper, {}, {}, {}}) == at(0));
  CHECK_FALSE(problem({with({policies({gold}), policy_constraints(5, {})}), {}, {}, {}}));
  // The leaf's own demand is one for itself (6.1.5 (b)).
  CHECK(problem({says({gold}), says({gold}), with({policies({silver}), policy_constraints(0, {})}), {}}) ==
        at(0));
}

TEST_CASE("policies: the anchor's own constraints are no part of the path") {
  CHECK_FALSE(problem({{}, {}, {}, with({policies({gold}), policy_constraints(0, 0)})}));
}

TEST_CASE("policies: any-policy, and forbidding it") {
  const auto demand = policy_constraints(0, {});
  CHECK_FALSE(problem({with({policies({oids::any_policy}), demand}), says({gold}), says({gold}), {}}));
  CHECK_FALSE(problem({with({policies({gold}), demand}), says({oids::any_policy}), says({gold}), {}}));
  CHECK_FALSE(
      problem({with({policies({gold}), demand}), says({oids::any_policy}), says({oids::any_policy}), {}}));
  CHECK(problem({with({policies({gold}), demand}), says({oids::any_policy}), says({silver}), {}}) == at(0));
  const auto inhibited = with({policies({gold}), demand, inhibit_any_policy(0)});
  CHECK(problem({inhibited, says({oids::any_policy}), says({gold}), {}}) == at(1));
  const auto one_later = with({policies({gold}), demand, inhibit_any_policy(1)});
  CHECK_FALSE(problem({one_later, says({oids::any_policy}), says({gold}), {}}));
  CHECK(problem({one_later, says({oids::any_policy}), says({oids::any_policy}), {}}) == at(0));
}

TEST_CASE("policies: mapping") {
  const auto demand = policy_constraints(0, {});
  const auto mapped = [&](std::vector<TestExtension> more) {
    more.push_back(policies({gold}));
    more.push_back(demand);
    more.push_back(policy_mappings({{gold, silver}}));
    return with(more);
  };
  CHECK_FALSE(problem({mapped({}), says({silver}), says({silver}), {}}));
  CHECK(problem({mapped({}), says({gold}), says({gold}), {}}) == at(1));
  // A policy mapped to two is both.
  const auto both = with({policies({gold}), demand, policy_mappings({{gold, silver}, {gold, bronze}})});
  CHECK_FALSE(problem({both, says({bronze}), says({bronze}), {}}));
  CHECK_FALSE(problem({both, says({silver}), says({silver}), {}}));
  // Mapped while mapping is forbidden: the policy is gone.
  const auto forbidding = with({policies({gold}), policy_constraints(0, 0)});
  const auto maps_below = with({policies({gold}), policy_mappings({{gold, silver}})});
  CHECK(problem({forbidding, maps_below, says({silver}), {}}) == at(0));
  CHECK(problem({forbidding, maps_below, says({gold}), {}}) == at(0));
}

TEST_CASE("policies: any-policy may not be mapped") {
  CHECK(problem({with({policies({gold}), policy_mappings({{gold, oids::any_policy}})}), {}, {}, {}}) ==
        at(2));
  CHECK(problem({with({policies({gold}), policy_mappings({{oids::any_policy, gold}})}), {}, {}, {}}) ==
        at(2));
}

TEST_CASE("policies: self-issued certificates use nothing up") {
  static const TestCa top{"Root"}, renewed{"Root"};
  const auto self_issued = ca_certificate(renewed, top, with({policies({gold}), policy_constraints(1, {})}));
  const auto again = ca_certificate(renewed, renewed, with({policies({oids::any_policy})}));
  const TestCa lower{"Lower"};
  const auto lower_ca = ca_certificate(lower, renewed);
  // Demanded after one more certificate; the self-issued one does not count, the lower CA does.
  const std::vector path{leaf_by(lower), lower_ca, again, self_issued, root(top)};
  CHECK(check_policies(path) == at(0));
  const std::vector direct{leaf_by(renewed), again, self_issued, root(top)};
  CHECK(check_policies(direct) == at(0));
}

// Compared one by one, this would outlast the time that the tests are given.
TEST_CASE("policies: a hundred thousand of them in each certificate") {
  std::vector<std::string> texts;
  for (int i = 0; i < 100'000; ++i) texts.push_back("1.2.3." + std::to_string(i));
  const std::vector<std::string_view> many(texts.begin(), texts.end());
  CHECK_FALSE(problem({with({policies(many), policy_constraints(0, {})}), says(many), says(many), {}}));
}
