// Running out of descriptors: waited for, and never the peer's fault.
#include <boost/asio/steady_timer.hpp>

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <unistd.h>

#include "probes/descriptors.h"
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
  TlsContexts contexts;
  SentPool pool;
  const Server server([](Peer&) {});
  CaptureRequest request;
  request.address = *IpAddress::parse("127.0.0.1");
  request.port = server.port();
  request.connect_timeout = Milliseconds(120);
  const NoDescriptors none;
  const Sample sample = run(io, capture(contexts, pool, request)).sample;
  CHECK(sample.outcome == Outcome::failed);
  REQUIRE(sample.error.has_value());
  CHECK(sample.error->cause == Cause::limit);
  CHECK(sample.error->stage == Stage::connect);
  CHECK(sample.error->fault == Fault::internal);
}

TEST_CASE("capture: a descriptor that comes free in time is used") {
  boost::asio::io_context io;
  TlsContexts contexts;
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
  const Sample sample = run(io, capture(contexts, pool, request)).sample;
  CHECK(sample.outcome == Outcome::captured);
  CHECK_FALSE(none);
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
