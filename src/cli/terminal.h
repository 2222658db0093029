// What the terminal is and can, and the user's interrupt. The platform part is in terminal_posix.cpp.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "probes/stop_flag.h"
#include "src/base/bytes.h"
#include "src/base/result.h"

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

// Where standard input, output or error is closed, opens it onto something that can neither be read nor
// written, so that no file of ours takes its place. To be called first thing in the program, as the next.
void hold_standard_streams();

// Interrupts are SIGINT (Ctrl-C), SIGTERM, and SIGHUP unless it is ignored. One that comes before it is known
// what it should do is held. To be called first thing in the program.
void hold_interrupts();
// The first one, also one that was held, asks `stop`; a later one ends the program at once. What comes within
// half a second after the first is taken for the same wish: held keys, and programs that pass on what the
// terminal has sent already. `stop` must live as long as the program.
void stop_on_interrupt(StopFlag& stop);
// From here on `stop` is looked at all the time. Until then, an interrupt that has not been heeded for ten
// seconds (a named pipe that nobody writes to) ends the program with 130 and one sentence.
void interrupts_are_heeded();
// Each one ends the program at once; one that was held does so now.
void end_on_interrupt();

// All of standard input, up to `limit` octets. Nothing when `stop` is asked meanwhile and nothing more comes
// for a second.
Result<std::optional<Bytes>> read_standard_input(std::size_t limit, const StopFlag& stop);

// From then on a closed pipe, and a file that has grown to the limit set for files, shows as a failed write
// instead of ending the program.
void survive_failed_writes();

// Text for standard error, in UTF-8.
void say(const std::string& sentence);

}  // namespace chaintier
