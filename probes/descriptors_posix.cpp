#include <algorithm>
#include <limits>

#include <sys/resource.h>

#include "probes/descriptors.h"

namespace chaintier {

namespace {
constexpr std::size_t own_files = 40;  // standard streams, reports, name server sockets, the reactor
}

void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  // A refusal changes nothing: the soft limit stays and is obeyed below.
  (void)setrlimit(RLIMIT_NOFILE, &limit);
}

std::size_t descriptor_budget() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return std::numeric_limits<std::size_t>::max();
  if (limit.rlim_cur > 2 * own_files) return limit.rlim_cur - own_files;
  return std::max<std::size_t>(limit.rlim_cur / 4, 1);
}

}  // namespace chaintier
