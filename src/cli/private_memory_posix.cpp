#include <algorithm>
#include <cstdlib>
#include <cstring>

#include <malloc.h>
#include <openssl/crypto.h>
#include <sys/resource.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "src/cli/private_memory.h"

namespace chaintier {

namespace {

void overwrite_and_free(void* memory, const char*, int) {
  if (memory) OPENSSL_cleanse(memory, malloc_usable_size(memory));
  std::free(memory);
}

void* take(std::size_t size, const char*, int) { return std::malloc(size); }

void* move(void* memory, std::size_t size, const char* file, int line) {
  if (!memory) return std::malloc(size);
  if (size == 0) {
    overwrite_and_free(memory, file, line);
    return nullptr;
  }
  void* const larger = std::malloc(size);
  if (!larger) return nullptr;
  std::memcpy(larger, memory, std::min(size, malloc_usable_size(memory)));
  overwrite_and_free(memory, file, line);
  return larger;
}

}  // namespace

void overwrite_freed_memory() { CRYPTO_set_mem_functions(take, move, overwrite_and_free); }

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
