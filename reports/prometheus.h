// Metrics in the Prometheus text exposition format 0.0.4, for node_exporter's textfile collector: gauges
// without timestamps, names beginning with chaintier_. Times are seconds since 1970.
//
// A line of the targets file that is no target has no label to stand under: it counts in
// chaintier_bad_targets. Of a target that stands in the report twice (several saved scans judged at once) the
// last one is taken: no two series may be alike.
#pragma once

#include <ostream>

#include "src/report/report.h"

namespace chaintier {

void write_prometheus(const Report& report, std::ostream& out);

}  // namespace chaintier
