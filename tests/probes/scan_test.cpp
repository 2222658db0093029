#include "probes/scan.h"

#include <array>
#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <cstdlib>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <thread>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/probes/loopback.h"

using namespace chaintier;
using namespace chaintier::test;

namespace {

IpAddress ip(const std::string& text) { return *IpAddress::parse(text); }

Target target(const std::string& text) {
  auto parsed = parse_target(text);
  if (!parsed) throw std::logic_error(parsed.error().detail);
  return *parsed;
}

constexpr Time now{std::chrono::seconds(1790000000)};

// Answers from a table, and fails the test for a name that is not in it.
class ScriptedResolver final : public Resolver {
 public:
  struct Answer {
    Result<Resolved> result;
    Milliseconds after{0};
  };
  ScriptedResolver(boost::asio::any_io_executor executor, const std::map<std::string, Answer>& answers,
                   std::vector<std::string>& asked)
      : executor_(std::move(executor)), answers_(answers), asked_(asked) {}

  Awaitable<Result<Resolved>> lookup(std::string name, Deadline deadline) override {
    asked_.push_back(name);
    const auto found = answers_.find(name);
    if (found == answers_.end()) throw std::logic_error("unscripted lookup of " + name);
    const Deadline ready = SteadyClock::now() + found->second.after;
    boost::asio::steady_timer timer(executor_, std::min(ready, deadline));
    co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    if (ready > deadline) co_return Error{Stage::resolve, Fault::network, "late", Cause::timeout};
    co_return found->second.result;
  }

 private:
  boost::asio::any_io_executor executor_;
  const std::map<std::string, Answer>& answers_;
  std::vector<std::string>& asked_;
};

// CHAINTIER_LANES=N in the environment runs every case of this file with so many lanes, and each gets as many
// targets, however fast the first one is.
std::size_t lanes_asked_for() {
  const char* value = std::getenv("CHAINTIER_LANES");
  return value ? std::strtoul(value, nullptr, 10) : 1;
}

ScanOptions evenly_divided() {
  ScanOptions options;
  options.longest_backlog = {};
  return options;
}

struct Run {
  std::size_t lanes = lanes_asked_for();
  ScanOptions options = evenly_divided();
  std::map<std::string, ScriptedResolver::Answer> names;
  std::vector<std::string> asked;
  StopFlag stop;
  std::vector<std::optional<Observation>> seen;
  std::vector<std::size_t> order;
  std::function<void(std::size_t)> on_done = [](std::size_t) {};
  Milliseconds took{0};

  void add(const std::string& name, std::vector<std::string> addresses,
           std::vector<std::string> cnames = {}) {
    Resolved resolved;
    for (const std::string& address : addresses) resolved.addresses.push_back(ip(address));
    resolved.cnames = std::move(cnames);
    names.insert_or_assign(name, ScriptedResolver::Answer{resolved, Milliseconds(0)});
  }

  void scan(const std::vector<Target>& targets) {
    seen.assign(targets.size(), std::nullopt);
    order.clear();
    const Finish finish = [&](std::size_t index, Observation observation) {
      return [this, index, observation = std::move(observation)] {
        REQUIRE_FALSE(seen.at(index).has_value());  // exactly once
        seen[index] = observation;
        order.push_back(index);
        on_done(index);
      };
    };
    const ResolverFactory resolver = [&](boost::asio::any_io_executor executor) -> std::unique_ptr<Resolver> {
      return std::make_unique<ScriptedResolver>(std::move(executor), names, asked);
    };
    const auto start = SteadyClock::now();
    chaintier::scan(
        targets, options, [] { return now; }, stop, std::vector(lanes, finish), resolver);
    took = elapsed_since(start);
    for (const auto& observation : seen) REQUIRE(observation.has_value());
  }
};

Server::Script ec_server() {
  TlsServing serving;
  serving.identity = &ec_chain().leaf;
  return serve_tls(serving);
}

void stall(Peer& peer) { peer.wait_for_end(); }

int count(const Observation& observation, Outcome outcome) {
  int total = 0;
  for (const EndpointSeen& endpoint : observation.endpoints)
    for (const Sample& sample : endpoint.samples) total += sample.outcome == outcome;
  return total;
}

}  // namespace

TEST_CASE("scan: every address of a name, every sample, with and without SNI, and the origin") {
  const Server first(ec_server(), "127.0.1.1");
  const Server second(ec_server(), "127.0.1.2", first.port());
  const Server origin(ec_server(), "127.0.1.9");
  Run run;
  run.add("www.test", {"127.0.1.1", "127.0.1.2"}, {"edge.test"});
  run.options.samples = 3;
  run.options.also_without_sni = true;
  run.options.key_types = {KeyType::any, KeyType::ecdsa};
  run.options.origin = ScanOptions::Origin{ip("127.0.1.9"), origin.port()};
  run.scan({target(fmt::format("www.test:{}", first.port()))});

  const Observation& seen = *run.seen[0];
  CHECK(seen.target.host == "www.test");
  CHECK(seen.cnames == std::vector<std::string>{"edge.test"});
  REQUIRE(seen.endpoints.size() == 3);
  CHECK(seen.endpoints[0].address == ip("127.0.1.1"));
  CHECK(seen.endpoints[1].address == ip("127.0.1.2"));
  CHECK(seen.endpoints[2].address == ip("127.0.1.9"));
  CHECK(seen.endpoints[1].role == EndpointRole::edge);
  CHECK(seen.endpoints[2].role == EndpointRole::origin);
  CHECK(seen.endpoints[1].port == first.port());
  CHECK(seen.endpoints[2].port == origin.port());
  for (const EndpointSeen& endpoint : seen.endpoints) {
    REQUIRE(endpoint.samples.size() == 7);
    for (std::size_t i = 0; i < 7; ++i) {
      const Sample& sample = endpoint.samples[i];
      CHECK(sample.outcome == Outcome::captured);
      CHECK(sample.at == now);
      CHECK(sample.asked.sni == (i == 6 ? std::nullopt : std::optional<std::string>("www.test")));
      CHECK(sample.asked.key_type == (i % 2 == 1 ? KeyType::ecdsa : KeyType::any));
      REQUIRE(sample.served.size() == 1);
      CHECK(sample.served[0] == seen.endpoints[0].samples[0].served[0]);  // one copy for all
      CHECK(sample.ms.resolve.has_value() == (endpoint.role == EndpointRole::edge));
    }
  }
  CHECK(run.asked == std::vector<std::string>{"www.test"});
}

TEST_CASE("scan: a server that our own client declines is not asked by it again") {
  TlsServing serving;
  serving.identity = &ec_chain().leaf;
  serving.highest = 0x0302;
  const Server server(serve_tls(serving), "127.0.2.1");
  Run run;
  run.options.samples = 3;
  run.options.per_address = 1;
  run.scan({target("www.test@127.0.2.1:" + std::to_string(server.port()))});
  CHECK(count(*run.seen[0], Outcome::captured) == 3);
  CHECK(server.connections() == 1 + 3);
}

TEST_CASE("scan: addresses given in other ways") {
  const Server server(ec_server(), "127.0.2.1");
  const std::string port = std::to_string(server.port());
  Run run;
  run.options.resolve["given.test"] = {ip("127.0.2.1"), ip("::1")};
  run.options.family = AddressFamily::v4;
  run.options.also_without_sni = true;
  run.scan({target("127.0.2.1:" + port), target("www.test@127.0.2.1:" + port), target("given.test:" + port)});
  REQUIRE(run.seen[0]->endpoints.size() == 1);
  REQUIRE(run.seen[0]->endpoints[0].samples.size() == 1);  // no SNI anyway
  CHECK_FALSE(run.seen[0]->endpoints[0].samples[0].asked.sni);
  CHECK(run.seen[0]->endpoints[0].samples[0].outcome == Outcome::captured);
  CHECK(run.seen[1]->endpoints[0].samples[0].asked.sni == "www.test");
  CHECK(count(*run.seen[1], Outcome::captured) == 2);
  CHECK(run.seen[2]->endpoints.size() == 1);
  CHECK(count(*run.seen[2], Outcome::captured) == 2);
  CHECK(run.asked.empty());

  run.options.family = AddressFamily::v6;
  run.options.resolve["given.test"] = {ip("127.0.2.1")};
  run.scan({target("given.test:" + port)});
  REQUIRE(run.seen[0]->endpoints.size() == 1);
  CHECK_FALSE(run.seen[0]->endpoints[0].address);
  CHECK(run.seen[0]->endpoints[0].samples[0].error->cause == Cause::resolve);
}

TEST_CASE("scan: a name without an address") {
  Run run;
  const Error error{Stage::resolve, Fault::peer, "missing", Cause::resolve};
  run.names.insert_or_assign("missing.test", ScriptedResolver::Answer{error, Milliseconds(0)});
  run.options.samples = 5;
  run.scan({target("missing.test")});
  const Observation& seen = *run.seen[0];
  REQUIRE(seen.endpoints.size() == 1);
  CHECK_FALSE(seen.endpoints[0].address);
  CHECK(seen.endpoints[0].port == 443);
  REQUIRE(seen.endpoints[0].samples.size() == 1);
  CHECK(seen.endpoints[0].samples[0].outcome == Outcome::failed);
  CHECK(seen.endpoints[0].samples[0].error == error);
  CHECK(seen.endpoints[0].samples[0].at == now);
  CHECK(seen.endpoints[0].samples[0].ms.resolve);

  const Server origin(ec_server(), "127.0.2.9");
  run.options.origin = ScanOptions::Origin{ip("127.0.2.9"), origin.port()};
  run.scan({target("missing.test")});
  REQUIRE(run.seen[0]->endpoints.size() == 2);
  CHECK(count(*run.seen[0], Outcome::captured) == 5);  // the origin is asked all the same
}

TEST_CASE("scan: many targets, some of them stalling, end in time with all other results intact") {
  std::vector<std::unique_ptr<Server>> servers;
  std::vector<Target> targets;
  for (int i = 0; i < 200; ++i) {
    const std::string address = fmt::format("127.0.3.{}", i + 2);
    servers.push_back(std::make_unique<Server>(i % 5 == 0 ? Server::Script(stall) : ec_server(), address));
    targets.push_back(target(fmt::format("{}:{}", address, servers.back()->port())));
  }
  Run run;
  run.options.target_timeout = Milliseconds(6000);
  run.scan(targets);
  CHECK(run.took < Milliseconds(6000 + 2000));
  for (std::size_t i = 0; i < targets.size(); ++i) {
    CAPTURE(i);
    const Sample& sample = run.seen[i]->endpoints.at(0).samples.at(0);
    if (i % 5 == 0) {
      CHECK(sample.outcome == Outcome::failed);
      CHECK(sample.error->cause == Cause::timeout);
      CHECK(sample.error->stage == Stage::handshake);
    } else {
      CHECK(sample.outcome == Outcome::captured);
    }
  }
}

TEST_CASE("scan: the time of a target does not run while it waits for others") {
  // One slot, ten targets that take the whole handshake time each: every one gets its full time.
  const Server server(stall, "127.0.4.1");
  std::vector<Target> targets;
  for (int i = 0; i < 10; ++i)
    targets.push_back(target(fmt::format("n{}.test@127.0.4.1:{}", i, server.port())));
  Run run;
  run.options.handshake_timeout = Milliseconds(60);
  run.options.target_timeout = Milliseconds(200);
  Milliseconds one_after_another{10 * 60};
  SUBCASE("for a slot") { run.options.concurrency = 1; }
  SUBCASE("for the address") { run.options.per_address = 1; }
  SUBCASE("for the address, which takes two") { one_after_another /= 2; }
  SUBCASE("for the rate") {
    run.options.rate = 20;
    one_after_another = Milliseconds(9 * 50);
  }
  run.scan(targets);
  for (const auto& seen : run.seen) {
    const Sample& sample = seen->endpoints.at(0).samples.at(0);
    CHECK(sample.outcome == Outcome::failed);
    CHECK(sample.error->cause == Cause::timeout);
  }
  CHECK(run.took >= one_after_another);
}

TEST_CASE("scan: what a target has no time for is not started") {
  const Server server(stall, "127.0.4.2");
  Run run;
  run.options.samples = 10;
  run.options.per_address = 1;
  run.options.handshake_timeout = Milliseconds(100);
  run.options.target_timeout = Milliseconds(100);
  run.options.connect_timeout = Milliseconds(100);
  run.names.insert_or_assign("slow.test",
                             ScriptedResolver::Answer{Resolved{{ip("127.0.4.2")}, {}}, Milliseconds(450)});
  run.scan({target(fmt::format("slow.test:{}", server.port()))});
  const Observation& seen = *run.seen[0];
  CHECK(count(seen, Outcome::not_started) > 0);
  CHECK(count(seen, Outcome::failed) > 0);
  CHECK(count(seen, Outcome::not_started) + count(seen, Outcome::failed) == 10);
  for (const Sample& sample : seen.endpoints[0].samples)
    CHECK(sample.error.has_value() == (sample.outcome == Outcome::failed));
  CHECK(run.took < Milliseconds(1000 + 2000));
}

TEST_CASE("scan: a lookup that takes the target's whole time") {
  Run run;
  run.options.target_timeout = Milliseconds(60);
  run.names.insert_or_assign("slow.test",
                             ScriptedResolver::Answer{Resolved{{ip("127.0.4.2")}, {}}, Milliseconds(60000)});
  run.scan({target("slow.test")});
  CHECK(run.seen[0]->endpoints.at(0).samples.at(0).error->cause == Cause::timeout);
  CHECK(run.took < Milliseconds(2000));
}

TEST_CASE("scan: the rate is kept") {
  const Server server(ec_server(), "127.0.4.3");
  std::vector<Target> targets;
  for (int i = 0; i < 21; ++i)
    targets.push_back(target(fmt::format("n{}.test@127.0.4.3:{}", i, server.port())));
  Run run;
  run.options.rate = 100;
  run.scan(targets);
  CHECK(run.took >= Milliseconds(180));
  for (const auto& seen : run.seen) CHECK(count(*seen, Outcome::captured) == 1);
}

TEST_CASE("scan: lookups have a rate of their own, and keep the one of connections") {
  const Server server(ec_server(), "127.0.4.5");
  std::vector<Target> targets;
  Run run;
  for (int i = 0; i < 21; ++i) {
    const std::string name = fmt::format("n{}.test", i);
    targets.push_back(target(fmt::format("{}:{}", name, server.port())));
    run.add(name, {"127.0.4.5"});
  }
  run.options.lookup_rate = 100;
  run.scan(targets);
  CHECK(run.took >= Milliseconds(180));
  CHECK(run.asked.size() == 21);

  run.options.lookup_rate = 100'000;
  run.options.rate = 100;
  run.scan(targets);
  CHECK(run.took >= Milliseconds(180));
}

TEST_CASE("scan: a request to stop ends the run and keeps what is done") {
  const Server good(ec_server(), "127.0.5.1");
  const Server bad(stall, "127.0.5.2");
  std::vector<Target> targets{target(fmt::format("127.0.5.1:{}", good.port()))};
  for (int i = 0; i < 20; ++i) targets.push_back(target(fmt::format("n{}.test@127.0.5.2:{}", i, bad.port())));
  targets.push_back(target("never.test"));
  targets.push_back(target("waiting.test"));
  Run run;
  run.options.concurrency = 4;
  run.options.per_address = 100;
  run.on_done = [&](std::size_t) { run.stop.request(); };
  SUBCASE("while connections are in flight") {}
  SUBCASE("while a lookup is in flight") {
    std::swap(targets[1], targets.back());
    run.names.insert_or_assign("waiting.test", ScriptedResolver::Answer{Resolved{}, Milliseconds(25000)});
  }
  run.scan(targets);
  CHECK(run.took < Milliseconds(1000));
  CHECK(run.seen[0]->endpoints.at(0).samples.at(0).outcome == Outcome::captured);
  for (std::size_t i = 1; i < targets.size(); ++i) {
    CAPTURE(i);
    const Observation& seen = *run.seen[i];
    CHECK(seen.target == targets[i]);
    REQUIRE(seen.endpoints.size() == 1);
    CHECK(seen.endpoints[0].address.has_value() == targets[i].connect_to.has_value());
    REQUIRE(seen.endpoints[0].samples.size() == 1);
    CHECK(seen.endpoints[0].samples[0].outcome == Outcome::not_started);
    CHECK_FALSE(seen.endpoints[0].samples[0].error);
  }
}

TEST_CASE("scan: stopped before it began, and nothing to do") {
  Run run;
  run.stop.request();
  run.scan({target("a.test"), target("127.0.0.1")});
  CHECK(run.asked.empty());
  CHECK(run.seen[1]->endpoints.at(0).address == ip("127.0.0.1"));
  run.scan({});
  CHECK(run.took < Milliseconds(1000));
}

TEST_CASE("scan: an exception of the receiver leaves the call, with work in flight") {
  const Server good(ec_server(), "127.0.6.1");
  const Server bad(stall, "127.0.6.2");
  Run run;
  run.names.insert_or_assign("slow.test", ScriptedResolver::Answer{Resolved{}, Milliseconds(25000)});
  run.on_done = [](std::size_t) { throw std::runtime_error("disk full"); };
  CHECK_THROWS_AS(run.scan({target(fmt::format("127.0.6.2:{}", bad.port())), target("slow.test"),
                            target(fmt::format("127.0.6.1:{}", good.port()))}),
                  std::runtime_error);
}

TEST_CASE("scan: each lane finishes its targets on a thread of its own, and the caller hears of each") {
  const Server server(ec_server(), "127.0.8.1");
  std::vector<Target> targets;
  for (int i = 0; i < 60; ++i) targets.push_back(target(fmt::format("127.0.8.1:{}", server.port())));
  ScanOptions options = evenly_divided();
  options.per_address = 60;
  constexpr std::size_t count = 3;
  std::array<std::set<std::thread::id>, count> threads;  // each of one lane
  std::array<std::atomic<int>, count> inside{};
  std::set<std::size_t> heard;
  const auto caller = std::this_thread::get_id();
  std::vector<Finish> finish;
  for (std::size_t lane = 0; lane < count; ++lane)
    finish.push_back([&, lane](std::size_t index, const Observation& seen) -> std::function<void()> {
      const bool alone = ++inside[lane] == 1;
      threads[lane].insert(std::this_thread::get_id());
      const bool captured = seen.endpoints.at(0).samples.at(0).outcome == Outcome::captured;
      --inside[lane];
      return [&, index, alone, captured] {
        CHECK(alone);
        CHECK(captured);
        CHECK(std::this_thread::get_id() == caller);
        CHECK(heard.insert(index).second);
      };
    });
  scan(
      targets, options, [] { return now; }, StopFlag{}, finish);
  CHECK(heard.size() == targets.size());
  std::set<std::thread::id> all;
  for (const auto& of_lane : threads) {
    CHECK(of_lane.size() == 1);
    all.insert(of_lane.begin(), of_lane.end());
  }
  CHECK(all.size() == count);
  CHECK(threads[0].contains(caller));
}

TEST_CASE("scan: what the calling thread can do without getting behind is done there") {
  const Server server(ec_server(), "127.0.8.4");
  std::vector<Target> targets;
  for (int i = 0; i < 30; ++i) targets.push_back(target(fmt::format("127.0.8.4:{}", server.port())));
  ScanOptions options;
  options.longest_backlog = std::chrono::hours(1);
  options.per_address = 30;
  std::atomic<int> here = 0, elsewhere = 0;
  std::vector<Finish> finish;
  for (std::size_t lane = 0; lane < 3; ++lane)
    finish.push_back([&, lane](std::size_t, const Observation&) -> std::function<void()> {
      ++(lane == 0 ? here : elsewhere);
      return {};
    });
  scan(
      targets, options, [] { return now; }, StopFlag{}, finish);
  CHECK(here == 30);
  CHECK(elsewhere == 0);
}

TEST_CASE("scan: what could be answered all at once is not left to the calling thread alone") {
  const Server silent(stall, "127.0.8.5");
  std::vector<Target> targets;
  for (int i = 0; i < 150; ++i) targets.push_back(target(fmt::format("127.0.8.5:{}", silent.port())));
  ScanOptions options;
  options.longest_backlog = std::chrono::hours(1);
  options.per_address = options.concurrency = 150;
  options.handshake_timeout = Milliseconds(3000);  // all have begun long before
  std::atomic<int> here = 0, elsewhere = 0;
  std::vector<Finish> finish;
  for (std::size_t lane = 0; lane < 2; ++lane)
    finish.push_back([&, lane](std::size_t, const Observation&) -> std::function<void()> {
      ++(lane == 0 ? here : elsewhere);
      return {};
    });
  scan(
      targets, options, [] { return now; }, StopFlag{}, finish);
  CHECK(here == 128);
  CHECK(elsewhere == 22);
}

TEST_CASE("scan: what a lane throws leaves the call, with work in flight on the others") {
  const Server good(ec_server(), "127.0.8.2");
  const Server bad(stall, "127.0.8.3");
  std::vector<Target> targets;
  for (int i = 0; i < 9; ++i) {
    targets.push_back(target(fmt::format("127.0.8.3:{}", bad.port())));
    targets.push_back(target(fmt::format("127.0.8.2:{}", good.port())));
  }
  ScanOptions options = evenly_divided();
  options.per_address = 9;
  const Finish finish = [](std::size_t, const Observation&) -> std::function<void()> {
    throw std::runtime_error("cannot judge");
  };
  CHECK_THROWS_WITH_AS(scan(
                           targets, options, [] { return now; }, StopFlag{}, std::vector(4, finish)),
                       "cannot judge", std::runtime_error);
}

TEST_CASE("scan: real name server, real hosts, one question for many targets") {
  const Server server(ec_server(), "127.0.7.1");
  NameServer names({{"bulk.test", {{ip("127.0.7.1")}, "", 0, false}}});
  std::vector<Target> targets;
  targets.push_back(target(fmt::format("bulk.test:{}", server.port())));
  targets.push_back(target("bulk.test:1"));
  targets.push_back(target("nowhere.test"));
  ScanOptions options;
  options.dns = std::pair(ip("127.0.0.1"), names.port());
  std::vector<Observation> seen(3);
  const StopFlag stop;
  scan(
      targets, options, [] { return now; }, stop,
      [&](std::size_t index, Observation observation) { seen[index] = std::move(observation); });
  CHECK(seen[0].endpoints.at(0).samples.at(0).outcome == Outcome::captured);
  CHECK(seen[1].endpoints.at(0).samples.at(0).error->cause == Cause::refused);
  CHECK(seen[2].endpoints.at(0).samples.at(0).error->cause == Cause::resolve);
  CHECK(std::ranges::count(names.asked(), "A bulk.test") == 1);
}
