#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include <glob.h>

#include "probes/local_files.h"
#include "src/cli/config_files.h"
#include "src/cli/machine_store.h"
#include "src/local/read_local.h"

namespace chaintier {

namespace {

constexpr std::size_t largest_config = 8u << 20, largest_store = 32u << 20, most_matches = 10'000;

// Java's own password for its list of roots, which is no secret.
constexpr std::string_view cacerts_password = "changeit";

std::vector<std::string> java_stores() {
  std::vector<std::string> candidates;
  MachineConfigFiles files;
  // Where jssecacerts stands, Java takes it instead of cacerts.
  const auto add = [&](const std::string& home) {
    for (const char* place : {"/lib/security", "/jre/lib/security"}) {
      const std::string folder = home + place;
      auto found = files.matching(folder + "/jssecacerts");
      if (found.empty()) found = files.matching(folder + "/cacerts");
      for (std::string& path : found) candidates.push_back(std::move(path));
    }
  };
  if (const char* home = std::getenv("JAVA_HOME"); home && *home) add(home);
  // Debian's and Red Hat's own lists.
  candidates.insert(candidates.end(), {"/etc/ssl/certs/java/cacerts", "/etc/pki/java/cacerts",
                                       "/etc/pki/ca-trust/extracted/java/cacerts"});
  for (const char* pattern : {"/usr/lib/jvm/*", "/usr/java/*", "/opt/java/*", "/opt/jdk*"})
    for (const std::string& home : files.matching(pattern)) add(home);
  // Most of them are links to one file.
  std::vector<std::string> stores;
  std::set<std::filesystem::path> seen;
  for (const std::string& path : candidates) {
    std::error_code failed;
    const auto real = std::filesystem::canonical(path, failed);
    if (!failed && seen.insert(real).second) stores.push_back(path);
  }
  return stores;
}

}  // namespace

std::optional<Secret> MachineConfigFiles::read(const std::string& path) {
  auto content = read_secret_file(path, largest_config);
  if (!content) return std::nullopt;
  return std::move(*content);
}

std::vector<std::string> MachineConfigFiles::matching(const std::string& pattern) {
  std::vector<std::string> paths;
  glob_t found{};
  if (glob(pattern.c_str(), 0, nullptr, &found) == 0)
    for (std::size_t i = 0; i < std::min<std::size_t>(found.gl_pathc, most_matches); ++i)
      paths.emplace_back(found.gl_pathv[i]);
  globfree(&found);
  return paths;
}

std::optional<std::vector<std::string>> MachineConfigFiles::folder(const std::string& path) {
  std::error_code failed;
  if (!std::filesystem::is_directory(path, failed)) return std::nullopt;
  std::vector<std::string> names;
  for (std::filesystem::directory_iterator at(path, failed), last; !failed && at != last;
       at.increment(failed)) {
    names.push_back(at->path().filename().string());
    if (names.size() >= most_matches) break;
  }
  std::ranges::sort(names);
  return names;
}

std::vector<StoreContents> stores_of_this_machine() {
  std::vector<StoreContents> stores;
  const MachineStore system = read_machine_store();
  StoreContents own{
      "system", system.where.empty() ? "-" : system.where, system.certificates != nullptr, {}, {}, {}};
  if (system.certificates)
    for (const CertFingerprint& fingerprint : system.certificates->fingerprints())
      if (auto certificate = system.certificates->find(fingerprint))
        own.roots.push_back(std::move(certificate));
  stores.push_back(std::move(own));
  std::vector<Secret> passwords;
  passwords.emplace_back(bytes_of(cacerts_password));
  const Unlocker unlocker(std::move(passwords));
  for (const std::string& path : java_stores()) {
    StoreContents java{"java", path, false, {}, {}, {}};
    if (const auto content = read_secret_file(path, largest_store)) {
      const LocalFile file = read_local(path, content->view(), unlocker);
      for (const LocalItem& item : file.items)
        if (item.certificate) java.roots.push_back(item.certificate);
      java.readable = file.readable || !java.roots.empty();
    }
    stores.push_back(std::move(java));
  }
  return stores;
}

std::optional<WindowsMachine> read_windows_machine() { return std::nullopt; }

}  // namespace chaintier
