// The JSON report, data/schema/report.schema.json. Every other report shows a part of it.
#pragma once

#include <ostream>

#include "src/report/report.h"

namespace chaintier {

// The whole run as one object. Certificates and targets stand on lines of their own and are written one after
// the other: no second copy of the report is made.
void write_json(const Report& report, std::ostream& out);

// One target as one line of JSON Lines, with the certificates it speaks of (data/schema/target.schema.json).
void write_target_json(const Report& report, const TargetReport& target, std::ostream& out);

}  // namespace chaintier
