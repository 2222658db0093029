// What the writers with a tree of Boost.JSON share.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/string.hpp>

#include "src/base/text.h"

namespace chaintier {

// Text of a stranger; JSON is UTF-8 (RFC 8259 8.1) whatever a certificate holds.
inline boost::json::string json_text(std::string_view raw) { return boost::json::string(valid_utf8(raw)); }

template <class Range>
boost::json::array json_texts(const Range& texts) {
  boost::json::array result;
  for (const auto& text : texts) result.emplace_back(json_text(text));
  return result;
}

}  // namespace chaintier
