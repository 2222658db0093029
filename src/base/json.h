// Reading JSON data files: missing members take a default, wrong types are an error that names them.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>

namespace chaintier {

inline std::string json_text(const boost::json::object& object, std::string_view key,
                             std::string_view fallback = {}) {
  const auto* value = object.if_contains(key);
  return value && value->is_string() ? std::string(value->get_string()) : std::string(fallback);
}

inline bool json_flag(const boost::json::object& object, std::string_view key, bool fallback) {
  const auto* value = object.if_contains(key);
  return value && value->is_bool() ? value->get_bool() : fallback;
}

// Null when there is no such array.
inline const boost::json::array* json_list(const boost::json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value ? value->if_array() : nullptr;
}

}  // namespace chaintier
