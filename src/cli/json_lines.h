// --jsonl: one line a target, written and flushed as soon as the target is done, so that whatever ends the
// run leaves complete lines, with at most one cut one behind them.
#pragma once

#include <cstdint>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "reports/json.h"
#include "src/base/result.h"
#include "src/report/redact.h"
#include "src/report/report.h"

namespace chaintier {

class JsonLines {
 public:
  // With a redactor each line is redacted; a name that a later target first shows to be internal stays in the
  // lines before. Opens the files ("-" is standard output) and empties them, except `appended`, which is gone
  // on with.
  static Result<JsonLines> open(const std::vector<std::string>& files,
                                const std::optional<std::string>& appended = std::nullopt,
                                std::shared_ptr<Redactor> redactor = nullptr);

  // `head` is a report without regard to its targets. It stays where and as it is until the last call. After
  // the first failure nothing more is written anywhere; what a full disk has taken of a line is cut off
  // again.
  void add(const Report& head, const TargetReport& target);
  // The same for a line that TargetLines has written elsewhere. Not for a run that is redacted.
  void add_line(const std::string& line);
  // The same for a target that the file that is gone on with has already.
  void add_known(const Report& head, const TargetReport& target);

  // Whether lines may be written elsewhere.
  bool takes_lines() const { return !files_.empty() && !redactor_; }

  const std::optional<Error>& failure() const { return failure_; }

 private:
  struct File {
    std::string path;
    std::optional<std::ofstream> stream;  // nothing for standard output
    bool has_known = false;
    std::optional<std::uint64_t> complete;  // octets up to the last line; nothing for a pipe or a device
  };
  void write(File& file, const std::string& line);

  std::string line_of(const Report& head, const TargetReport& target);

  std::vector<File> files_;
  std::shared_ptr<Redactor> redactor_;  // null without --redact
  const Report* head_ = nullptr;        // that `lines_` is for
  std::unique_ptr<TargetLines> lines_;  // null with a redactor
  std::optional<Error> failure_;
};

}  // namespace chaintier
