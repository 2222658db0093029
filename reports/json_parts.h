// Members of the JSON reports.
#pragma once

#include <ostream>
#include <string_view>

#include "reports/certificate_table.h"
#include "reports/json_writer.h"
#include "src/report/report.h"
#include "src/report/texts.h"

namespace chaintier {

// A line of its own, for reports that are written as they come.
void write_member(std::string_view name, const JsonValue& value, std::ostream& out);

// The program that wrote it.
JsonObject tool_json(std::string_view name, std::string_view version);

JsonObject json_of(const CertificateRef& certificate, const Catalogue& catalogue);
JsonObject json_of(const TargetReport& target, const Report& report);
JsonObject facts_json(const std::map<std::string, Fact>& facts);

JsonObject json_of(const ChainJudgement& chain, const Texts& texts);
// A finding with the texts that go with it.
JsonObject json_of(const Finding& finding, const FindingText& text);

// "files", "servers" and "stores"; empty arrays where there is no local report.
JsonArray files_json(const Report& report);
JsonArray servers_json(const Report& report);
JsonArray stores_json(const Report& report);

}  // namespace chaintier
