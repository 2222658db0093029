// Files, server configurations and stores as targets, for the formats that know nothing else: rows, test
// cases, results, metrics, the plugin line.
#pragma once

#include "src/report/report.h"

namespace chaintier {

struct ServerSite;

// The report with one more target for each file, site and store that `local` read, in that order, behind its
// own; as it is without any. Their tags are "file", "server" and "store"; what kept one from being judged is
// the error of its sample.
Report with_local_targets(const Report& report);

// The site that a target of such a report stands for; null for every other one.
const ServerSite* site_of(const Report& report, std::size_t target);

}  // namespace chaintier
