#include "src/findings/balance.h"

#include <cmath>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/chain_builder.h"

using namespace chaintier;

namespace {

SentPtr sent(std::string_view text) { return make_sent(bytes_of(text)); }

Sample sample(std::vector<SentPtr> served, std::optional<std::string> sni = "www.example.tw") {
  Sample result;
  result.outcome = served.empty() ? Outcome::failed : Outcome::captured;
  result.served = std::move(served);
  result.asked.sni = std::move(sni);
  return result;
}

EndpointSeen endpoint(std::string_view address, std::vector<Sample> samples,
                      EndpointRole role = EndpointRole::edge) {
  EndpointSeen result;
  result.address = IpAddress::parse(address);
  result.port = 443;
  result.role = role;
  result.samples = std::move(samples);
  return result;
}

Observation observation(std::vector<EndpointSeen> endpoints) {
  Observation result;
  result.target = parse_target("www.example.tw").value();
  result.endpoints = std::move(endpoints);
  return result;
}

}  // namespace

TEST_CASE("endpoint text") {
  const Target target = parse_target("www.example.tw:8443").value();
  EndpointSeen place = endpoint("192.0.2.7", {});
  CHECK(endpoint_text(place, target) == "192.0.2.7:443");
  place.address = IpAddress::parse("2001:db8::7");
  CHECK(endpoint_text(place, target) == "[2001:db8::7]:443");
  place.address = std::nullopt;
  CHECK(endpoint_text(place, target) == "www.example.tw:8443");
}

TEST_CASE("weigh: below two answers there is nothing to compare") {
  CHECK_FALSE(weigh(observation({})));
  CHECK_FALSE(weigh(observation({endpoint("192.0.2.1", {sample({sent("a")})})})));
  CHECK_FALSE(weigh(observation({endpoint("192.0.2.1", {sample({sent("a")}), sample({})})})));
}

TEST_CASE("weigh: groups by the whole list served, the most seen first") {
  const auto a = sent("a"), b = sent("b"), ca = sent("ca");
  const auto result =
      weigh(observation({endpoint("192.0.2.1", {sample({a, ca}), sample({b, ca})}),
                         endpoint("2001:db8::1", {sample({b, ca}), sample({b}), sample({b, ca})})}));
  REQUIRE(result);
  REQUIRE(result->groups.size() == 3);
  CHECK(result->groups[0].served == std::vector{b->fingerprint, ca->fingerprint});
  CHECK(result->groups[0].count == 3);
  CHECK(result->groups[0].addresses == std::vector<std::string>{"192.0.2.1:443", "[2001:db8::1]:443"});
  CHECK(result->groups[1].served == std::vector{a->fingerprint, ca->fingerprint});
  CHECK(result->groups[1].count == 1);
  CHECK(result->groups[2].served == std::vector{b->fingerprint});
  CHECK_FALSE(result->excluded_share);
}

TEST_CASE("weigh: what is left out") {
  const auto a = sent("a"), b = sent("b");
  SUBCASE("answers without SNI to a target that has a name") {
    const auto result =
        weigh(observation({endpoint("192.0.2.1", {sample({a}), sample({a}), sample({b}, std::nullopt)})}));
    REQUIRE(result);
    CHECK(result->groups.size() == 1);
  }
  SUBCASE("the origin and files") {
    CHECK_FALSE(weigh(observation({endpoint("192.0.2.1", {sample({a})}),
                                   endpoint("192.0.2.2", {sample({b})}, EndpointRole::origin),
                                   endpoint("192.0.2.3", {sample({b})}, EndpointRole::file)})));
  }
  SUBCASE("but not answers of an address asked for by itself") {
    Observation by_address =
        observation({endpoint("192.0.2.1", {sample({a}, std::nullopt), sample({b}, std::nullopt)})});
    by_address.target = parse_target("192.0.2.1").value();
    REQUIRE(weigh(by_address));
    CHECK(weigh(by_address)->groups.size() == 2);
  }
}

TEST_CASE("weigh: how large a share can have been missed") {
  const auto a = sent("a");
  for (const std::size_t count : {2u, 5u, 59u}) {
    const auto result = weigh(observation({endpoint("192.0.2.1", std::vector<Sample>(count, sample({a})))}));
    REQUIRE(result);
    REQUIRE(result->excluded_share);
    // With that share of others, so many equal answers would be seen one time in twenty.
    CHECK(std::pow(1 - *result->excluded_share, static_cast<double>(count)) == doctest::Approx(0.05));
  }
}

TEST_CASE("age: by issue, and by the end where both were issued within a day") {
  const TestCa ca{"Test CA"};
  const auto of = [&](Time from, Time to) {
    return leaf_by(ca, "www.example.tw", [&](Draft& d) {
      d.not_before = from;
      d.not_after = to;
    });
  };
  const auto base = of(day(2026, 3, 1), day(2026, 9, 1));
  CHECK(compare_age(*base, *base) == Age::same);
  CHECK(compare_age(*of(day(2026, 3, 3), day(2026, 8, 1)), *base) ==
        Age::newer);  // issued later, ends earlier
  CHECK(compare_age(*of(day(2026, 2, 1), day(2026, 10, 1)), *base) == Age::older);
  CHECK(compare_age(*of(day(2026, 3, 2), day(2026, 10, 1)), *base) ==
        Age::newer);  // a day apart: the end tells
  CHECK(compare_age(*of(day(2026, 3, 2), day(2026, 8, 1)), *base) == Age::older);
  CHECK(compare_age(*of(day(2026, 2, 28), day(2026, 10, 1)), *base) == Age::newer);
  CHECK(compare_age(*of(day(2026, 3, 1), day(2026, 9, 1)), *base) == Age::unclear);
}
