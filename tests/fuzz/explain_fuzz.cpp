// Topics that people may ask for.
#include "src/report/explain.h"
#include "tests/fuzz/fuzz.h"

using namespace chaintier;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (const Language language : {Language::en, Language::zh_tw}) {
    const auto page = explain(text_of({data, size}), language);
    if (page)
      promise(!page->empty(), "a page says something");
    else
      promise_printable(page.error().detail);
  }
  return 0;
}
