// A thread of a scan, which makes captures and finishes targets. Lanes share nothing: each has its own event
// loop, TLS clients and pool of certificates, and what it finishes targets with is its own too.
#pragma once

#include <atomic>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <thread>

#include "probes/async.h"
#include "probes/tls_capture.h"
#include "src/observe/sent_pool.h"

namespace chaintier {

// All members are for the thread that runs `home`, and all callbacks are called there. A lane on a thread of
// its own must be stopped before `home` is destroyed; one at home must outlive it, for the captures that are
// still under way in it.
class Lane {
 public:
  enum class Thread { home, own };
  // Throws std::runtime_error when there is no thread or descriptor for it.
  Lane(boost::asio::io_context& home, Thread thread);
  ~Lane();
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  // The exception is null unless the capture threw.
  using Captured = std::function<void(std::exception_ptr, Capture)>;
  void capture(CaptureRequest request, Captured done);

  // A step on this lane, and what then happens at home.
  using Step = std::function<std::function<void()>()>;
  using Stepped = std::function<void(std::exception_ptr, std::function<void()>)>;
  void work(Step step, Stepped done);

  // Every capture begun so far ends as not_started, unless it ends otherwise before it hears of it.
  void cancel();

  // Waits for what the lane's own thread is just doing. Captures under way and steps not begun are dropped
  // without a callback.
  void stop();

  // Asks the lane for a sign of life, unless it still owes one.
  void ask_for_sign(Deadline now);
  // It owes a sign for longer than `limit`: what happens on its connections waits for the processor.
  bool lags(Deadline now, Milliseconds limit) const;

 private:
  void begin(CaptureRequest request, Captured done);
  Awaitable<Capture> captured(CaptureRequest request);

  boost::asio::io_context& home_;
  Deadline asked_{};
  std::atomic<bool> owes_sign_ = false;

  // Of the lane's own thread, or of home's. The order matters when coroutines are dropped: what they hold
  // goes with the loop, and they use what stands above it.
  TlsClients clients_;
  SentPool pool_;
  std::list<boost::asio::cancellation_signal> signals_;  // one for each capture under way
  std::unique_ptr<boost::asio::io_context> own_loop_;    // null at home
  boost::asio::io_context& loop_;
  std::optional<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> open_;
  std::thread thread_;
};

}  // namespace chaintier
