#include <sys/resource.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "src/cli/private_memory.h"

namespace chaintier {

void keep_memory_private() {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  // LeakSanitizer has to look at its own process.
#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__)
  // The limit does not hold for a core_pattern that pipes into a program (core(5)); this does.
  prctl(PR_SET_DUMPABLE, 0);
#endif
}

}  // namespace chaintier
