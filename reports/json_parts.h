// Members of the JSON report as values, for json.cpp.
#pragma once

#include <boost/json/object.hpp>

#include "reports/certificate_table.h"
#include "src/report/report.h"

namespace chaintier {

boost::json::object json_of(const CertificateRef& certificate, const Catalogue& catalogue);
boost::json::object json_of(const TargetReport& target, const Report& report);
boost::json::object facts_json(const std::map<std::string, Fact>& facts);

// Text of a stranger; JSON is UTF-8 (RFC 8259 8.1) whatever a certificate holds.
boost::json::string json_text(std::string_view raw);

template <class Range>
boost::json::array json_texts(const Range& texts) {
  boost::json::array result;
  for (const auto& text : texts) result.emplace_back(json_text(text));
  return result;
}

}  // namespace chaintier
