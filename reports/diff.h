// A comparison of two runs, for people and for programs (data/schema/diff.schema.json).
#pragma once

#include <ostream>
#include <string>

#include "reports/terminal.h"
#include "src/report/diff.h"

namespace chaintier {

struct DiffText {
  Language language = Language::zh_tw;
  std::string tool_name, tool_version;
  std::string before_file, after_file;
};

void write_diff_json(const Diff& diff, const DiffText& text, std::ostream& out);

// Quiet: one line a change, without titles and without the summary.
void write_diff_terminal(const Diff& diff, const DiffText& text, const TerminalOptions& options,
                         std::ostream& out);

}  // namespace chaintier
