#include "probes/async.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <stdexcept>

#include <doctest/doctest.h>

#include "tests/probes/run_awaitable.h"

using namespace chaintier;
namespace asio = boost::asio;

namespace {

Awaitable<Result<int>> answer(int value) { co_return value; }

Awaitable<Result<int>> never(bool* ended) {
  asio::steady_timer timer(co_await asio::this_coro::executor, Deadline::max());
  struct Mark {
    bool* ended;
    ~Mark() { *ended = true; }
  } mark{ended};
  co_await timer.async_wait(asio::use_awaitable);
  co_return 0;
}

Awaitable<Result<int>> thrower() {
  throw std::runtime_error("a bug");
  co_return 0;
}

struct Counter {
  std::size_t running = 0, most = 0, begun = 0, ended = 0;

  Awaitable<void> task(std::size_t index, Milliseconds takes, std::size_t fails_at) {
    ++begun;
    most = std::max(most, ++running);
    asio::steady_timer timer(co_await asio::this_coro::executor, takes);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    --running;
    ++ended;
    if (index == fails_at) throw std::runtime_error("a bug");
  }
};

}  // namespace

TEST_CASE("within: the answer, the limit, the exception") {
  asio::io_context io;
  CHECK(*test::run(io, within(Milliseconds(10000), Stage::connect, answer(7))) == 7);

  bool ended = false;
  const auto late = test::run(io, within(Milliseconds(10), Stage::connect, never(&ended)));
  REQUIRE_FALSE(late.has_value());
  CHECK(late.error().cause == Cause::timeout);
  CHECK(late.error().stage == Stage::connect);
  CHECK(late.error().fault == Fault::network);
  CHECK(ended);  // the loser is not left behind

  CHECK_THROWS_AS(test::run(io, within(Milliseconds(10000), Stage::connect, thrower())), std::runtime_error);
}

TEST_CASE("run_bounded: every index once, never more than the width at once") {
  asio::io_context io;
  Counter counter;
  const IndexedTask task = [&](std::size_t index) { return counter.task(index, Milliseconds(1), 1000); };
  test::run(io, run_bounded(25, 4, task));
  CHECK(counter.begun == 25);
  CHECK(counter.ended == 25);
  CHECK(counter.most == 4);
  test::run(io, run_bounded(0, 4, task));
  CHECK(counter.begun == 25);
}

TEST_CASE("run_bounded: an exception is passed on after all have ended") {
  asio::io_context io;
  Counter counter;
  const IndexedTask task = [&](std::size_t index) { return counter.task(index, Milliseconds(1), 3); };
  CHECK_THROWS_AS(test::run(io, run_bounded(10, 4, task)), std::runtime_error);
  CHECK(counter.running == 0);
}

TEST_CASE("run_bounded: nothing is begun after a cancellation") {
  asio::io_context io;
  Counter counter;
  const IndexedTask task = [&](std::size_t index) { return counter.task(index, Milliseconds(60000), 1000); };
  asio::cancellation_signal stop;
  bool over = false;
  auto on_end = [&](std::exception_ptr) { over = true; };
  asio::co_spawn(io, run_bounded(100, 4, task), asio::bind_cancellation_slot(stop.slot(), on_end));
  while (counter.begun < 4) io.run_one();
  stop.emit(asio::cancellation_type::terminal);
  while (!over) io.run_one();
  CHECK(counter.begun == 4);
  CHECK(counter.ended == 4);
}
