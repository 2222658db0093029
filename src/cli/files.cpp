#include "src/cli/files.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include <fmt/format.h>

#include "src/base/text.h"

namespace chaintier {

namespace {

namespace fs = std::filesystem;

fs::path as_path(const std::string& utf8) { return fs::path(std::u8string(utf8.begin(), utf8.end())); }

std::string last_error() {
  const int code = errno;
  return code ? std::strerror(code) : "unknown reason";
}

Error cannot_read(const std::string& path, std::string_view why) {
  return input_error(Stage::read, fmt::format("cannot read {}: {}", printable(path), why));
}
Error cannot_write(const std::string& path, std::string_view why) {
  return {Stage::write, Fault::input, fmt::format("cannot write {}: {}", printable(path), why)};
}

Bytes drain(std::istream& in, std::size_t limit) {
  Bytes content;
  char block[65536];
  while (content.size() <= limit && (in.read(block, sizeof block), in.gcount() > 0))
    content.insert(content.end(), block, block + in.gcount());
  return content;
}

// Where a path leads, whether anything is there or not.
fs::path end_of_links(fs::path path) {
  constexpr int most = 40;  // as Linux has it
  std::error_code failed;
  for (int followed = 0; followed < most && fs::is_symlink(path, failed); ++followed) {
    const fs::path next = fs::read_symlink(path, failed);
    if (failed) break;
    path = path.parent_path() / next;
  }
  path = fs::absolute(path, failed);
  const fs::path folder = fs::weakly_canonical(path.parent_path(), failed);
  return (failed ? path : folder / path.filename()).lexically_normal();
}

// Where a file is written: `place`, and then, unless that is no regular file, it becomes `target`.
struct Destination {
  explicit Destination(const std::string& path) : target(as_path(path)) {
    std::error_code failed;
    if (fs::is_symlink(target, failed) && fs::exists(target, failed)) target = fs::canonical(target, failed);
    special = fs::exists(target, failed) && !fs::is_regular_file(target, failed);
    place = special ? target : fs::path(target) += ".part";
  }

  fs::path target, place;
  bool special = false;
};

}  // namespace

Result<Bytes> read_file(const std::string& path, std::size_t limit) {
  if (path.empty()) return cannot_read("\"\"", "the file name is empty");
  Bytes content;
  if (path == "-") {
    content = drain(std::cin, limit);
  } else {
    std::error_code failed;
    if (fs::is_directory(as_path(path), failed)) return cannot_read(path, "it is a folder, not a file");
    errno = 0;
    std::ifstream in(as_path(path), std::ios::binary);
    if (!in) return cannot_read(path, last_error());
    content = drain(in, limit);
    if (in.bad()) return cannot_read(path, last_error());
  }
  if (content.size() > limit) return cannot_read(path, fmt::format("it is larger than {} MiB", limit >> 20));
  return content;
}

Result<void> check_writable(const std::string& path) {
  if (path == "-") return {};
  if (path.empty()) return cannot_write("\"\"", "the file name is empty");
  std::error_code failed;
  const fs::path file = as_path(path);
  if (fs::is_directory(file, failed)) return cannot_write(path, "it is a folder; give a file name");
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  if (!fs::is_directory(folder, failed)) return cannot_write(path, "its folder does not exist");
  const Destination destination(path);
  if (destination.special) return {};
  const bool was_there = fs::exists(destination.place, failed);
  errno = 0;
  if (!std::ofstream(destination.place, std::ios::binary | std::ios::app))
    return cannot_write(path, last_error());
  if (!was_there) fs::remove(destination.place, failed);
  return {};
}

Result<void> write_file(const std::string& path, const std::function<void(std::ostream&)>& write) {
  errno = 0;
  if (path == "-") {
    write(std::cout);
    std::cout.flush();
    if (!std::cout) return cannot_write("to standard output", last_error());
    return {};
  }
  std::error_code failed;
  const auto [target, place, special] = Destination(path);
  errno = 0;
  {
    std::ofstream out(place, std::ios::binary | std::ios::trunc);
    if (!out) return cannot_write(path, last_error());
    write(out);
    out.close();
    if (!out) {
      Error error = cannot_write(path, last_error());
      if (!special) fs::remove(place, failed);
      return error;
    }
  }
  if (special) return {};
  fs::rename(place, target, failed);
  if (!failed) return {};
  Error error = cannot_write(path, failed.message());
  fs::remove(place, failed);
  return error;
}

bool same_file(const std::string& one, const std::string& other) {
  std::error_code failed;
  if (one == other || fs::equivalent(as_path(one), as_path(other), failed)) return true;
  // Neither need be there yet.
  return end_of_links(as_path(one)) == end_of_links(as_path(other));
}

bool is_below(const std::string& file, const std::string& folder) {
  std::error_code failed;
  if (!fs::is_directory(as_path(folder), failed)) return false;
  const fs::path top = fs::canonical(as_path(folder), failed), below = end_of_links(as_path(file));
  return !failed && std::mismatch(top.begin(), top.end(), below.begin(), below.end()).first == top.end();
}

}  // namespace chaintier
