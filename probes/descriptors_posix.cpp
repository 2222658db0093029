#include <algorithm>
#include <limits>

#include <fmt/format.h>
#include <sys/resource.h>

#include "probes/descriptors.h"

namespace chaintier {

namespace {
constexpr std::size_t own_files = 40;  // standard streams, reports, name server sockets, the reactor
constexpr std::size_t fewest = 16;     // of these and connections, for one target after the other
}  // namespace

void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  // A refusal changes nothing: the soft limit stays and is obeyed below.
  (void)setrlimit(RLIMIT_NOFILE, &limit);
}

Result<void> check_descriptors() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= fewest) return {};
  return input_error(Stage::usage,
                     fmt::format("this process may open {} files, and a scan needs {} at least: raise the "
                                 "limit on file descriptors, for example with ulimit -n 1024",
                                 limit.rlim_cur, fewest));
}

std::size_t descriptor_budget() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return std::numeric_limits<std::size_t>::max();
  if (limit.rlim_cur > 2 * own_files) return limit.rlim_cur - own_files;
  return std::max<std::size_t>(limit.rlim_cur / 4, 1);
}

}  // namespace chaintier
