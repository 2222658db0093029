// SARIF 2.1.0 (OASIS), one run. Rules are the finding codes that occur, with the explain pages as their help.
//
// - A finding is a result of kind "fail"; error, warning and note are its level.
// - A finding of a target that could not be judged is of kind "open" with level "none": it is not known
// whether
//   anything is wrong (3.27.9, 3.27.10). A line that is no target is a notification of the invocation.
// - A target is an artifact: "https://host:port/", "smtp://host:25/", or the file's name.
// - partialFingerprints "chaintierFinding/v1" stays the same from run to run as long as the target has that
//   finding, whatever the certificate, the date, the language and the order of targets are.
#pragma once

#include <ostream>

#include "src/report/report.h"

namespace chaintier {

void write_sarif(const Report& report, std::ostream& out);

}  // namespace chaintier
