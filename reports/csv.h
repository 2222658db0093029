// A table for spreadsheets: one row a finding, and one row for a target without findings.
//
// RFC 4180 with CRLF, UTF-8 behind a byte order mark (Excel takes the system's code page without one).
// Columns:
//   target, tag        as they were written
//   host, port, protocol
//   verdict            ok, note, warning, error, unjudged
//   code, severity     of the finding; empty for a target without one
//   title, why, fix, manual   in the report's language; steps of `fix` are numbered, one a line
//   where              addresses, files, clients, certificates, separated by "; "
//   client_refusals    ids of clients that refuse the main chain, separated by blanks
//   leaf, issuer       of the main chain
//   not_after, days_left, sha256   of its leaf; days are whole, negative once it has ended
//   judged_at
// New columns come after these. Times are RFC 3339 UTC. A cell that a spreadsheet could take for a formula
// starts with an apostrophe; the numbers are the program's own and have none.
#pragma once

#include <ostream>

#include "src/report/report.h"

namespace chaintier {

void write_csv(const Report& report, std::ostream& out);

}  // namespace chaintier
