// What is installed here against what the public address serves (manual 6.2.4, 6.2.5).
#pragma once

#include <optional>
#include <vector>

#include "src/local/local_report.h"

namespace chaintier {

struct Against {
  Comparison comparison;
  std::vector<Finding> findings;  // for the target's report
};

// The certificate here that is meant for the target: of those that name its host the newest one, servers'
// configurations before mere files. Null when there is none.
CertificatePtr installed_for(const Target& target, const LocalReport& local);

// `seen` is the public side; `here` what this machine's own loopback address serves on that port for that
// name, where it was asked.
Against compare(const Observation& seen, const CertificatePtr& installed,
                const std::optional<Observation>& here, const std::vector<IpAddress>& own_addresses);

// Is it one of this machine's? Loopback always is.
bool is_own(const IpAddress& address, const std::vector<IpAddress>& own_addresses);

}  // namespace chaintier
