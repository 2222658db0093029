// Waiting with a limit, and doing many things without doing all at once. Nothing here starts work that
// outlives the call: the loser of a race and every lane have ended when the awaitable returns.
#pragma once

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "src/base/result.h"
#include "src/base/time.h"

namespace chaintier {

template <class T>
using Awaitable = boost::asio::awaitable<T>;

using SteadyClock = std::chrono::steady_clock;
using Deadline = SteadyClock::time_point;

inline Milliseconds elapsed_since(SteadyClock::time_point start) {
  return std::chrono::duration_cast<Milliseconds>(SteadyClock::now() - start);
}

// True once this coroutine was asked to stop. Every loop and every wait of ours looks at it, so no exception
// is needed.
inline Awaitable<bool> was_cancelled() {
  const auto state = co_await boost::asio::this_coro::cancellation_state;
  co_return state.cancelled() != boost::asio::cancellation_type::none;
}

// The result of `work`, or a timeout of `stage` after `limit`. Either way `work` has ended on return, and
// what it throws is passed on. (Operator || of awaitables would take a throwing `work` for one that is merely
// not ready yet.)
template <class T>
Awaitable<Result<T>> within(Milliseconds limit, Stage stage, Awaitable<Result<T>> work) {
  namespace asio = boost::asio;
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, limit);
  auto group = asio::experimental::make_parallel_group(
      asio::co_spawn(executor, std::move(work), asio::deferred), timer.async_wait(asio::deferred));
  auto [order, failure, result, timer_error] =
      co_await group.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
  const bool work_won = order[0] == 0;
  if (!work_won && !timer_error)
    co_return Error{stage, Fault::network, "no answer within " + std::to_string(limit.count()) + " ms",
                    Cause::timeout};
  if (failure) std::rethrow_exception(failure);
  co_return std::move(result);
}

using IndexedTask = std::function<Awaitable<void>(std::size_t)>;

namespace async_detail {

inline Awaitable<void> lane(std::size_t& next, std::size_t count, const IndexedTask& task) {
  co_await boost::asio::this_coro::throw_if_cancelled(false);
  while (next < count) {
    const bool stop = co_await was_cancelled();
    if (stop) co_return;
    co_await task(next++);
  }
}

}  // namespace async_detail

// Runs task(0) ... task(count - 1), at most `width` at a time, begun in order. After a cancellation no
// further task begins. The first exception of a task is thrown again after all lanes have ended.
inline Awaitable<void> run_bounded(std::size_t count, std::size_t width, const IndexedTask& task) {
  namespace asio = boost::asio;
  const auto executor = co_await asio::this_coro::executor;
  std::size_t next = 0;
  auto make_lane = [&] {
    return asio::co_spawn(executor, async_detail::lane(next, count, task), asio::deferred);
  };
  std::vector<decltype(make_lane())> lanes;
  for (std::size_t i = 0; i < std::min(width, count); ++i) lanes.push_back(make_lane());
  if (lanes.empty()) co_return;
  auto group = asio::experimental::make_parallel_group(std::move(lanes));
  auto [order, failures] = co_await group.async_wait(asio::experimental::wait_for_all(), asio::use_awaitable);
  for (const std::exception_ptr& failure : failures)
    if (failure) std::rethrow_exception(failure);
}

}  // namespace chaintier
