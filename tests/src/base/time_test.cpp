#include "src/base/time.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <string>

#include <doctest/doctest.h>

namespace chaintier {

namespace {

Time at(std::int64_t seconds) { return Time{std::chrono::seconds{seconds}}; }

}  // namespace

TEST_CASE("time: RFC 3339") {
  struct Row {
    const char* text;
    std::int64_t seconds;
  };
  constexpr std::array rows{
      Row{"1970-01-01T00:00:00Z", 0},
      Row{"1970-01-01t00:00:00z", 0},
      Row{"1970-01-01 00:00:01Z", 1},
      Row{"1969-12-31T23:59:59Z", -1},
      Row{"2026-09-21T08:00:00+08:00", 1789948800},
      Row{"2026-09-21T00:00:00Z", 1789948800},
      Row{"2026-09-20T19:30:00-04:30", 1789948800},
      Row{"2026-09-21T00:00:00-00:00", 1789948800},
      Row{"2026-09-21T00:00:00.999999999999Z", 1789948800},
      Row{"2024-02-29T00:00:00Z", 1709164800},
      Row{"2016-12-31T23:59:60Z", 1483228800},  // a leap second is the first of the next minute
      Row{"0000-01-01T00:00:00Z", -62167219200},
      Row{"9999-12-31T23:59:59Z", 253402300799},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.text));
    REQUIRE(parse_rfc3339(row.text));
    CHECK(*parse_rfc3339(row.text) == at(row.seconds));
  }
}

TEST_CASE("time: impossible dates and other texts") {
  for (const char* text : {"",
                           "now",
                           "2026-09-21",
                           "2026-09-21T00:00:00",
                           "2026-09-21T00:00Z",
                           "2026-9-21T00:00:00Z",
                           "26-09-21T00:00:00Z",
                           "2026-02-30T00:00:00Z",
                           "2025-02-29T00:00:00Z",
                           "2026-13-01T00:00:00Z",
                           "2026-00-01T00:00:00Z",
                           "2026-01-00T00:00:00Z",
                           "2026-01-01T24:00:00Z",
                           "2026-01-01T00:60:00Z",
                           "2026-01-01T00:00:61Z",
                           "2026-01-01T00:00:00.Z",
                           "2026-01-01T00:00:00+0800",
                           "2026-01-01T00:00:00+08",
                           "2026-01-01T00:00:00+24:00",
                           "2026-01-01T00:00:00+08:60",
                           "2026-01-01T00:00:00ZZ",
                           "2026-01-01T00:00:00+08:00Z",
                           " 2026-01-01T00:00:00Z",
                           "2026-01-01T00:00:00Z ",
                           "-026-01-01T00:00:00Z",
                           "12026-01-01T00:00:00Z",
                           "２026-01-01T00:00:00Z"}) {
    CAPTURE(std::string(text));
    CHECK_FALSE(parse_rfc3339(text));
  }
}

TEST_CASE("time: written in UTC, whatever the machine's zone") {
  CHECK(format_rfc3339(at(1789948800)) == "2026-09-21T00:00:00Z");
  CHECK(format_rfc3339(at(-1)) == "1969-12-31T23:59:59Z");
  CHECK(format_rfc3339(at(253402300799)) == "9999-12-31T23:59:59Z");
  CHECK(format_rfc3339(at(-62167219200)) == "0000-01-01T00:00:00Z");
  CHECK(format_date(at(1789948799)) == "2026-09-20");
  for (const char* text : {"2026-09-21T12:34:56Z", "1999-02-28T01:02:03Z"})
    CHECK(format_rfc3339(*parse_rfc3339(text)) == text);
}

TEST_CASE("time: whole days, rounded down") {
  const Time noon = at(12 * 3600);
  CHECK(days_between(noon, noon) == 0);
  CHECK(days_between(at(0), at(86399)) == 0);
  CHECK(days_between(at(0), at(86400)) == 1);
  CHECK(days_between(at(0), at(-1)) == -1);
  CHECK(days_between(at(0), at(-86400)) == -1);
  CHECK(days_between(at(0), at(-86401)) == -2);
}

}  // namespace chaintier
