#include "probes/resolver.h"

#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/probes/loopback.h"
#include "tests/probes/run_awaitable.h"

using namespace chaintier;
using test::NameServer;

namespace {

IpAddress ip(const char* text) { return *IpAddress::parse(text); }

Deadline soon(int milliseconds) { return SteadyClock::now() + Milliseconds(milliseconds); }

struct Fixture {
  // `try_timeout`: short where a test waits for it, long where none should come to it on a busy machine.
  explicit Fixture(std::map<std::string, NameServer::Name> names, AddressFamily family = AddressFamily::any,
                   Milliseconds try_timeout = Milliseconds(100))
      : server(std::move(names)) {
    ResolverOptions options;
    options.family = family;
    options.server = std::pair(ip("127.0.0.1"), server.port());
    options.try_timeout = try_timeout;
    options.tries = 2;
    resolver = std::make_unique<DnsResolver>(io.get_executor(), options);
  }
  Result<Resolved> lookup(const std::string& name, int milliseconds = 20000) {
    return test::run(io, resolver->lookup(name, soon(milliseconds)));
  }

  NameServer server;
  boost::asio::io_context io;
  std::unique_ptr<DnsResolver> resolver;
};

std::map<std::string, NameServer::Name> zone() {
  return {
      {"www.test.example", {{ip("192.0.2.2"), ip("2001:db8::2"), ip("192.0.2.1")}, "", 0, false}},
      {"alias.test.example", {{}, "middle.test.example", 0, false}},
      {"middle.test.example", {{}, "www.test.example", 0, false}},
      {"v4.test.example", {{ip("192.0.2.9")}, "", 0, false}},
      {"empty.test.example", {{}, "", 0, false}},
      {"broken.test.example", {{}, "", 2, false}},
      {"refused.test.example", {{}, "", 5, false}},
      {"silent.test.example", {{}, "", 0, true}},
  };
}

}  // namespace

TEST_CASE("resolver: addresses of both families, and the names on the way") {
  Fixture fixture(zone());
  const auto direct = fixture.lookup("www.test.example");
  REQUIRE(direct.has_value());
  CHECK(direct->addresses == std::vector{ip("192.0.2.1"), ip("192.0.2.2"), ip("2001:db8::2")});
  CHECK(direct->cnames.empty());

  const auto alias = fixture.lookup("alias.test.example");
  REQUIRE(alias.has_value());
  CHECK(alias->addresses.size() == 3);
  CHECK(alias->cnames == std::vector<std::string>{"middle.test.example", "www.test.example"});
}

TEST_CASE("resolver: one family") {
  Fixture v6(zone(), AddressFamily::v6);
  CHECK(v6.lookup("www.test.example")->addresses == std::vector{ip("2001:db8::2")});
  const auto none = v6.lookup("v4.test.example");
  REQUIRE_FALSE(none.has_value());
  CHECK(none.error().detail.find("no IPv6 address") != std::string::npos);
  for (const std::string& question : v6.server.asked()) CHECK(question.starts_with("AAAA "));
}

TEST_CASE("resolver: failures, and whose they are") {
  Fixture fixture(zone());
  struct Row {
    const char* name;
    Fault fault;
    const char* words;
  };
  for (const Row& row : {Row{"missing.test.example", Fault::peer, "NXDOMAIN"},
                         Row{"empty.test.example", Fault::peer, "has no address"},
                         Row{"broken.test.example", Fault::network, "gave an answer"},
                         Row{"refused.test.example", Fault::network, "gave an answer"},
                         Row{"silent.test.example", Fault::network, "no name server answered in time"}}) {
    CAPTURE(row.name);
    const auto result = fixture.lookup(row.name);
    REQUIRE_FALSE(result.has_value());
    CAPTURE(result.error().detail);
    CHECK(result.error().cause == Cause::resolve);
    CHECK(result.error().stage == Stage::resolve);
    CHECK(result.error().fault == row.fault);
    CHECK(result.error().detail.find(row.words) != std::string::npos);
  }
}

TEST_CASE("resolver: the deadline of the caller comes first") {
  Fixture fixture(zone());
  const auto result = fixture.lookup("silent.test.example", 20);
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().cause == Cause::timeout);
  CHECK(result.error().stage == Stage::resolve);
}

TEST_CASE("resolver: each name is asked once, also by many at the same time") {
  Fixture fixture(zone());
  int right = 0;
  const IndexedTask ask = [&](std::size_t) -> Awaitable<void> {
    const auto result = co_await fixture.resolver->lookup("v4.test.example", soon(20000));
    right += result && result->addresses == std::vector{ip("192.0.2.9")};
  };
  test::run(fixture.io, run_bounded(50, 50, ask));
  CHECK(right == 50);
  CHECK(fixture.lookup("v4.test.example").has_value());
  CHECK_FALSE(fixture.lookup("missing.test.example").has_value());
  CHECK_FALSE(fixture.lookup("missing.test.example").has_value());
  std::map<std::string, int> count;
  for (const std::string& question : fixture.server.asked()) ++count[question];
  CHECK(count["A v4.test.example"] == 1);
  CHECK(count["A missing.test.example"] == 1);
}

TEST_CASE("resolver: a name that makes the server refuse spoils no other") {
  constexpr std::size_t count = 100;
  auto names = zone();
  const auto name = [](std::size_t i) {
    return fmt::format("{}{}.test.example", i % 10 == 5 ? "cut" : "whole", i);
  };
  for (std::size_t i = 0; i < count; ++i)
    names[name(i)] = {{ip("192.0.2.1")}, "", 0, false, i % 10 != 5, i % 10 == 5};
  Fixture fixture(std::move(names), AddressFamily::any, Milliseconds(1000));
  std::vector<bool> right(count);
  std::vector<std::string> said(count);
  const IndexedTask ask = [&](std::size_t i) -> Awaitable<void> {
    const auto result = co_await fixture.resolver->lookup(name(i), soon(20000));
    said[i] = result ? "an address" : result.error().detail;
    right[i] = result.has_value()
                   ? i % 10 != 5
                   : i % 10 == 5 && result.error().detail.find("gave an answer") != std::string::npos;
  };
  test::run(fixture.io, run_bounded(count, count, ask));
  for (std::size_t i = 0; i < count; ++i) {
    CAPTURE(name(i));
    CAPTURE(said[i]);
    CHECK(right[i]);
  }
}

TEST_CASE("resolver: nobody at the name server's address") {
  boost::asio::io_context io;
  boost::asio::ip::udp::socket closed(io, {boost::asio::ip::make_address("127.0.0.1"), 0});
  ResolverOptions options;
  options.server = std::pair(ip("127.0.0.1"), closed.local_endpoint().port());
  options.try_timeout = Milliseconds(100);
  options.tries = 1;
  closed.close();
  DnsResolver resolver(io.get_executor(), options);
  const auto result = test::run(io, resolver.lookup("www.test.example", soon(20000)));
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().cause == Cause::resolve);
  CHECK(result.error().fault == Fault::network);
}

TEST_CASE("resolver: the hosts file is honoured, and a question may be left unanswered") {
  Fixture fixture(zone());
  const auto local = fixture.lookup("localhost");
  REQUIRE(local.has_value());
  CHECK(std::ranges::count(local->addresses, ip("127.0.0.1")) == 1);
  CHECK(fixture.server.asked().empty());
  (void)fixture.lookup("silent.test.example", 1);  // destroyed while c-ares still waits
}
