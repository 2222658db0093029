// What belongs to what among the files at hand, by public key, and what is the matter with them.
#pragma once

#include <string>
#include <vector>

#include "src/findings/ground.h"
#include "src/local/local_report.h"

namespace chaintier {

// Fills `matches`, `key_state`, `chain` of the items and the findings of the files. Keys that could not be
// opened lead to no finding: what hangs on them is "unknown".
// `all_read`: false when a limit ended the walk; then no key is said to be missing.
void judge_files(std::vector<LocalFile>& files, Ground& ground, bool all_read = true);

// The rules of manual 5.1 and 5.2 that a request breaks, as ids of the words "csr_rule.<id>".
std::vector<std::string> broken_rules(const CsrFacts& request);

// Findings about one PKCS#12 file.
std::vector<Finding> pfx_findings(const LocalFile& file, Ground& ground);

// For rules: a finding about a file, its path being the fact "file" too.
Finding about_file(Code code, Severity severity, const std::string& path);

// Certificates that a server should send with this leaf and `have` does not hold, by name; for a leaf of
// another CA the issuer of the last one that is there, unless that is a CA certificate itself: its issuer may
// well be a root.
std::vector<std::string> missing_issuers(const std::vector<SentPtr>& have, Ground& ground);

}  // namespace chaintier
