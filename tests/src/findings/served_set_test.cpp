#include "src/findings/served_set.h"

#include <memory>
#include <vector>

#include <doctest/doctest.h>

#include "src/findings/judge_chain.h"
#include "tests/support/chain_builder.h"

using namespace chaintier;

namespace {

Knowledge knowledge() {
  Knowledge result;
  result.catalogue = std::make_shared<Catalogue>(Catalogue::twca());
  result.at = judging_day();
  return result;
}

}  // namespace

TEST_CASE("served set: how the certificates belong together") {
  const TestCa top{"Root"}, middle{"Middle"};
  const std::vector<SentPtr> served{make_sent(leaf_der(middle)), make_sent(ca_certificate(middle, top)->der),
                                    make_sent(root(top)->der), make_sent(root(TestCa{"Other"})->der)};
  Ground ground(knowledge());
  const ServedSet set = relate(judge_chain(served, std::nullopt, ground), ground);
  REQUIRE(set.members.size() == 4);
  CHECK(set.members[1].issued == std::vector<std::size_t>{0});
  CHECK(set.members[2].issued == std::vector<std::size_t>{1});
  CHECK(set.members[2].self_signed);
  CHECK(set.members[2].related);
  CHECK_FALSE(set.members[3].related);
}

TEST_CASE("served set: a server that sends many certificates of one name is asked about some of them") {
  std::vector<SentPtr> served{make_sent(leaf_der(TestCa{"One Name"}))};
  for (int i = 0; i < 100; ++i) served.push_back(make_sent(root(TestCa{"One Name"})->der));
  Knowledge limited = knowledge();
  limited.limits.signature_checks = 500;
  Ground ground(limited);
  const ChainJudgement chain = judge_chain(served, std::nullopt, ground);
  const auto before = ground.signatures().checks_done();
  CHECK(relate(chain, ground).members.size() == 101);
  CHECK(ground.signatures().checks_done() - before <= 500);  // of 10,000 that there could be
}
