// The program's memory in large pages, where the system has them to give (transparent huge pages). A page
// that is touched for the first time is a fault, and on a virtual machine a fault may cost as much as reading
// a certificate.
#include <mimalloc.h>

namespace {

// Before the libraries begin, since mimalloc takes its first memory then.
void ask_for_large_pages(int, char**, char**) { mi_option_enable(mi_option_large_os_pages); }

[[gnu::used, gnu::section(".preinit_array")]] void (*const before_libraries)(int, char**,
                                                                             char**) = ask_for_large_pages;

}  // namespace
