// Points in time are UTC seconds. Nothing below src/cli reads a clock: time is an argument.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace chaintier {

using Time = std::chrono::sys_seconds;
using Milliseconds = std::chrono::milliseconds;

// RFC 3339 with "Z" or a numeric offset; fractions of a second are dropped. Nothing for an impossible date.
std::optional<Time> parse_rfc3339(std::string_view text);
std::string format_rfc3339(Time time);  // "2026-09-21T00:00:00Z"
std::string format_date(Time time);     // "2026-09-21", UTC

// Whole days from `from` to `to`, rounded down; negative when `to` lies before.
std::int64_t days_between(Time from, Time to);

}  // namespace chaintier
