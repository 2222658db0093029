// Any octets as the configuration of each kind of server; an include finds the same octets again.
#include <cstdlib>

#include "src/local/server_config.h"
#include "tests/fuzz/fuzz.h"

using namespace chaintier;

namespace {

struct OneFile final : ConfigFiles {
  explicit OneFile(std::string content) : text(std::move(content)) {}
  std::string text;
  // No system has a file without a name.
  std::optional<Secret> read(const std::string& path) override {
    return path.empty() ? std::nullopt : std::optional<Secret>(bytes_of(text));
  }
  std::vector<std::string> matching(const std::string& pattern) override {
    return pattern.empty() ? std::vector<std::string>() : std::vector{pattern};
  }
  std::optional<std::vector<std::string>> folder(const std::string& path) override {
    if (!path.ends_with("/d")) return std::nullopt;
    return std::vector<std::string>{"a.conf", "b.pem"};
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 4096) return 0;
  const auto& kinds = server_kinds();
  OneFile files(std::string(text_of({data + 1, size - 1})));
  const ServerConfig config = read_server(kinds[data[0] % kinds.size()], "/etc/main", files);
  for (const ServerSite& site : config.sites)
    if (site.kind.empty() || site.file.empty()) std::abort();
  return 0;
}
