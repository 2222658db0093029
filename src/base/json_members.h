// Reading the JSON that this program wrote: every member must be there and of its type. A mistake throws one
// sentence, which the reader catches at its border and turns into its Error; nothing else throws `Wrong`.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/address.h"
#include "src/base/bytes.h"
#include "src/base/text.h"
#include "src/base/time.h"

namespace chaintier::json_members {

struct Wrong {
  std::string detail;
};

const boost::json::object& object_of(const boost::json::value& value, std::string_view what);
std::string text_of(const boost::json::value& value, std::string_view what);
std::int64_t number_of(const boost::json::value& value, std::string_view key, std::int64_t least,
                       std::int64_t most);
Bytes base64_of(std::string_view value, std::string_view key);

const boost::json::value& member(const boost::json::object& object, std::string_view key);
const boost::json::object& object(const boost::json::object& in, std::string_view key);
const boost::json::array& list(const boost::json::object& object, std::string_view key);
std::string text(const boost::json::object& object, std::string_view key);
bool flag(const boost::json::object& object, std::string_view key);
std::uint16_t port_of(const boost::json::object& object);
Time time_of(const boost::json::object& object, std::string_view key);
std::vector<std::string> texts(const boost::json::object& object, std::string_view key);

// Null is a value of these.
std::optional<std::string> text_or_null(const boost::json::object& object, std::string_view key);
std::optional<Time> time_or_null(const boost::json::object& object, std::string_view key);
std::optional<IpAddress> address_or_null(const boost::json::object& object, std::string_view key);
std::optional<Milliseconds> millis_or_null(const boost::json::object& object, std::string_view key);

[[noreturn]] void none_of_its_values(std::string_view key, std::string_view value);

// The enumerator whose id is the text; enumerators are numbered from 0 to `last`.
template <class Enum>
Enum one_of(const std::string& wanted, Enum last, std::string_view key) {
  for (int i = 0; i <= static_cast<int>(last); ++i)
    if (id(static_cast<Enum>(i)) == wanted) return static_cast<Enum>(i);
  none_of_its_values(key, wanted);
}

}  // namespace chaintier::json_members
