// A support bundle: everything that somebody else needs to look at a run, in one ZIP.
//
//   manifest.json            what was asked and when, versions of the program and of what it judged with,
//   SHA-256 of
//                            each other file
//   report.zh-TW.html, report.en.html, report.json (in the language of the run)
//   targets/NNNNN-HOST/chain-N.pem   each chain as it was sent, leaf first; a certificate that is left out,
//   since
//                            --redact found an internal name in it, stands there as a comment with its
//                            fingerprint
//   README.txt               the same in words
//
// There is no private key in it: the program never holds the key of a server it looks at. The same report
// makes the same octets: entries are sorted, and dated by the report.
#pragma once

#include <ostream>

#include "reports/formats.h"

namespace chaintier {

Result<void> write_bundle(const Report& report, const WriteOptions& options, std::ostream& out);

}  // namespace chaintier
