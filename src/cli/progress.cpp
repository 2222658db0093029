#include "src/cli/progress.h"

#include <cstdio>

#include <fmt/format.h>

#include "src/cli/terminal.h"

namespace chaintier {

namespace {

// Elsewhere than on a terminal each line stays: in a log of a night's run one every half minute is enough.
constexpr std::chrono::seconds log_gap{30}, asked_gap{5};
constexpr std::chrono::milliseconds terminal_gap{200};

}  // namespace

Progress::Progress(std::size_t total, const OutputOptions& options)
    : total_(total), language_(options.language) {
  rewrite_ = standard_error_is_terminal();
  const bool asked = options.progress == "always";
  shown_ = asked || (!options.quiet && options.progress == "auto" && total > 1);
  gap_ = rewrite_ ? std::chrono::milliseconds(terminal_gap) : asked ? asked_gap : log_gap;
  last_line_ = rewrite_ || asked;
  if (!rewrite_ && !asked) last_ = begun_;
}

void Progress::add(Verdict verdict) {
  ++done_;
  if (verdict == Verdict::error) ++errors_;
  if (verdict == Verdict::unjudged) ++unjudged_;
  if (shown_ && Clock::now() - last_ >= gap_) show();
}

void Progress::show() {
  last_ = Clock::now();
  const double seconds = std::chrono::duration<double>(last_ - begun_).count();
  const double rate = seconds > 0 ? static_cast<double>(done_) / seconds : 0;
  const auto left =
      rate > 0 ? static_cast<std::int64_t>(static_cast<double>(total_ - done_) / rate) : std::int64_t{0};
  const char* form = language_ == Language::en
                         ? "{}/{} done, {} with errors, {} could not be judged, {:.0f} a second, {} s left"
                         : "已完成 {}/{}，有錯誤 {}，無法判斷 {}，每秒 {:.0f}，約剩 {} 秒";
  const std::string line = fmt::format(fmt::runtime(form), done_, total_, errors_, unjudged_, rate, left);
  fmt::print(stderr, "{}{}{}", rewrite_ ? "\r\x1b[K" : "", line, rewrite_ ? "" : "\n");
  std::fflush(stderr);
}

void Progress::end() {
  if (!shown_) return;
  if (rewrite_)
    fmt::print(stderr, "\r\x1b[K");
  else if (last_line_)
    show();
}

}  // namespace chaintier
