// lighttpd: ssl.pemfile and its kin, by socket and host condition.
#include <algorithm>

#include "src/base/text.h"
#include "src/local/config_parts.h"

namespace chaintier {

namespace {

struct Scope {
  std::size_t line = 1;
  std::string file, pem, key, ca;
  std::vector<std::string> names, listen;
  bool own = false;  // has a certificate of its own
};

class Reader {
 public:
  Reader(const std::string& path, ConfigFiles& files, ServerConfig& out)
      : base_(parent_folder(path)), files_(files), out_(out) {
    scopes_.push_back({1, path, {}, {}, {}, {}, {}, false});
    if (!file(path)) out_.reason = Reason{"config_absent", {{"file", path}}};
    while (!scopes_.empty()) close();
  }

 private:
  bool file(const std::string& path) {
    return each_line(path, files_, budget_, [&](const ConfigLine& one) { line(one, path); });
  }

  void line(const ConfigLine& line, const std::string& path) {
    const std::string_view content = trimmed(line.text);
    if (content.starts_with('}')) {
      if (scopes_.size() > 1) close();
      if (content.ends_with('{')) open(content, path, line.number);  // "} else {"
      return;
    }
    if (content.starts_with("include ")) {
      for (const std::string& word : quoted(content))
        for (const std::string& found : files_.matching(below(base_, word))) file(found);
    } else if (content.starts_with("include_shell") && content.find("conf-enabled") != std::string::npos) {
      // Debian's own script prints exactly these.
      for (const std::string& found : files_.matching(below(base_, "conf-enabled/*.conf"))) file(found);
    } else if (content.ends_with('{')) {
      open(content, path, line.number);
    } else {
      assign(content, path, line.number);
    }
  }

  void open(std::string_view content, const std::string& path, std::size_t number) {
    if (scopes_.size() > 64) return;
    Scope scope = scopes_.back();
    scope.line = number;
    scope.file = path;
    scope.own = false;
    const auto values = quoted(content);
    if (values.size() >= 2 && content.find("$HTTP") != std::string_view::npos && values[0] == "host")
      scope.names = {values[1]};
    if (values.size() >= 2 && content.find("$SERVER") != std::string_view::npos && values[0] == "socket")
      scope.listen = {values[1]};
    scopes_.push_back(std::move(scope));
  }

  void assign(std::string_view content, const std::string&, std::size_t) {
    const auto [key, rest] = key_and_value(content);
    const auto values = quoted(rest);
    if (values.empty()) return;
    std::string joined;  // "a" + "b"
    for (const std::string& value : values) joined += value;
    Scope& scope = scopes_.back();
    if (key == "ssl.pemfile") {
      scope.pem = below(base_, joined);
      scope.key.clear();
      scope.own = true;
    } else if (key == "ssl.privkey") {
      scope.key = below(base_, joined);
    } else if (key == "ssl.ca-file") {
      scope.ca = below(base_, joined);
    }
  }

  void close() {
    const Scope& scope = scopes_.back();
    if (scope.own) {
      ServerSite site = new_site("lighttpd", scope.file, scope.line);
      site.names = scope.names;
      site.listen = scope.listen;
      site.certificate_file = scope.pem;
      site.key_file = scope.key;
      site.chain_file = scope.ca;
      out_.sites.push_back(std::move(site));
    }
    scopes_.pop_back();
  }

  // The contents of each pair of quotes.
  static std::vector<std::string> quoted(std::string_view text) {
    std::vector<std::string> values;
    for (std::size_t at = 0; (at = text.find('"', at)) != std::string_view::npos;) {
      const std::size_t end = text.find('"', at + 1);
      if (end == std::string_view::npos) break;
      values.emplace_back(text.substr(at + 1, end - at - 1));
      at = end + 1;
    }
    return values;
  }

  std::string base_;
  ConfigFiles& files_;
  ServerConfig& out_;
  IncludeBudget budget_;
  std::vector<Scope> scopes_;
};

}  // namespace

ServerConfig read_lighttpd(const std::string& path, ConfigFiles& files) {
  ServerConfig config;
  Reader(path, files, config);
  return config;
}

}  // namespace chaintier
