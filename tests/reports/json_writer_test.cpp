#include "reports/json_writer.h"

#include <boost/json.hpp>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "src/base/text.h"

using namespace chaintier;

namespace {

std::string written(const auto& value) { return JsonValue(value).text(); }

}  // namespace

TEST_CASE("JSON writer: the values") {
  CHECK(written(nullptr) == "null");
  CHECK(written(true) == "true");
  CHECK(written(false) == "false");
  CHECK(written(0) == "0");
  CHECK(written(std::uint16_t{65'535}) == "65535");
  CHECK(written(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
  CHECK(written(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615");
  CHECK(boost::json::parse(written(0.0723)).as_double() == 0.0723);
  CHECK(written("") == "\"\"");
  CHECK(written(std::string("\xE4\xB8\xAD\xE6\x96\x87")) == "\"\xE4\xB8\xAD\xE6\x96\x87\"");
  CHECK(written(std::optional<int>()) == "null");
  CHECK(written(std::optional<std::string>("a")) == "\"a\"");
}

TEST_CASE("JSON writer: arrays and objects, empty, nested, in their order") {
  CHECK(JsonArray().text() == "[]");
  CHECK(JsonObject().text() == "{}");
  JsonArray array = JsonArray::of(std::vector<std::string>{"x", "y"});
  array.push_back(JsonArray());
  array.push_back({{"a", 1}, {"b", nullptr}});
  JsonObject object;
  object["z"] = array;
  object["a"] = JsonObject{{"only", true}};
  object["m"] = JsonValue("text");
  CHECK(object.text() == R"({"z":["x","y",[],{"a":1,"b":null}],"a":{"only":true},"m":"text"})");
}

TEST_CASE("JSON writer: any octets give the text that Boost.JSON gives for what is UTF-8 of them") {
  std::mt19937 random(20261123);
  std::vector<std::string> texts;
  for (int octet = 0; octet < 256; ++octet) {
    texts.push_back({'a', static_cast<char>(octet), 'b'});
    for (const char around : {' ', '!', '#', '[', ']', '\x7f'})  // eight are looked at at once
      for (std::size_t at = 0; at < 9; ++at) {
        texts.emplace_back(9, around);
        texts.back()[at] = static_cast<char>(octet);
      }
  }
  for (int i = 0; i < 2000; ++i) {
    std::string text(random() % 40, '\0');
    for (char& c : text) c = static_cast<char>(i % 2 ? random() % 128 : random() % 256);
    texts.push_back(std::move(text));
  }
  for (const std::string& text : texts) {
    const std::string expected = boost::json::serialize(boost::json::value(valid_utf8(text)));
    CHECK(written(text) == expected);
    JsonObject named;
    named[text] = 1;
    CHECK(named.text() == "{" + expected + ":1}");
  }
}
