// The description of a catalogue that the user brings.
#include "src/catalogue/catalogue.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/chain_builder.h"

using namespace chaintier;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::string pem = to_pem(root(TestCa{"Fuzzed Root"})->der);
  const auto catalogue =
      Catalogue::from_files({{"root.pem", pem}, {"catalogue.json", std::string(text_of({data, size}))}});
  if (!catalogue) {
    promise_printable(catalogue.error().detail);
    return 0;
  }
  const KnownCa* known = catalogue->find("root");
  promise(known != nullptr && catalogue->all().size() == 1, "a description adds and removes nothing");
  promise(!id(known->role).empty() && !id(known->hierarchy).empty(), "an entry has a role");
  return 0;
}
