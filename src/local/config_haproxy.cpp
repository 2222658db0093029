// haproxy: "crt" and "crt-list" of bind lines; a folder stands for every file in it.
#include <algorithm>
#include <array>

#include "src/base/text.h"
#include "src/local/config_parts.h"

namespace chaintier {

namespace {

class Reader {
 public:
  Reader(const std::string& path, ConfigFiles& files, ServerConfig& out) : files_(files), out_(out) {
    bool read = false;
    if (const auto inside = files.folder(path)) {
      for (const std::string& name : *inside)
        if (name.ends_with(".cfg")) read = file(below(path, name)) || read;
    } else {
      read = file(path);
    }
    if (!read) out_.reason = Reason{"config_absent", {{"file", path}}};
  }

 private:
  bool file(const std::string& path) {
    const auto text = files_.read(path);
    if (!text) return false;
    bool front = false;
    for (const ConfigLine& line : ConfigLines(text->text())) {
      const auto words = config_words(line.text);
      if (words.empty()) continue;
      const std::string& name = words.front();
      static constexpr std::array sections{"global", "defaults", "frontend", "backend",
                                           "listen", "userlist", "peers",    "resolvers",
                                           "cache",  "program",  "ring",     "crt-store"};
      if (std::ranges::find(sections, name) != sections.end())
        front = name == "frontend" || name == "listen";
      else if (name == "crt-base" && words.size() > 1)
        base_ = words[1];
      else if (name == "bind" && front && words.size() > 1)
        bind(words, path, line.number);
    }
    return true;
  }

  void bind(const std::vector<std::string>& words, const std::string& path, std::size_t number) {
    ServerSite site = new_site("haproxy", path, number);
    site.listen.push_back(words[1]);
    for (std::size_t i = 2; i + 1 < words.size(); ++i) {
      if (words[i + 1].empty()) continue;
      if (words[i] == "crt")
        certificates(site, below(base_, words[++i]));
      else if (words[i] == "crt-list")
        list(site, words[++i]);
    }
  }

  void certificates(const ServerSite& site, const std::string& path) {
    const auto inside = files_.folder(path);
    if (!inside) return add(site, path);
    for (const std::string& name : *inside) {
      static constexpr std::array others{".key", ".ocsp", ".issuer", ".sctl", ".dh"};
      if (!name.starts_with('.') &&
          std::ranges::none_of(others, [&](const char* ending) { return name.ends_with(ending); }))
        add(site, below(path, name));
    }
  }

  void add(ServerSite site, const std::string& path) {
    // "site.pem" may stand for site.pem.rsa and site.pem.ecdsa.
    if (files_.matching(path).empty())
      for (const char* type : {".rsa", ".ecdsa", ".dsa"})
        if (!files_.matching(path + type).empty()) return add(std::move(site), path + type);
    site.certificate_file = path;
    if (!files_.matching(path + ".key").empty()) site.key_file = path + ".key";
    out_.sites.push_back(std::move(site));
  }

  // "path [options] name !name": the names are those that this certificate is chosen for.
  void list(const ServerSite& site, const std::string& path) {
    const auto text = files_.read(path);
    if (!text) {
      ServerSite absent = site;
      absent.certificate_file = path;
      out_.sites.push_back(std::move(absent));
      return;
    }
    for (const ConfigLine& line : ConfigLines(text->text())) {
      std::string content(line.text);
      if (const std::size_t open = content.find('['); open != std::string::npos) {
        const std::size_t close = content.find(']', open);
        content.erase(open, close == std::string::npos ? close : close + 1 - open);
      }
      const auto words = config_words(content);
      if (words.empty()) continue;
      ServerSite one = site;
      one.file = path;
      one.line = line.number;
      for (const std::string& name : std::span(words).subspan(1))
        if (!name.starts_with('!')) one.names.push_back(name);
      certificates(one, below(base_, words.front()));
    }
  }

  ConfigFiles& files_;
  ServerConfig& out_;
  std::string base_;
};

}  // namespace

ServerConfig read_haproxy(const std::string& path, ConfigFiles& files) {
  ServerConfig config;
  Reader(path, files, config);
  return config;
}

}  // namespace chaintier
