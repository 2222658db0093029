// Any octets as a file of the local side: kinds told, keys and containers opened, everything matched and
// shown.
#include <sstream>

#include "reports/html.h"
#include "reports/json.h"
#include "reports/terminal.h"
#include "src/local/judge_files.h"
#include "src/local/read_local.h"
#include "tests/fuzz/fuzz.h"

using namespace chaintier;

namespace {

std::vector<Secret> passwords() {
  std::vector<Secret> list;
  list.emplace_back(bytes_of("changeit"));
  return list;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Unlocker unlocker(passwords());
  static const auto catalogue = std::make_shared<const Catalogue>(Catalogue::twca());
  auto local = std::make_shared<LocalReport>();
  local->files.push_back(read_local("server.cer", {data, size}, unlocker));
  Knowledge knowledge;
  knowledge.catalogue = catalogue;
  Ground ground(std::move(knowledge));
  judge_files(local->files, ground);
  Report report;
  report.catalogue = catalogue;
  report.local = local;
  std::ostringstream out;
  write_json(report, out);
  write_html(report, out);
  write_terminal(report, {}, out);
  return 0;
}
