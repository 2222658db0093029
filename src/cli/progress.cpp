#include "src/cli/progress.h"

#include <cstdio>

#include <fmt/format.h>

#include "src/cli/terminal.h"

namespace chaintier {

Progress::Progress(std::size_t total, const OutputOptions& options)
    : total_(total), language_(options.language) {
  rewrite_ = standard_error_is_terminal();
  shown_ = !options.quiet &&
           (options.progress == "always" || (options.progress == "auto" && rewrite_ && total > 1));
}

void Progress::add(Verdict verdict) {
  ++done_;
  if (verdict == Verdict::error) ++errors_;
  if (verdict == Verdict::unjudged) ++unjudged_;
  if (!shown_) return;
  const auto gap = rewrite_ ? std::chrono::milliseconds(200) : std::chrono::seconds(5);
  if (Clock::now() - last_ >= gap) show();
}

void Progress::show() {
  last_ = Clock::now();
  const double seconds = std::chrono::duration<double>(last_ - begun_).count();
  const double rate = seconds > 0 ? static_cast<double>(done_) / seconds : 0;
  const auto left = rate > 0 ? static_cast<long>(static_cast<double>(total_ - done_) / rate) : 0;
  const char* form = language_ == Language::en
                         ? "{}/{} done, {} with errors, {} could not be judged, {:.0f} a second, {} s left"
                         : "已完成 {}/{},有錯誤 {},無法判斷 {},每秒 {:.0f},約剩 {} 秒";
  const std::string line = fmt::format(fmt::runtime(form), done_, total_, errors_, unjudged_, rate, left);
  fmt::print(stderr, "{}{}{}", rewrite_ ? "\r\x1b[K" : "", line, rewrite_ ? "" : "\n");
  std::fflush(stderr);
}

void Progress::end() {
  if (!shown_) return;
  if (rewrite_)
    fmt::print(stderr, "\r\x1b[K");
  else
    show();
}

}  // namespace chaintier
