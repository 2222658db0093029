#include "src/base/time.h"

#include <fmt/compile.h>

namespace chaintier {

namespace {

// Reads exactly `count` digits and moves on.
std::optional<int> digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool skip(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::optional<Time> parse_rfc3339(std::string_view text) {
  using namespace std::chrono;
  const auto year_value = digits(text, 4);
  if (!year_value || !skip(text, "-")) return std::nullopt;
  const auto month_value = digits(text, 2);
  if (!month_value || !skip(text, "-")) return std::nullopt;
  const auto day_value = digits(text, 2);
  if (!day_value || !skip(text, "Tt ")) return std::nullopt;
  const auto hour = digits(text, 2);
  if (!hour || !skip(text, ":")) return std::nullopt;
  const auto minute = digits(text, 2);
  if (!minute || !skip(text, ":")) return std::nullopt;
  const auto second = digits(text, 2);
  if (!second) return std::nullopt;
  if (skip(text, ".")) {
    if (!digits(text, 1)) return std::nullopt;
    while (digits(text, 1)) {
    }
  }

  const year_month_day date{year{*year_value}, month{static_cast<unsigned>(*month_value)},
                            day{static_cast<unsigned>(*day_value)}};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  Time time = sys_days{date} + hours{*hour} + minutes{*minute} + seconds{*second};

  if (text.empty()) return std::nullopt;
  const char sign = text.front();
  text.remove_prefix(1);
  if (sign == 'Z' || sign == 'z') return text.empty() ? std::optional{time} : std::nullopt;
  if (sign != '+' && sign != '-') return std::nullopt;
  const auto offset_hours = digits(text, 2);
  if (!offset_hours || !skip(text, ":")) return std::nullopt;
  const auto offset_minutes = digits(text, 2);
  if (!offset_minutes || !text.empty() || *offset_hours > 23 || *offset_minutes > 59) return std::nullopt;
  const auto offset = hours{*offset_hours} + minutes{*offset_minutes};
  return sign == '+' ? time - offset : time + offset;
}

// fmt's own formatting of dates goes through struct tm and cannot be trusted with years above 9999.
std::string format_date(Time time) {
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(time)};
  return fmt::format(FMT_COMPILE("{:04}-{:02}-{:02}"), static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

std::string format_rfc3339(Time time) {
  const std::chrono::hh_mm_ss clock{time - std::chrono::floor<std::chrono::days>(time)};
  return fmt::format(FMT_COMPILE("{}T{:02}:{:02}:{:02}Z"), format_date(time), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count());
}

std::int64_t days_between(Time from, Time to) {
  return std::chrono::floor<std::chrono::days>(to - from).count();
}

}  // namespace chaintier
