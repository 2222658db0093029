#include "probes/aia_fetch.h"

#include <chrono>
#include <stdexcept>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/probes/loopback.h"

using namespace chaintier;
using namespace chaintier::test;

namespace {

constexpr Time now{std::chrono::seconds(1790000000)};

// Names by a table; one that is not in it fails the test.
class TableResolver final : public Resolver {
 public:
  TableResolver(std::map<std::string, std::vector<IpAddress>> names, std::vector<std::string>& asked)
      : names_(std::move(names)), asked_(asked) {}
  Awaitable<Result<Resolved>> lookup(std::string name, Deadline) override {
    asked_.push_back(name);
    const auto found = names_.find(name);
    if (found == names_.end()) throw std::logic_error("unscripted lookup of " + name);
    if (found->second.empty())
      co_return Error{Stage::resolve, Fault::peer, name + ": no such name", Cause::resolve};
    co_return Resolved{found->second, {}};
  }

 private:
  std::map<std::string, std::vector<IpAddress>> names_;
  std::vector<std::string>& asked_;
};

struct Fetching {
  AiaOptions options;
  std::map<std::string, std::vector<IpAddress>> names;
  std::vector<std::string> asked;
  StopFlag stop;

  Fetching() {
    options.may_ask = [](const IpAddress&) { return true; };
    options.connect_timeout = Milliseconds(2000);
    options.url_timeout = Milliseconds(5000);
  }
  std::vector<FetchedPtr> run(const std::vector<std::string>& urls) {
    return fetch_issuers(
        urls, options, [] { return now; }, stop,
        [&](boost::asio::any_io_executor) { return std::make_unique<TableResolver>(names, asked); });
  }
  FetchedPtr one(const std::string& url) { return run({url}).front(); }
  std::string problem(const std::string& url) {
    const FetchedPtr fetched = one(url);
    CHECK(fetched->body.empty());
    REQUIRE(fetched->error);
    return fetched->error->detail;
  }
};

Server::Script answering(std::string answer) {
  return [answer = std::move(answer)](Peer& peer) {
    peer.receive_until("\r\n\r\n");
    peer.send(answer);
  };
}

std::string ok(const std::string& body) {
  return fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", body.size(), body);
}
std::string moved(const std::string& location) {
  return "HTTP/1.1 302 Found\r\nLocation: " + location + "\r\nContent-Length: 0\r\n\r\n";
}
std::string at(const Server& server, const std::string& path = "/ca.crt") {
  return fmt::format("http://127.0.0.1:{}{}", server.port(), path);
}
bool says(const std::string& sentence, std::string_view part) {
  return sentence.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("aia fetch: a body as it came, each URL once and in order") {
  std::string request;
  Server server([&](Peer& peer) {
    request = peer.receive_until("\r\n\r\n");
    peer.send(ok("body"));
  });
  Fetching fetching;
  fetching.names["ca.test"] = {*IpAddress::parse("127.0.0.1")};
  const std::string named = fmt::format("http://ca.test:{}/a.crt?x=1", server.port());
  const auto fetched = fetching.run({named, "https://127.0.0.1/"});
  REQUIRE(fetched.size() == 2);
  CHECK(fetched[0]->url == named);
  CHECK(fetched[0]->at == now);
  CHECK(text_of(fetched[0]->body) == "body");
  CHECK_FALSE(fetched[0]->error);
  CHECK(says(fetched[1]->error->detail, "only http"));
  CHECK(request.starts_with("GET /a.crt?x=1 HTTP/1.1\r\n"));
  CHECK(says(request, fmt::format("Host: ca.test:{}\r\n", server.port())));
  CHECK(server.connections() == 1);
  CHECK(fetching.asked == std::vector<std::string>{"ca.test"});
  CHECK(fetching.run({}).empty());
}

TEST_CASE("aia fetch: failures are sentences") {
  Fetching fetching;
  fetching.options.body_limit = 1000;
  fetching.names["gone.test"] = {};
  CHECK(says(fetching.problem("http://gone.test/"), "no such name"));
  const auto problem = [&](const std::string& answer) {
    Server server(answering(answer));
    return fetching.problem(at(server));
  };
  CHECK(problem("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n") == "HTTP status 404");
  CHECK(problem("SSH-2.0-x\r\n\r\n") == "the answer is no HTTP");
  CHECK(problem("") == "the answer was cut off");
  CHECK(problem(ok(std::string(1001, 'a'))) == "the answer is too large");
  CHECK(problem("HTTP/1.1 200 OK\r\n\r\n" + std::string(2'000'000, 'a')) == "the answer is too large");
  CHECK(problem("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n") ==
        "the redirections go round in a circle");
  Server closing([](Peer& peer) { peer.reset(); });
  CHECK_FALSE(fetching.problem(at(closing)).empty());
}

TEST_CASE("aia fetch: redirections, so many and no more") {
  Fetching fetching;
  Server goal(answering(ok("there")));
  const std::string there = at(goal);
  Server once(answering(moved(there)));
  CHECK(text_of(fetching.one(at(once))->body) == "there");

  Server* self = nullptr;
  Server loop([&](Peer& peer) {
    peer.receive_until("\r\n\r\n");
    peer.send(moved(at(*self)));
  });
  self = &loop;
  CHECK(fetching.problem(at(loop)) == "the redirections go round in a circle");
  CHECK(loop.connections() == 1);

  std::atomic<int> number = 0;
  Server endless([&](Peer& peer) {
    peer.receive_until("\r\n\r\n");
    peer.send(moved(fmt::format("/{}", ++number)));
  });
  CHECK(fetching.problem(at(endless)) == "more than 3 redirections");
  CHECK(endless.connections() == 4);

  Server elsewhere(answering(moved("https://127.0.0.1/ca.crt")));
  CHECK(says(fetching.problem(at(elsewhere)), "only http"));
}

TEST_CASE("aia fetch: only public addresses, unless others are allowed") {
  Server server(answering(ok("secret")));
  Fetching fetching;
  fetching.options.may_ask = AiaOptions{}.may_ask;
  fetching.names["inside.test"] = {*IpAddress::parse("127.0.0.1"), *IpAddress::parse("169.254.169.254")};
  fetching.names["given.test"] = {};
  CHECK(says(fetching.problem(at(server)), "127.0.0.1, which is no public address"));
  CHECK(says(fetching.problem(fmt::format("http://inside.test:{}/", server.port())),
             "inside.test leads to 127.0.0.1, 169.254.169.254, which is no public address"));
  CHECK(says(fetching.problem(fmt::format("http://[::ffff:127.0.0.1]:{}/", server.port())),
             "no public address"));
  CHECK(says(fetching.problem(fmt::format("http://[::1]:{}/", server.port())), "no public address"));
  fetching.options.resolve["given.test"] = {*IpAddress::parse("127.0.0.1")};
  CHECK(says(fetching.problem(fmt::format("http://given.test:{}/", server.port())), "no public address"));
  CHECK(server.connections() == 0);
  // The first address may be asked, and redirects to one that may not.
  Server inside(answering(ok("secret")), "127.0.0.2");
  Server outside(answering(moved(fmt::format("http://127.0.0.2:{}/", inside.port()))));
  fetching.options.may_ask = [](const IpAddress& address) { return address.text() == "127.0.0.1"; };
  CHECK(says(fetching.problem(at(outside)), "127.0.0.2 leads to 127.0.0.2, which is no public address"));
  CHECK(outside.connections() == 1);
  CHECK(inside.connections() == 0);
  // Of several addresses of a name those that may.
  fetching.names["both.test"] = {*IpAddress::parse("127.0.0.2"), *IpAddress::parse("127.0.0.1")};
  CHECK(text_of(fetching.one(fmt::format("http://both.test:{}/", server.port()))->body) == "secret");
  CHECK(server.connections() == 1);
  CHECK(text_of(fetching.one(fmt::format("http://given.test:{}/", server.port()))->body) == "secret");
}

TEST_CASE("aia fetch: stalls end at the deadline") {
  Fetching fetching;
  fetching.options.url_timeout = Milliseconds(300);
  const auto start = SteadyClock::now();
  Server silent([](Peer& peer) { peer.wait_for_end(); });
  CHECK(fetching.problem(at(silent)) == "no answer in time");
  CHECK(fetching.one(at(silent))->error->cause == Cause::timeout);
  Server dripping([](Peer& peer) {
    peer.receive_until("\r\n\r\n");
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc");
    peer.wait_for_end();
  });
  CHECK(fetching.problem(at(dripping)) == "no answer in time");
  CHECK(elapsed_since(start) < Milliseconds(10'000));
}

TEST_CASE("aia fetch: every connection waits for its turn, and is not late for that") {
  constexpr Milliseconds interval(250), spared_by_the_burst(20);
  Fetching fetching;
  fetching.options.url_timeout = Milliseconds(1000);
  fetching.options.rate = std::make_shared<RateLimit>(4.0);
  Server goal(answering(ok("there")));
  const std::string there = at(goal);
  Server moving(answering(moved(there)));
  const auto start = SteadyClock::now();
  // Six connections, the last of which begins after more than url_timeout; a further call goes on counting.
  for (const FetchedPtr& one : fetching.run({at(goal, "/1"), at(goal, "/2"), at(moving), at(goal, "/3")}))
    CHECK(one->error == std::nullopt);
  CHECK(elapsed_since(start) >= 4 * interval - spared_by_the_burst);
  CHECK(text_of(fetching.one(at(goal, "/4"))->body) == "there");
  CHECK(elapsed_since(start) >= 5 * interval - spared_by_the_burst);
  CHECK(goal.connections() + moving.connections() == 6);
}

TEST_CASE("aia fetch: an interrupted run ends at once, with every URL accounted for") {
  Fetching fetching;
  fetching.options.url_timeout = Milliseconds(60'000);
  fetching.options.concurrency = 1;
  Server silent([&](Peer& peer) {
    peer.receive_until("\r\n\r\n");
    fetching.stop.request();
    peer.wait_for_end();
  });
  const auto start = SteadyClock::now();
  const auto fetched = fetching.run({at(silent, "/1"), at(silent, "/2")});
  CHECK(elapsed_since(start) < Milliseconds(20'000));
  REQUIRE(fetched.size() == 2);
  for (const FetchedPtr& one : fetched) CHECK(says(one->error->detail, "interrupted"));
  CHECK(silent.connections() == 1);
}
