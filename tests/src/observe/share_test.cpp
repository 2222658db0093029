#include "src/observe/share.h"

#include <algorithm>
#include <set>

#include <doctest/doctest.h>

namespace chaintier {

namespace {

std::vector<Target> fleet(int count) {
  std::vector<Target> targets;
  for (int i = 0; i < count; ++i)
    targets.push_back(parse_target("host" + std::to_string(i % 250) + ".example.tw@10.0." +
                                   std::to_string(i / 250) + "." + std::to_string(i % 250) + ":8443")
                          .value());
  return targets;
}

}  // namespace

TEST_CASE("identity: host, port, protocol and given address, and nothing else") {
  const auto identity = [](std::string_view text) { return identity_of(parse_target(text).value()); };
  CHECK(identity("WWW.example.tw") == identity("https://www.example.tw:443/path"));
  std::set<std::string> different;
  for (const char* text : {"example.tw", "example.tw:444", "example.tw@192.0.2.1", "example.tw@192.0.2.2",
                           "smtps://example.tw:443", "192.0.2.1", "[2001:db8::1]:443"})
    different.insert(identity(text));
  CHECK(different.size() == 7);
  Target tagged = parse_target("example.tw").value();
  tagged.tag = "web";
  CHECK(identity_of(tagged) == identity("example.tw"));
  CHECK(identity_of(BadTarget{"example.tw", 1, {}}) != identity("example.tw"));
  CHECK(identity_of(BadTarget{"x y", 1, {}}) != identity_of(BadTarget{"x y", 2, {}}));
}

TEST_CASE("shard: every identity is in exactly one, whatever the number of shards") {
  const std::vector<Target> targets = fleet(2000);
  for (const std::size_t of : {1u, 2u, 7u, 100u}) {
    std::vector<std::size_t> sizes(of);
    for (const Target& target : targets) {
      std::size_t in = 0;
      for (std::size_t number = 1; number <= of; ++number)
        if (is_in({number, of}, identity_of(target))) ++in, ++sizes[number - 1];
      CHECK(in == 1);
    }
    // Shares of about the same size: between a quarter and double of the even one.
    CHECK(*std::ranges::min_element(sizes) > targets.size() / of / 4);
    CHECK(*std::ranges::max_element(sizes) < targets.size() / of * 2 + 1);
  }
}

// Runs of different versions must agree, so the shares are written down.
TEST_CASE("shard: the same on every machine") {
  std::string shares;
  for (const char* text : {"example.tw", "www.example.tw", "mail.example.tw:993", "example.tw@192.0.2.1"})
    for (std::size_t number = 1; number <= 5; ++number)
      if (is_in({number, 5}, identity_of(parse_target(text).value()))) shares += std::to_string(number);
  CHECK(shares == "5241");
}

TEST_CASE("scan order: a permutation that follows from the targets, not from their order") {
  std::vector<Target> targets = fleet(1000);
  const auto names = [](const std::vector<Target>& all) {
    std::vector<std::string> result;
    for (const std::size_t index : scan_order(all)) result.push_back(identity_of(all[index]));
    return result;
  };
  const auto order = names(targets);
  CHECK(std::set<std::string>(order.begin(), order.end()).size() == targets.size());
  std::ranges::reverse(targets);
  CHECK(names(targets) == order);
  // Neighbours on the network (one /24 has 250 of the 1000) follow each other about as often as chance has
  // it.
  std::size_t neighbours = 0;
  const auto network = [](const std::string& identity) {
    const auto last = identity.rfind('.');
    return identity.substr(identity.rfind('|', last), last - identity.rfind('|', last));
  };
  for (std::size_t i = 1; i < order.size(); ++i)
    if (network(order[i]) == network(order[i - 1])) ++neighbours;
  CHECK(neighbours > 200);
  CHECK(neighbours < 300);
  CHECK(scan_order({}).empty());
}

}  // namespace chaintier
