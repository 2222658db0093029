// Report files of earlier runs, target by target: what --json or --jsonl wrote, told apart by their content.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "reports/json_reader.h"
#include "src/base/result.h"

namespace chaintier {

struct FileLine {
  std::size_t number = 0;             // 1 for the first
  std::uint64_t begin = 0, size = 0;  // octets in the file, without the line feed
  bool ended = false;                 // by a line feed
};

struct ReportFile {
  bool lines = false;  // JSON Lines; else one report
  std::size_t targets = 0;
  bool cut = false;  // its last line was cut off, and left out
};

using TakeLine = std::function<void(const ReportHead& head, TargetReport target, const FileLine& line)>;

// Calls `take` for each target of the file ("-" is standard input), `line` telling where it stood in a file
// of lines. The last line may have been cut off when a run was killed. Lines may have 256 MiB, a whole report
// 2 GiB. The error is one sentence that names the file, and the line where there is one.
Result<ReportFile> read_report_file(const std::string& path, ReportReader& reader, const TakeLine& take);

// A sentence for a file whose last line was cut off.
std::string cut_sentence(const std::string& path);

}  // namespace chaintier
