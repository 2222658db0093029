// Running out of descriptors: waited for, and never the peer's fault.
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include "probes/descriptors.h"
#include "probes/scan.h"
#include "probes/tls_capture.h"
#include "tests/probes/loopback.h"
#include "tests/probes/run_awaitable.h"

using namespace chaintier;
using namespace chaintier::test;

namespace {

// No descriptor can be opened while one of these lives.
class NoDescriptors {
 public:
  NoDescriptors() {
    getrlimit(RLIMIT_NOFILE, &before_);
    const int lowest_free = dup(0);
    close(lowest_free);
    rlimit now = before_;
    now.rlim_cur = static_cast<rlim_t>(lowest_free);
    setrlimit(RLIMIT_NOFILE, &now);
  }
  ~NoDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

}  // namespace

TEST_CASE("capture: no descriptor left until the deadline is a limit of ours") {
  boost::asio::io_context io;
  boost::asio::steady_timer warm_up(io, Milliseconds(0));  // opens what the reactor needs
  warm_up.wait();
  TlsClients clients;
  SentPool pool;
  const Server server([](Peer&) {});
  CaptureRequest request;
  request.address = *IpAddress::parse("127.0.0.1");
  request.port = server.port();
  request.connect_timeout = Milliseconds(120);
  const NoDescriptors none;
  const Sample sample = run(io, capture(clients, pool, request)).sample;
  CHECK(sample.outcome == Outcome::failed);
  REQUIRE(sample.error.has_value());
  CHECK(sample.error->cause == Cause::limit);
  CHECK(sample.error->stage == Stage::connect);
  CHECK(sample.error->fault == Fault::internal);
}

TEST_CASE("capture: a descriptor that comes free in time is used") {
  boost::asio::io_context io;
  TlsClients clients;
  SentPool pool;
  TlsServing serving;
  serving.identity = &ec_chain().leaf;
  const Server server(serve_tls(serving));
  CaptureRequest request;
  request.address = *IpAddress::parse("127.0.0.1");
  request.port = server.port();
  boost::asio::steady_timer relief(io, Milliseconds(120));  // opens what the reactor needs
  auto none = std::make_unique<NoDescriptors>();
  relief.async_wait([&](boost::system::error_code) { none.reset(); });
  const Sample sample = run(io, capture(clients, pool, request)).sample;
  CHECK(sample.outcome == Outcome::captured);
  CHECK_FALSE(none);
}

TEST_CASE("scan: what found no descriptor is begun again when there are some") {
  // The name is looked up in vain while no descriptor can be opened; its end frees them.
  struct Vain final : Resolver {
    explicit Vain(boost::asio::any_io_executor executor) : timer(std::move(executor), Milliseconds(700)) {}
    Awaitable<Result<Resolved>> lookup(std::string, Deadline) override {
      co_await timer.async_wait(boost::asio::use_awaitable);
      co_return Error{Stage::resolve, Fault::peer, "no such name", Cause::resolve};
    }
    boost::asio::steady_timer timer;
  };
  TlsServing serving;
  serving.identity = &ec_chain().leaf;
  const Server server(serve_tls(serving));
  std::vector<Target> targets{parse_target("name.test").value()};
  for (int i = 0; i < 10; ++i)
    targets.push_back(parse_target(fmt::format("h{}.test@127.0.0.1:{}", i, server.port())).value());
  ScanOptions options;
  options.per_address = 4;
  options.connect_timeout = Milliseconds(300);
  std::unique_ptr<NoDescriptors> none;
  std::vector<std::optional<Observation>> seen(targets.size());
  const Finish finish = [&](std::size_t index, Observation observation) {
    if (index == 0) none.reset();
    seen[index] = std::move(observation);
    return std::function<void()>();
  };
  const ResolverFactory vain = [&](boost::asio::any_io_executor executor) -> std::unique_ptr<Resolver> {
    auto resolver = std::make_unique<Vain>(std::move(executor));
    none = std::make_unique<NoDescriptors>();  // after the reactor has opened what it needs
    return resolver;
  };
  scan(
      targets, options, [] { return Time{}; }, StopFlag{}, {finish}, vain);
  CHECK_FALSE(none);
  for (std::size_t i = 1; i < targets.size(); ++i) {
    REQUIRE(seen[i].has_value());
    CHECK(seen[i]->endpoints.at(0).samples.at(0).outcome == Outcome::captured);
  }
}

TEST_CASE("descriptors: the budget follows the limit") {
  raise_descriptor_limit();
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  CHECK(limit.rlim_cur == limit.rlim_max);
  CHECK(descriptor_budget() > 0);
  CHECK(descriptor_budget() < limit.rlim_cur);
  for (const rlim_t low : {rlim_t{1000}, rlim_t{64}, rlim_t{12}}) {
    const rlimit lowered{low, limit.rlim_max};
    REQUIRE(setrlimit(RLIMIT_NOFILE, &lowered) == 0);
    CHECK(descriptor_budget() >= 1);
    CHECK(descriptor_budget() + 8 < low);
  }
  REQUIRE(setrlimit(RLIMIT_NOFILE, &limit) == 0);
}
