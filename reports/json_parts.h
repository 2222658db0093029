// Members of the JSON report as values, for json.cpp.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "reports/certificate_table.h"
#include "src/report/report.h"
#include "src/report/texts.h"

namespace chaintier {

boost::json::object json_of(const CertificateRef& certificate, const Catalogue& catalogue);
boost::json::object json_of(const TargetReport& target, const Report& report);
boost::json::object facts_json(const std::map<std::string, Fact>& facts);

boost::json::object json_of(const ChainJudgement& chain, const Texts& texts);
// A finding with the texts that go with it.
boost::json::object json_of(const Finding& finding, const FindingText& text);

// "files", "servers" and "stores"; empty arrays where there is no local report.
boost::json::array files_json(const Report& report);
boost::json::array servers_json(const Report& report);
boost::json::array stores_json(const Report& report);

// Text of a stranger; JSON is UTF-8 (RFC 8259 8.1) whatever a certificate holds.
boost::json::string json_text(std::string_view raw);

template <class Range>
boost::json::array json_texts(const Range& texts) {
  boost::json::array result;
  for (const auto& text : texts) result.emplace_back(json_text(text));
  return result;
}

}  // namespace chaintier
