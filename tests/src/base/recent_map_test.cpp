#include "src/base/recent_map.h"

#include <string>

#include <doctest/doctest.h>

using namespace chaintier;

TEST_CASE("recent map: the last ones are remembered, older ones not for long") {
  constexpr int size = 5;
  RecentMap<int, std::string> map(size);
  for (int i = 0; i < 40; ++i) {
    CAPTURE(i);
    CHECK(map.find(i) == nullptr);
    CHECK(map.put(i, std::to_string(i)) == std::to_string(i));
    for (int last = 0; last < size && last <= i; ++last) {
      REQUIRE(map.find(i - last) != nullptr);
      CHECK(*map.find(i - last) == std::to_string(i - last));
    }
    CHECK(map.find(i - 2 * size) == nullptr);
  }
}

TEST_CASE("recent map: what is put again is the new value, however old the first one is") {
  RecentMap<int, int> map(2);
  for (int i = 0; i < 4; ++i) {
    map.put(7, i);
    CHECK(*map.find(7) == i);
    map.put(100 + i, 0);
    CHECK(*map.find(7) == i);
  }
}
