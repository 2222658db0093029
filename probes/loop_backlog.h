// How far an event loop is behind: how long what is ready now waits until its turn comes.
#pragma once

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <optional>

#include "probes/async.h"

namespace chaintier {

// For the thread that runs the loop. The loop must not run on when this is gone.
class LoopBacklog {
 public:
  using Duration = SteadyClock::duration;

  explicit LoopBacklog(boost::asio::io_context& loop) : loop_(loop) {}

  // What was found last, or more when it takes longer now. Each call has it looked at anew: a task that is
  // posted runs after all that is ready.
  Duration look(Deadline now) {
    if (asked_) return std::max(found_, now - *asked_);
    asked_ = now;
    boost::asio::post(loop_, [this] {
      found_ = SteadyClock::now() - *asked_;
      asked_.reset();
    });
    return found_;
  }

 private:
  boost::asio::io_context& loop_;
  std::optional<Deadline> asked_;
  Duration found_{};
};

}  // namespace chaintier
