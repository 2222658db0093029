// How far a scan is, on standard error: one line that is rewritten on a terminal, a plain line now and then
// elsewhere.
#pragma once

#include <chrono>
#include <cstddef>

#include "src/cli/options.h"

namespace chaintier {

class Progress {
 public:
  // Shown when asked for, or on a terminal for more than one target; never with --quiet.
  Progress(std::size_t total, const OutputOptions& options);

  void add(Verdict verdict);
  void end();

 private:
  void show();

  using Clock = std::chrono::steady_clock;
  std::size_t total_, done_ = 0, errors_ = 0, unjudged_ = 0;
  bool shown_ = false, rewrite_ = false;
  Language language_;
  Clock::time_point begun_ = Clock::now(), last_{};
};

}  // namespace chaintier
