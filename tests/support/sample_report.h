// A report made by hand, with everything in it that a writer has to cope with.
#pragma once

#include <cstddef>
#include <string>

#include "src/report/report.h"

namespace chaintier {

// What a hostile certificate would say: markup, script, quotes, controls, an escape sequence, direction
// marks.
extern const std::string hostile;
// Octets that are not UTF-8.
extern const std::string not_utf8;

// A report of five targets: the new chain without its cross certificate behind two addresses, the right
// chain, a hostile one with a certificate that does not parse, one that nothing was captured from, and a line
// that is no target.
Report sample_report(Language language);
// Its first `count` targets; more than five repeat them under other names.
Report sample_report(Language language, std::size_t count);

}  // namespace chaintier
