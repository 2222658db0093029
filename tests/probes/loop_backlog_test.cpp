#include "probes/loop_backlog.h"

#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <vector>

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

TEST_CASE("loop backlog: what is ready is part of it, known to the loop or not") {
  boost::asio::io_context loop;
  LoopBacklog backlog(loop);
  constexpr int count = 20;
  const auto work = [] {
    for (const auto end = SteadyClock::now() + Milliseconds(1); SteadyClock::now() < end;) {
    }
  };
  std::vector<boost::asio::local::stream_protocol::socket> sockets;
  int done = 0;
  for (int i = 0; i < count; ++i) {
    boost::asio::local::stream_protocol::socket one(loop), other(loop);
    boost::asio::local::connect_pair(one, other);
    one.send(boost::asio::buffer("x", 1));
    sockets.push_back(std::move(one));
    sockets.push_back(std::move(other));
  }
  for (int i = 1; i < 2 * count; i += 2)
    sockets[static_cast<std::size_t>(i)].async_wait(boost::asio::socket_base::wait_read,
                                                    [&](boost::system::error_code error) {
                                                      CHECK_FALSE(error);
                                                      work();
                                                      ++done;
                                                    });
  backlog.look(SteadyClock::now());
  loop.run();
  CHECK(done == count);
  CHECK(backlog.look(SteadyClock::now()) >= Milliseconds(count));
}

TEST_CASE("loop backlog: one look is under way at a time") {
  boost::asio::io_context loop;
  LoopBacklog backlog(loop);
  for (int i = 0; i < 5; ++i) backlog.look(SteadyClock::now());
  CHECK(loop.poll() == 3);  // turns
}
