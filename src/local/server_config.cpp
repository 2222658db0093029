#include "src/local/server_config.h"

#include <algorithm>
#include <array>

#include "src/base/text.h"
#include "src/local/config_parts.h"

namespace chaintier {

namespace {

constexpr std::size_t most_files = 5'000, deepest_include = 16;

struct Kind {
  std::string_view id;
  ServerConfig (*read)(const std::string&, ConfigFiles&);
  std::array<std::string_view, 4> places;
  bool takes_folder = false;
};

constexpr std::array<Kind, 8> kinds{{
    {"nginx",
     read_nginx,
     {"/etc/nginx/nginx.conf", "/usr/local/nginx/conf/nginx.conf", "/usr/local/etc/nginx/nginx.conf", ""}},
    {"apache",
     read_apache,
     {"/etc/apache2/apache2.conf", "/etc/httpd/conf/httpd.conf", "/usr/local/apache2/conf/httpd.conf", ""}},
    {"haproxy",
     read_haproxy,
     {"/etc/haproxy/haproxy.cfg", "/usr/local/etc/haproxy/haproxy.cfg", "", ""},
     true},
    {"tomcat",
     read_tomcat,
     {"/etc/tomcat10/server.xml", "/etc/tomcat9/server.xml", "/etc/tomcat/server.xml",
      "/opt/tomcat/conf/server.xml"}},
    {"lighttpd", read_lighttpd, {"/etc/lighttpd/lighttpd.conf", "", "", ""}},
    {"stunnel", read_stunnel, {"/etc/stunnel/stunnel.conf", "/etc/stunnel", "", ""}, true},
    {"postfix", read_postfix, {"/etc/postfix/main.cf", "", "", ""}},
    {"dovecot", read_dovecot, {"/etc/dovecot/dovecot.conf", "", "", ""}},
}};

}  // namespace

std::string parent_folder(std::string_view path) {
  const std::size_t slash = path.find_last_of('/');
  if (slash == std::string_view::npos) return ".";
  return slash == 0 ? "/" : std::string(path.substr(0, slash));
}

std::string below(std::string_view base, std::string_view path) {
  const bool drive = path.size() > 2 && path[1] == ':' && (path[2] == '/' || path[2] == '\\');  // of Windows
  if (path.empty() || path.starts_with('/') || drive || is_no_file(path)) return std::string(path);
  std::string result(base);
  if (!result.ends_with('/')) result += '/';
  return result.append(path);
}

bool IncludeBudget::enter(const std::string& path) {
  if (open_.contains(path) || open_.size() >= deepest_include || read_ >= most_files) return false;
  ++read_;
  open_.insert(path);
  return true;
}

void IncludeBudget::leave(const std::string& path) { open_.erase(open_.find(path)); }

std::vector<std::string> config_words(std::string_view line, Backslash backslash) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const bool takes =
        c == '\\' && i + 1 < line.size() &&
        (backslash == Backslash::takes_all ? quote != '\''
                                           : quote && (line[i + 1] == quote || line[i + 1] == '\\'));
    if (takes) {
      word += line[++i];
      in_word = true;
    } else if (quote) {
      if (c == quote)
        quote = 0;
      else
        word += c;
    } else if (c == '"' || c == '\'') {
      quote = c;
      in_word = true;
    } else if (c == ' ' || c == '\t' || c == '\r') {
      if (in_word) words.push_back(std::move(word));
      word.clear();
      in_word = false;
    } else if (c == '#' && !in_word) {
      break;
    } else {
      word += c;
      in_word = true;
    }
  }
  if (in_word) words.push_back(std::move(word));
  return words;
}

std::pair<std::string, std::string> key_and_value(std::string_view line) {
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos) return {};
  return {std::string(trimmed(line.substr(0, equals))), std::string(trimmed(line.substr(equals + 1)))};
}

ConfigLines::ConfigLines(std::string_view text) : text_(text.size()) {
  std::size_t number = 0, used = 0, begin = 0;
  bool goes_on = false;
  const std::string_view joined = text_.text();
  for (std::string_view line : split(text, '\n')) {
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    const bool more = line.ends_with('\\') && !line.ends_with("\\\\");
    if (more) line.remove_suffix(1);
    if (!goes_on && trimmed(line).starts_with('#')) continue;
    if (!goes_on) {
      begin = used;
      lines_.push_back({{}, number});
    }
    std::ranges::copy(line, text_.data() + used);
    used += line.size();
    lines_.back().text = joined.substr(begin, used - begin);
    goes_on = more;
  }
}

bool each_line(const std::string& path, ConfigFiles& files, IncludeBudget& budget,
               const std::function<void(const ConfigLine&)>& take) {
  if (!budget.enter(path)) return false;
  const auto text = files.read(path);
  if (text)
    for (const ConfigLine& line : ConfigLines(text->text())) take(line);
  budget.leave(path);
  return text.has_value();
}

bool is_pattern(std::string_view path) { return path.find_first_of("*?[") != std::string_view::npos; }

void include_missing(ServerConfig& config, std::string_view kind, const std::string& file, std::size_t line,
                     const std::string& included) {
  ServerSite site = new_site(kind, file, line);
  site.reason = Reason{"include_missing", {{"included", included}}};
  config.sites.push_back(std::move(site));
}

ServerSite new_site(std::string_view kind, const std::string& file, std::size_t line) {
  ServerSite site;
  site.kind = kind;
  site.file = file;
  site.line = line;
  return site;
}

const std::vector<std::string>& server_kinds() {
  static const std::vector<std::string> ids = [] {
    std::vector<std::string> list;
    for (const Kind& kind : kinds) list.emplace_back(kind.id);
    return list;
  }();
  return ids;
}

std::vector<std::string> usual_places(std::string_view kind) {
  std::vector<std::string> places;
  for (const Kind& one : kinds)
    if (one.id == kind)
      for (const std::string_view place : one.places)
        if (!place.empty()) places.emplace_back(place);
  return places;
}

bool is_no_file(std::string_view place) {
  return place.starts_with("pkcs11:") || place.starts_with("engine:") || place.starts_with("store:") ||
         place.starts_with("data:");
}

namespace {

void cut_secret(std::string& place) {
  constexpr std::string_view text = "data:";
  std::size_t end = place.starts_with(text) ? text.size() : place.find("-----BEGIN");
  if (is_no_file(place)) end = std::min({end, place.find('?'), place.find("pin-")});
  if (end < place.size()) place = place.substr(0, end) + "\u2026";
}

void cut_secrets(ServerSite& site) {
  for (std::string* place : {&site.certificate_file, &site.key_file, &site.chain_file}) cut_secret(*place);
  if (!site.reason) return;
  for (auto& [name, fact] : site.reason->facts)
    if (auto* place = std::get_if<std::string>(&fact)) cut_secret(*place);
}

ServerConfig read_as_it_stands(std::string_view kind, const std::string& path, ConfigFiles& files) {
  for (const Kind& one : kinds) {
    if (one.id != kind) continue;
    if (one.takes_folder || !files.folder(path)) return one.read(path, files);
    // The folder that the main file lies in is easily given for it.
    for (const std::string& place : usual_places(kind))
      if (const std::string inside = below(path, place.substr(place.find_last_of('/') + 1));
          files.read(inside))
        return one.read(inside, files);
    ServerConfig config;
    config.reason = Reason{"config_folder", {{"file", path}}};
    return config;
  }
  return {};
}

}  // namespace

ServerConfig read_server(std::string_view kind, const std::string& path, ConfigFiles& files) {
  ServerConfig config = read_as_it_stands(kind, path, files);
  for (ServerSite& site : config.sites) cut_secrets(site);
  return config;
}

}  // namespace chaintier
