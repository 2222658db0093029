// Reports of earlier runs, which merge, diff and --resume read. What is accepted can be shown by every
// writer, and is the same after being written and read once more.
#include <sstream>

#include "reports/html.h"
#include "reports/json.h"
#include "reports/json_reader.h"
#include "reports/terminal.h"
#include "src/report/diff.h"
#include "src/report/join.h"
#include "tests/fuzz/fuzz.h"

using namespace chaintier;

namespace {

const std::shared_ptr<const Catalogue>& catalogue() {
  static const auto known = std::make_shared<const Catalogue>(Catalogue::twca());
  return known;
}

std::string line_of(const Report& head, const TargetReport& target) {
  std::ostringstream out;
  write_target_json(head, target, out);
  return out.str();
}

void show(const Report& report) {
  std::ostringstream out;
  write_html(report, out);
  write_terminal(report, TerminalOptions{}, out);
  write_json(report, out);
  promise(!out.str().empty(), "a report says something");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ReportReader reader(catalogue());
  Joiner joiner;
  Differ differ;
  std::size_t targets = 0;
  const auto read = reader.read(text_of({data, size}), [&](const ReportHead& head, TargetReport target) {
    ++targets;
    const std::string line = line_of(*head, target);
    std::string again;
    ReportReader other(catalogue());
    const auto same = other.read(line, [&](const ReportHead& its_head, TargetReport its_target) {
      again = line_of(*its_head, its_target);
    });
    promise(same.has_value(), "what was written can be read");
    promise(again == line, "and is the same");
    differ.add_after(*head, target);
    joiner.add(head, std::move(target), "input");
  });
  if (!read) promise_printable(read.error().detail);
  if (targets == 0) return 0;
  const Diff diff = differ.compare();
  promise(diff.unchanged == 0 && diff.added.size() == diff.after.targets, "everything is new to nothing");
  show(joiner.finish(reader.catalogue()).report);
  return 0;
}
