#include "probes/loop_backlog.h"

#include <doctest/doctest.h>

using namespace chaintier;

TEST_CASE("loop backlog: as long as what was asked has waited, then as long as it took") {
  using namespace std::chrono_literals;
  boost::asio::io_context loop;
  LoopBacklog backlog(loop);
  const Deadline now = SteadyClock::now();
  CHECK(backlog.look(now - 3h) == 0h);  // nothing is known yet
  CHECK(backlog.look(now - 1h) == 2h);
  CHECK(backlog.look(now) == 3h);
  loop.run();
  CHECK(backlog.look(SteadyClock::now()) >= 3h);  // and asks again
  loop.restart();
  loop.run();
  CHECK(backlog.look(SteadyClock::now()) < 1h);
}

TEST_CASE("loop backlog: one look is under way at a time") {
  boost::asio::io_context loop;
  LoopBacklog backlog(loop);
  for (int i = 0; i < 5; ++i) backlog.look(SteadyClock::now());
  CHECK(loop.poll() == 1);
}
