#include "src/base/json_members.h"

#include <fmt/format.h>

#include "src/base/base64.h"

namespace chaintier::json_members {

namespace json = boost::json;

const json::object& object_of(const json::value& value, std::string_view what) {
  if (!value.is_object()) throw Wrong{fmt::format("{} is no object", what)};
  return value.get_object();
}

std::string text_of(const json::value& value, std::string_view what) {
  if (!value.is_string()) throw Wrong{fmt::format("\"{}\" holds something that is no text", what)};
  return std::string(value.get_string());
}

std::int64_t number_of(const json::value& value, std::string_view key, std::int64_t least,
                       std::int64_t most) {
  if (!value.is_int64() || value.get_int64() < least || value.get_int64() > most)
    throw Wrong{fmt::format("\"{}\" is no fitting number", key)};
  return value.get_int64();
}

Bytes base64_of(std::string_view value, std::string_view key) {
  auto bytes = from_base64(value);
  if (!bytes) throw Wrong{fmt::format("\"{}\" is no base64", key)};
  return std::move(*bytes);
}

const json::value& member(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  if (!value) throw Wrong{fmt::format("\"{}\" is missing", key)};
  return *value;
}

const json::object& object(const json::object& in, std::string_view key) {
  return object_of(member(in, key), fmt::format("\"{}\"", key));
}

const json::array& list(const json::object& object, std::string_view key) {
  const json::value& value = member(object, key);
  if (!value.is_array()) throw Wrong{fmt::format("\"{}\" is no list", key)};
  return value.get_array();
}

std::string text(const json::object& object, std::string_view key) {
  const json::value& value = member(object, key);
  if (!value.is_string()) throw Wrong{fmt::format("\"{}\" is no text", key)};
  return std::string(value.get_string());
}

bool flag(const json::object& object, std::string_view key) {
  const json::value& value = member(object, key);
  if (!value.is_bool()) throw Wrong{fmt::format("\"{}\" is neither true nor false", key)};
  return value.get_bool();
}

std::uint16_t port_of(const json::object& object) {
  return static_cast<std::uint16_t>(number_of(member(object, "port"), "port", 0, 65535));
}

Time time_of(const json::object& object, std::string_view key) {
  const auto time = parse_rfc3339(text(object, key));
  if (!time) throw Wrong{fmt::format("\"{}\" is no RFC 3339 time", key)};
  return *time;
}

std::vector<std::string> texts(const json::object& object, std::string_view key) {
  std::vector<std::string> result;
  for (const json::value& value : list(object, key)) result.push_back(text_of(value, key));
  return result;
}

std::optional<std::string> text_or_null(const json::object& object, std::string_view key) {
  if (member(object, key).is_null()) return std::nullopt;
  return text(object, key);
}

std::optional<Time> time_or_null(const json::object& object, std::string_view key) {
  if (member(object, key).is_null()) return std::nullopt;
  return time_of(object, key);
}

std::optional<IpAddress> address_or_null(const json::object& object, std::string_view key) {
  const auto value = text_or_null(object, key);
  if (!value) return std::nullopt;
  const auto address = IpAddress::parse(*value);
  if (!address) throw Wrong{fmt::format("\"{}\" is no IP address", key)};
  return address;
}

std::optional<Milliseconds> millis_or_null(const json::object& object, std::string_view key) {
  const json::value& value = member(object, key);
  if (value.is_null()) return std::nullopt;
  return Milliseconds(number_of(value, key, 0, INT64_MAX / 2));
}

void none_of_its_values(std::string_view key, std::string_view value) {
  throw Wrong{
      fmt::format("\"{}\" holds \"{}\", which is none of its values", key, printable(shorten(value, 60)))};
}

}  // namespace chaintier::json_members
