// Archives of people: files within the limits, or a sentence.
#include "src/files/archive.h"
#include "tests/fuzz/fuzz.h"

using namespace chaintier;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ArchiveLimits limits{1u << 16, 20, 1u << 16, 1u << 17};
  looks_like_archive({data, size});
  const auto entries = read_archive({data, size}, limits);
  if (!entries) {
    promise_printable(entries.error().detail);
    return 0;
  }
  promise(entries->size() <= limits.entries, "no more entries than allowed");
  std::size_t total = 0;
  for (const ArchiveEntry& entry : *entries) {
    promise(valid_utf8(entry.name) == entry.name, "names are UTF-8");
    promise(entry.bytes.size() <= limits.entry, "no entry is larger than allowed");
    total += entry.bytes.size();
  }
  promise(total <= limits.total, "the whole is no larger than allowed");
  return 0;
}
