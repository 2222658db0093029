#include "probes/lane.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <utility>

namespace chaintier {

namespace asio = boost::asio;

Lane::Lane(asio::io_context& home, Thread thread)
    : home_(home),
      own_loop_(thread == Thread::own ? std::make_unique<asio::io_context>(1) : nullptr),
      loop_(own_loop_ ? *own_loop_ : home) {
  if (!own_loop_) return;
  asio::steady_timer opens_the_reactor(loop_);  // now, where it may throw, and not at the first connection
  open_.emplace(loop_.get_executor());
  thread_ = std::thread([this] {
    try {
      loop_.run();
    } catch (...) {  // no memory; what a capture or a step throws is caught where it is called
      asio::post(home_, [failure = std::current_exception()] { std::rethrow_exception(failure); });
    }
  });
}

Lane::~Lane() { stop(); }

void Lane::stop() {
  if (!thread_.joinable()) return;
  loop_.stop();
  thread_.join();
}

void Lane::capture(CaptureRequest request, Captured done) {
  asio::dispatch(loop_, [this, request = std::move(request), done = std::move(done)]() mutable {
    begin(std::move(request), std::move(done));
  });
}

// On the lane's thread.
void Lane::begin(CaptureRequest request, Captured done) {
  const auto signal = signals_.emplace(signals_.end());
  asio::co_spawn(
      loop_, captured(std::move(request)),
      asio::bind_cancellation_slot(signal->slot(), [this, signal, done = std::move(done)](
                                                       std::exception_ptr failure, Capture seen) mutable {
        // Not at once: the coroutine that is just ending still knows the signal.
        asio::post(loop_, [this, signal] { signals_.erase(signal); });
        asio::dispatch(home_, [done = std::move(done), failure, seen = std::move(seen)]() mutable {
          done(failure, std::move(seen));
        });
      }));
}

Awaitable<Capture> Lane::captured(CaptureRequest request) {
  co_await asio::this_coro::throw_if_cancelled(false);
  const bool stop = co_await was_cancelled();
  if (stop) {
    Capture none;
    none.sample.asked = std::move(request.asked);
    co_return none;
  }
  co_return co_await chaintier::capture(clients_, pool_, std::move(request));
}

void Lane::work(Step step, Stepped done) {
  asio::dispatch(loop_, [this, step = std::move(step), done = std::move(done)]() mutable {
    std::exception_ptr failure;
    std::function<void()> rest;
    try {
      rest = step();
    } catch (...) {
      failure = std::current_exception();
    }
    step = nullptr;  // what it holds goes here and not at home
    asio::dispatch(home_, [done = std::move(done), failure, rest = std::move(rest)]() mutable {
      done(failure, std::move(rest));
    });
  });
}

void Lane::cancel() {
  asio::dispatch(loop_, [this] {
    for (auto& signal : signals_) signal.emit(asio::cancellation_type::terminal);
  });
}

void Lane::ask_for_sign(Deadline now) {
  if (!own_loop_ || owes_sign_) return;
  owes_sign_ = true;
  asked_ = now;
  asio::post(loop_, [this] { owes_sign_ = false; });
}

bool Lane::lags(Deadline now, Milliseconds limit) const { return owes_sign_ && now > asked_ + limit; }

}  // namespace chaintier
