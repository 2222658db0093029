#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>

#include <fcntl.h>
#include <fmt/format.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probes/local_files.h"
#include "src/base/text.h"

namespace chaintier {

namespace {

namespace fs = std::filesystem;

using FileId = std::pair<dev_t, ino_t>;

Error cannot_read(const std::string& path, std::string_view why) {
  return input_error(Stage::read, fmt::format("cannot read {}: {}", printable(path), why));
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

class Walk {
 public:
  Walk(const WalkLimits& limits, const std::function<void(FoundFile)>& found)
      : limits_(limits), found_(found) {}

  WalkEnd end() const { return end_; }

  void visit(const std::string& path, bool named, std::size_t depth) {
    if (end_ == WalkEnd::files || end_ == WalkEnd::total) return;
    struct stat facts {};
    if (stat(path.c_str(), &facts) != 0) {
      if (named) found_({path, true, false, cannot_read(path, std::strerror(errno))});
      return;
    }
    if (!seen_.insert({facts.st_dev, facts.st_ino}).second) return;
    if (S_ISDIR(facts.st_mode)) {
      folder(path, named, depth);
      return;
    }
    if (!S_ISREG(facts.st_mode)) {
      if (named) found_({path, true, false, cannot_read(path, "it is neither a file nor a folder")});
      return;
    }
    file(path, named, facts);
  }

 private:
  void folder(const std::string& path, bool named, std::size_t depth) {
    if (depth > limits_.depth) {
      if (end_ == WalkEnd::complete) end_ = WalkEnd::depth;
      return;
    }
    std::error_code failed;
    std::vector<std::string> names;
    for (fs::directory_iterator at(path, failed), last; !failed && at != last; at.increment(failed)) {
      names.push_back(at->path().string());
      // A folder of millions of files ends the walk; it must not end the memory.
      if (names.size() > 4 * limits_.files) break;
    }
    if (failed && names.empty()) {
      if (named || failed == std::errc::permission_denied)
        found_({path, named, false, cannot_read(path, failed.message())});
      return;
    }
    std::ranges::sort(names);
    for (const std::string& name : names) visit(name, false, depth + 1);
  }

  void file(const std::string& path, bool named, const struct stat& facts) {
    if (++files_ > limits_.files) {
      end_ = WalkEnd::files;
      return;
    }
    const auto size = static_cast<std::size_t>(std::max<off_t>(0, facts.st_size));
    // In a folder there is much else: what is too large for keys and certificates is not even opened.
    if (!named && size > limits_.file) return;
    if (total_ + std::min(size, limits_.file) > limits_.total) {
      end_ = WalkEnd::total;
      return;
    }
    total_ += std::min(size, limits_.file);
    auto content = read_secret_file(path, limits_.file);
    // What went away since the folder was listed is nothing to tell.
    if (!content && !named && !is_forbidden(path)) return;
    found_({path, named, (facts.st_mode & S_IROTH) != 0, std::move(content)});
  }

  static bool is_forbidden(const std::string& path) {
    return faccessat(AT_FDCWD, path.c_str(), R_OK, AT_EACCESS) != 0 && errno == EACCES;
  }

  const WalkLimits& limits_;
  const std::function<void(FoundFile)>& found_;
  std::set<FileId> seen_;
  std::size_t files_ = 0, total_ = 0;
  WalkEnd end_ = WalkEnd::complete;
};

}  // namespace

WalkEnd walk_files(const std::vector<std::string>& paths, const WalkLimits& limits,
                   const std::function<void(FoundFile)>& found) {
  Walk walk(limits, found);
  for (const std::string& path : paths) walk.visit(path, true, 0);
  return walk.end();
}

Result<Secret> read_secret_file(const std::string& path, std::size_t limit) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat facts {};
  if (file.number() < 0 || fstat(file.number(), &facts) != 0) return cannot_read(path, std::strerror(errno));
  if (S_ISDIR(facts.st_mode)) return cannot_read(path, "it is a folder, not a file");
  if (!S_ISREG(facts.st_mode)) return cannot_read(path, "it is no regular file");
  const auto size = static_cast<std::size_t>(std::max<off_t>(0, facts.st_size));
  if (size > limit) return cannot_read(path, fmt::format("it is larger than {} MiB", limit >> 20));
  // Straight into its place: a stream would leave a copy in its buffer.
  Secret content(size);
  std::size_t used = 0;
  while (used < size) {
    const ssize_t got = read(file.number(), content.data() + used, size - used);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return cannot_read(path, std::strerror(errno));
    if (got == 0) break;
    used += static_cast<std::size_t>(got);
  }
  content.shrink(used);
  return content;
}

bool is_open_to_all(const std::string& path) {
  struct stat facts {};
  return stat(path.c_str(), &facts) == 0 && (facts.st_mode & S_IROTH) != 0;
}

std::vector<IpAddress> addresses_of_this_machine() {
  std::vector<IpAddress> result;
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return result;
  for (const ifaddrs* one = list; one; one = one->ifa_next) {
    if (!one->ifa_addr) continue;
    ByteView octets;
    if (one->ifa_addr->sa_family == AF_INET)
      octets = {reinterpret_cast<const std::uint8_t*>(
                    &reinterpret_cast<const sockaddr_in*>(one->ifa_addr)->sin_addr),
                4};
    else if (one->ifa_addr->sa_family == AF_INET6)
      octets = {reinterpret_cast<const std::uint8_t*>(
                    &reinterpret_cast<const sockaddr_in6*>(one->ifa_addr)->sin6_addr),
                16};
    if (const auto address = IpAddress::from_octets(octets)) result.push_back(*address);
  }
  freeifaddrs(list);
  return result;
}

}  // namespace chaintier
