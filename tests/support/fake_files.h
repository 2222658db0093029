// Configurations in memory, for the tests of their readers.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "src/local/server_config.h"

namespace chaintier {

// Files in memory; a pattern with one * matches by what stands before and behind it.
struct FakeFiles final : ConfigFiles {
  std::map<std::string, std::string> files;
  std::map<std::string, std::vector<std::string>> folders;

  std::optional<Secret> read(const std::string& path) override {
    const auto found = files.find(path);
    return found == files.end() ? std::nullopt : std::optional<Secret>(bytes_of(found->second));
  }
  std::vector<std::string> matching(const std::string& pattern) override {
    std::vector<std::string> paths;
    const std::size_t star = pattern.find('*');
    for (const auto& [path, content] : files) {
      const bool same = star == std::string::npos ? path == pattern
                                                  : path.starts_with(pattern.substr(0, star)) &&
                                                        path.ends_with(pattern.substr(star + 1));
      if (same) paths.push_back(path);
    }
    if (folders.contains(pattern)) paths.push_back(pattern);
    return paths;
  }
  std::optional<std::vector<std::string>> folder(const std::string& path) override {
    const auto found = folders.find(path);
    return found == folders.end() ? std::nullopt : std::optional(found->second);
  }
};

inline std::vector<ServerSite> sites(std::string_view kind, const std::string& text, FakeFiles files = {}) {
  files.files["/etc/main"] = text;
  return read_server(kind, "/etc/main", files).sites;
}

using Names = std::vector<std::string>;

}  // namespace chaintier
