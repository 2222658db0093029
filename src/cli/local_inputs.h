// From the paths of "chaintier local" to what the files hold.
#pragma once

#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/local/local_report.h"
#include "src/local/private_key.h"

namespace chaintier {

struct LocalInputs {
  std::vector<LocalFile> files;  // without those that have nothing to do with TLS, unless named
  std::size_t looked_at = 0;
  std::optional<Reason> limit;
};

// Asks for a password when a terminal is there and something stayed closed.
LocalInputs read_inputs(const std::vector<std::string>& paths, Unlocker& unlocker, const std::string& prompt);

}  // namespace chaintier
