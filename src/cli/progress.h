// How far a scan is, on standard error: one line that is rewritten on a terminal, a plain line now and then
// elsewhere.
#pragma once

#include <chrono>
#include <cstddef>

#include "src/cli/options.h"

namespace chaintier {

class Progress {
 public:
  // Never with --quiet or --progress never. For more than one target: on a terminal five times a second;
  // elsewhere every half minute, and with --progress always every five seconds and at the end.
  Progress(std::size_t total, const OutputOptions& options);

  void add(Verdict verdict);
  void end();

 private:
  void show();

  using Clock = std::chrono::steady_clock;
  std::size_t total_, done_ = 0, errors_ = 0, unjudged_ = 0;
  bool shown_ = false, rewrite_ = false, last_line_ = false;
  std::chrono::milliseconds gap_{};
  Language language_;
  Clock::time_point begun_ = Clock::now(), last_{};
};

}  // namespace chaintier
