// The parts of "chaintier local" beside the files: configurations, stores, the public address.
#pragma once

#include <vector>

#include "src/cli/options.h"
#include "src/findings/diagnose.h"
#include "src/local/local_report.h"
#include "src/local/private_key.h"

namespace chaintier {

// A configuration that cannot be read is a site with a reason.
void read_servers(const LocalCommand& command, Unlocker& unlocker, Diagnoser& diagnoser, LocalReport& local);

void read_stores(Diagnoser& diagnoser, Ground& ground, LocalReport& local);

// Captures each target of --against; reports of the targets, with what the comparison found.
std::vector<TargetReport> compare_with_public(const LocalCommand& command, Diagnoser& diagnoser,
                                              LocalReport& local);

}  // namespace chaintier
