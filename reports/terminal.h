// The report for a terminal: a verdict, its cause and the mending of each target on about one screen.
#pragma once

#include <cstddef>
#include <ostream>

#include "src/report/report.h"

namespace chaintier {

struct TerminalOptions {
  bool colour = false;     // SGR sequences; but for `links`, no other control character than line feeds
  std::size_t width = 80;  // columns; below 40 is taken for 40
  bool quiet = false;      // one line a target
  bool ascii = false;      // symbols in ASCII, for terminals without UTF-8; texts stay as they are
  bool links = false;      // a target's name leads to its site (OSC 8)
};

// Up to ten targets are shown in full. Of more, those with warnings and errors are, followed by one line for
// each.
void write_terminal(const Report& report, const TerminalOptions& options, std::ostream& out);

}  // namespace chaintier
