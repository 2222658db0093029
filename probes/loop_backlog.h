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

  // What was found last, or more when it takes longer now. Each call has it looked at anew, by a task that
  // goes through the loop until the loop has asked the system what is ready, and done that.
  Duration look(Deadline now) {
    if (asked_) return std::max(found_, now - *asked_);
    asked_ = now;
    go_on(2);
    return found_;
  }

 private:
  // The first turn may come before the system is asked, the second before what it named.
  void go_on(int more_turns) {
    boost::asio::post(loop_, [this, more_turns] {
      if (more_turns > 0) return go_on(more_turns - 1);
      found_ = SteadyClock::now() - *asked_;
      asked_.reset();
    });
  }

  boost::asio::io_context& loop_;
  std::optional<Deadline> asked_;
  Duration found_{};
};

}  // namespace chaintier
