#include "src/cli/json_lines.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>

#include <fmt/format.h>

#include "src/base/text.h"

namespace chaintier {

namespace {

namespace fs = std::filesystem;

fs::path as_path(const std::string& utf8) { return fs::path(std::u8string(utf8.begin(), utf8.end())); }

Error cannot_write(const std::string& path) {
  const int code = errno;
  return {Stage::write, Fault::input,
          fmt::format("cannot write {}: {}", path == "-" ? "to standard output" : printable(path),
                      code ? std::strerror(code) : "unknown reason")};
}

}  // namespace

Result<JsonLines> JsonLines::open(const std::vector<std::string>& files,
                                  const std::optional<std::string>& appended,
                                  std::shared_ptr<Redactor> redactor) {
  JsonLines lines;
  lines.redactor_ = std::move(redactor);
  for (const std::string& path : files) {
    File& file = lines.files_.emplace_back();
    file.path = path;
    if (path == "-") continue;
    file.has_known = path == appended;
    errno = 0;
    file.stream.emplace(as_path(path), std::ios::binary | (file.has_known ? std::ios::app : std::ios::trunc));
    if (!*file.stream) return cannot_write(path);
    std::error_code failed;
    if (fs::is_regular_file(as_path(path), failed)) {
      const auto size = fs::file_size(as_path(path), failed);
      if (!failed) file.complete = size;
    }
  }
  return lines;
}

std::string JsonLines::line_of(const Report& head, const TargetReport& target) {
  // What is internal may be learned from any target: nothing of an earlier line is used again.
  if (redactor_) {
    // The target first: the head may hold names that are known to be internal only from it.
    const TargetReport shown = redactor_->redacted(target);
    const Report shown_head = redactor_->without_targets(head);
    return TargetLines(shown_head).line(shown);
  }
  if (head_ != &head) lines_ = std::make_unique<TargetLines>(head);
  head_ = &head;
  return lines_->line(target);
}

void JsonLines::add(const Report& head, const TargetReport& target) {
  if (files_.empty() || failure_) return;
  add_line(line_of(head, target));
}

void JsonLines::add_line(const std::string& line) {
  for (File& file : files_)
    if (!failure_) write(file, line);
}

void JsonLines::add_known(const Report& head, const TargetReport& target) {
  std::string line;
  for (File& file : files_) {
    if (file.has_known || failure_) continue;
    if (line.empty()) line = line_of(head, target);
    write(file, line);
  }
}

void JsonLines::write(File& file, const std::string& line) {
  std::ostream& out = file.stream ? *file.stream : std::cout;
  errno = 0;
  out.write(line.data(), static_cast<std::streamsize>(line.size()));
  out.flush();
  if (out) {
    if (file.complete) *file.complete += line.size();
    return;
  }
  failure_ = cannot_write(file.path);
  if (!file.stream || !file.complete) return;
  file.stream->close();
  std::error_code failed;  // then the cut line stays, and readers drop it
  fs::resize_file(as_path(file.path), *file.complete, failed);
}

}  // namespace chaintier
