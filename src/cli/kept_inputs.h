// Nothing that a command reads is lost to a report.
#pragma once

#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/cli/options.h"

namespace chaintier {

// Files and folders that judging reads.
std::vector<std::string> files_read(const JudgeOptions& options);

// Whether what is written to `file` would take the place of `input`; or, where that is a folder, of a file in
// it that holds certificates or keys, or describes a catalogue, and is no report. Neither is one of the
// standard streams ("-").
bool would_replace(const std::string& file, const std::string& input);

// No report takes the place of what is read; --jsonl empties its own before anything is done.
Result<void> check_not_overwriting(const OutputOptions& options, const std::vector<std::string>& inputs);

}  // namespace chaintier
