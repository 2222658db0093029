#include "src/cli/report_files.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>

#include <fmt/format.h>

#include "src/base/text.h"

namespace chaintier {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t longest_line = 256u << 20;
constexpr std::size_t largest_report = 2048u << 20;
constexpr std::string_view line_begin = "{\"schema\":\"chaintier.target/1\"";

Error cannot_read(const std::string& path, std::string_view why) {
  return input_error(Stage::read, fmt::format("cannot read {}: {}", printable(path), why));
}

// Lines of a stream by blocks, because std::getline has no limit.
class Lines {
 public:
  explicit Lines(std::istream& in) : in_(in) {}

  // The next line without its line feed, and whether there was one; false at the end of the file, or when the
  // line is too long.
  bool next(std::string& text, FileLine& line) {
    text.clear();
    line.number = ++number_;
    line.begin = begin_;
    line.ended = false;
    while (at_ < filled_ || fill()) {
      const auto* from = block_.data() + at_;
      const auto* feed = static_cast<const char*>(std::memchr(from, '\n', filled_ - at_));
      const std::size_t count = feed ? static_cast<std::size_t>(feed - from) : filled_ - at_;
      text.append(from, count);
      at_ += count + (feed ? 1 : 0);
      if (text.size() > longest_line) return !(too_long_ = true);
      if (feed) {
        line.ended = true;
        break;
      }
    }
    line.size = text.size();
    begin_ += text.size() + (line.ended ? 1 : 0);
    return line.ended || !text.empty();
  }
  // What is left, up to `limit` octets and some more.
  void rest(std::string& text, std::size_t limit) {
    while ((at_ < filled_ || fill()) && text.size() <= limit) {
      text.append(block_.data() + at_, filled_ - at_);
      at_ = filled_;
    }
  }
  bool too_long() const { return too_long_; }

 private:
  bool fill() {
    in_.read(block_.data(), static_cast<std::streamsize>(block_.size()));
    filled_ = static_cast<std::size_t>(in_.gcount());
    at_ = 0;
    return filled_ > 0;
  }

  std::istream& in_;
  std::string block_ = std::string(1u << 16, '\0');
  std::size_t at_ = 0, filled_ = 0, number_ = 0;
  std::uint64_t begin_ = 0;
  bool too_long_ = false;
};

bool is_blank(std::string_view text) { return trimmed(text).empty(); }

// The first line tells: each line of JSON Lines names its schema. A run that was killed at once may have left
// the beginning of one only.
bool begins_lines(const std::string& first, const FileLine& line) {
  return first.find("\"chaintier.target/1\"") != std::string::npos ||
         (!line.ended && line_begin.starts_with(first));
}

class FileReader {
 public:
  FileReader(const std::string& path, ReportReader& reader, const TakeLine& take, std::istream& in)
      : path_(path), reader_(reader), take_(take), lines_(in), in_(in) {}

  Result<ReportFile> read() {
    std::string text;
    FileLine line;
    bool more = lines_.next(text, line);
    while (more && is_blank(text)) more = lines_.next(text, line);
    if (more && !begins_lines(text, line)) return whole(std::move(text), line);
    result_.lines = true;
    for (; more; more = lines_.next(text, line)) {
      if (is_blank(text)) continue;
      if (auto done = one(text, line); !done) {
        if (line.ended) return wrong(fmt::format("line {}: {}", line.number, done.error().detail));
        result_.cut = true;
      }
    }
    if (lines_.too_long())
      return wrong(fmt::format("line {}: it is longer than {} MiB", line.number, longest_line >> 20));
    if (in_.bad()) return cannot_read(path_, std::strerror(errno));
    return result_;
  }

 private:
  Result<ReportFile> whole(std::string text, const FileLine& first) {
    if (first.ended) text += '\n';
    lines_.rest(text, largest_report);
    if (text.size() > largest_report)
      return wrong(fmt::format("it is larger than {} MiB; --jsonl has no such limit", largest_report >> 20));
    if (in_.bad()) return cannot_read(path_, std::strerror(errno));
    if (auto done = one(text, {}); !done) return wrong(done.error().detail);
    return result_;
  }

  Result<void> one(std::string_view text, const FileLine& line) {
    return reader_.read(text, [&](const ReportHead& head, TargetReport target) {
      ++result_.targets;
      take_(head, std::move(target), line);
    });
  }

  Error wrong(std::string_view detail) const {
    return input_error(Stage::parse, fmt::format("{}: {}", printable(path_), detail));
  }

  const std::string& path_;
  ReportReader& reader_;
  const TakeLine& take_;
  Lines lines_;
  std::istream& in_;
  ReportFile result_;
};

}  // namespace

Result<ReportFile> read_report_file(const std::string& path, ReportReader& reader, const TakeLine& take) {
  if (path == "-") return FileReader(path, reader, take, std::cin).read();
  const fs::path file(std::u8string(path.begin(), path.end()));
  std::error_code failed;
  if (fs::is_directory(file, failed)) return cannot_read(path, "it is a folder, not a file");
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  if (!in) return cannot_read(path, errno ? std::strerror(errno) : "unknown reason");
  return FileReader(path, reader, take, in).read();
}

std::string cut_sentence(const std::string& path) {
  return fmt::format("{}: the last line was cut off when its run ended, and is left out", printable(path));
}

}  // namespace chaintier
