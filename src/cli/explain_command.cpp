#include "src/cli/commands.h"
#include "src/cli/files.h"
#include "src/report/explain.h"

namespace chaintier {

ExitCode run_explain(const ExplainCommand& command) {
  std::string text;
  if (command.topic.empty()) {
    for (const std::string& topic : explain_topics()) text += topic + "\n";
  } else {
    const auto page = explain(command.topic, command.language);
    if (!page) return fail(page.error());
    text = *page;
  }
  const auto written = write_file("-", [&](std::ostream& out) { out << text; });
  return written ? ExitCode::ok : fail(written.error());
}

}  // namespace chaintier
