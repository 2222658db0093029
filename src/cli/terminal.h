// What the terminal is and can, and the user's interrupt. The platform part is in terminal_posix.cpp.
#pragma once

#include <cstddef>
#include <string>

#include "probes/stop_flag.h"

namespace chaintier {

bool standard_output_is_terminal();
bool standard_error_is_terminal();
// Columns of standard output's terminal; nothing known is 0.
std::size_t terminal_columns();

// By TERM: one that takes no escape sequences.
bool terminal_is_dumb();
// Whether check marks can be expected to show: the locale is UTF-8, and the font is not that of the kernel.
bool terminal_has_symbols();

// Whether standard output is a terminal that is known to take links (OSC 8), by what it says in the
// environment.
bool terminal_takes_links();

// Ctrl-C asks `stop` once; a second one ends the program at once.
// `stop` must live as long as the program.
void stop_on_interrupt(StopFlag& stop);

// From then on a closed pipe shows as a failed write, instead of ending the program.
void survive_closed_pipes();

// Text for standard error, in UTF-8.
void say(const std::string& sentence);

}  // namespace chaintier
