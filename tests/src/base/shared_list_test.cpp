#include "src/base/shared_list.h"

#include <span>
#include <string>

#include <doctest/doctest.h>

using namespace chaintier;

TEST_CASE("copies of a shared list are lists of their own") {
  SharedList<std::string> first{{"one", "two"}};
  SharedList<std::string> second = first;
  const SharedList<std::string>& seen = second;
  CHECK(seen.data() == std::as_const(first).data());

  second.push_back("three");
  CHECK(std::as_const(first).size() == 2);
  CHECK(seen.size() == 3);
  for (std::string& text : second) text += "!";
  CHECK(seen[0] == "one!");
  CHECK(std::as_const(first)[0] == "one");

  const std::string* place = seen.data();
  second.front() = "changed in place";
  CHECK(seen.data() == place);
}

TEST_CASE("a shared list without anything in it") {
  const SharedList<int> empty;
  CHECK(empty.empty());
  CHECK(empty.begin() == empty.end());
  CHECK(std::span<const int>(empty).empty());
  SharedList<int> filled = empty;
  filled.push_back(1);
  CHECK(filled.size() == 1);
  CHECK(empty.empty());
  filled.clear();
  CHECK(filled.empty());
}
