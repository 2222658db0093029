// The program's memory in large pages, where the system has them to give: those that an administrator
// reserved, else transparent huge pages. A page that is touched for the first time is a fault, and on a
// virtual machine a fault may cost as much as reading a certificate. MIMALLOC_LARGE_OS_PAGES=0 does without.
#include <mimalloc.h>

namespace {

// Before the libraries begin, since mimalloc takes its first memory then.
void prefer_large_pages(int, char**, char**) {
  mi_option_set_enabled_default(mi_option_large_os_pages, true);
}

[[gnu::used, gnu::section(".preinit_array")]] void (*const before_libraries)(int, char**,
                                                                             char**) = prefer_large_pages;

}  // namespace
