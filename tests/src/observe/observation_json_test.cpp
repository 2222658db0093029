#include "src/observe/observation_json.h"

#include <sstream>

#include <doctest/doctest.h>

using namespace chaintier;

namespace {

constexpr Time now{std::chrono::seconds(1790000000)};

Observation observation(const std::string& target, std::vector<FetchedPtr> fetched) {
  Observation result;
  result.target = parse_target(target).value();
  Sample sample;
  sample.at = now;
  sample.outcome = Outcome::captured;
  sample.served = {make_sent(bytes_of("leaf"))};
  EndpointSeen endpoint;
  endpoint.address = IpAddress::parse("192.0.2.1");
  endpoint.port = 443;
  endpoint.samples = {sample};
  endpoint.this_machine = target.starts_with("a.");
  result.endpoints = {endpoint};
  result.fetched = std::move(fetched);
  return result;
}

std::string written(const SavedObservations& saved) {
  std::ostringstream out;
  write_observations(saved, out);
  return out.str();
}

std::string without(std::string text, std::string_view part) {
  const auto at = text.find(part);
  REQUIRE(at != std::string::npos);
  return text.erase(at, part.size());
}

}  // namespace

TEST_CASE("saved observations: what was fetched is kept once, with its failures") {
  const auto good =
      std::make_shared<const Fetched>(Fetched{"http://ca.test/a.crt", now, {1, 2, 3}, std::nullopt});
  const auto bad = std::make_shared<const Fetched>(Fetched{
      "http://ca.test/b.crt", now, {}, Error{Stage::read, Fault::peer, "HTTP status 404", Cause::none}});
  const SavedObservations saved{
      now, {}, {observation("a.example.tw", {good, bad}), observation("b.example.tw", {good})}};
  const std::string text = written(saved);
  CHECK(text.find("AQID") == text.rfind("AQID"));
  const auto read = read_observations(text);
  if (!read) FAIL(read.error().detail);
  REQUIRE(read->targets.size() == 2);
  REQUIRE(read->targets[0].fetched.size() == 2);
  CHECK(read->targets[0].fetched[0]->url == "http://ca.test/a.crt");
  CHECK(read->targets[0].fetched[0]->body == Bytes{1, 2, 3});
  CHECK(read->targets[0].fetched[0]->at == now);
  CHECK(read->targets[0].fetched[1]->error == bad->error);
  CHECK(read->targets[1].fetched.size() == 1);
  CHECK(read->targets[0].endpoints[0].this_machine);
  CHECK_FALSE(read->targets[1].endpoints[0].this_machine);
  CHECK(written(*read) == text);
  SavedObservations with_options = saved;
  with_options.options = {{"--resolve", "a.example.tw=192.0.2.1"}, {"--no-aia", std::nullopt}};
  const auto again = read_observations(written(with_options));
  REQUIRE(again.has_value());
  CHECK(again->options == with_options.options);
  CHECK_FALSE(read_observations(without(text, "\"http://ca.test/b.crt\":")).has_value());
}

TEST_CASE("saved observations: files from before there was fetching are still read") {
  std::string text = written({now, {}, {observation("b.example.tw", {})}});
  text = without(text, ",\"fetched\":[]");
  text = without(text, "},\n\"fetched\":{");
  text = without(text, "\"this_machine\":false,");
  const auto read = read_observations(text);
  if (!read) FAIL(read.error().detail);
  CHECK(read->targets.at(0).fetched.empty());
  CHECK_FALSE(read->targets[0].endpoints[0].this_machine);
}
