// Targets files and targets.
#include "src/observe/target.h"
#include "tests/fuzz/fuzz.h"

using namespace chaintier;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = text_of({data, size});
  if (const auto one = parse_target(text); !one) promise_printable(one.error().detail);

  const TargetList list = parse_targets_file(text);
  for (const Target& target : list.good) {
    promise(!target.host.empty() && target.host.size() <= 253, "a target has a host");
    promise(target.port != 0, "a target has a port");
    const auto again = parse_target(target.text);
    promise(again.has_value(), "a target's own text is a target");
    promise(again->host == target.host && again->port == target.port && again->protocol == target.protocol,
            "the same text is the same target");
  }
  for (const BadTarget& bad : list.bad) {
    promise(bad.line > 0, "a bad line has a number");
    promise_printable(bad.error.detail);
  }
  return 0;
}
