// dovecot: ssl_cert and its kin, by local_name and local. A block takes over what was set before it, and what
// is set behind it does not reach into it any more (doveconf warns of that).
#include "src/base/text.h"
#include "src/local/config_parts.h"

namespace chaintier {

namespace {

struct Pair {
  std::string certificate, key;
  bool from_file = true;  // without "<" before 2.4, the text itself is taken for the certificate
};

// What is left of a line without its comment: "#" ends a line wherever it stands, except in quotes.
std::string_view without_comment(std::string_view line) {
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote && c == '\\')
      ++i;
    else if (quote)
      quote = c == quote ? '\0' : quote;
    else if (c == '"' || c == '\'')
      quote = c;
    else if (c == '#')
      return line.substr(0, i);
  }
  return line;
}

struct Scope {
  std::string file;  // where the certificate, or the block around it, is named
  std::size_t line = 1;
  Pair usual, other;  // ssl_cert, and the second one of another kind of key
  std::vector<std::string> names, listen;
  bool own = false;
  bool ssl_off = false;
};

class Reader {
 public:
  Reader(const std::string& path, ConfigFiles& files, ServerConfig& out) : files_(files), out_(out) {
    scopes_.push_back({});
    if (!file(path)) out_.reason = Reason{"config_absent", {{"file", path}}};
    const bool off = scopes_.front().ssl_off;
    while (!scopes_.empty()) close();
    if (off)
      for (ServerSite& site : out_.sites)
        if (!site.reason) site.reason = Reason{"tls_off", {{"setting", "ssl = yes"}}};
  }

 private:
  bool file(const std::string& path) {
    return each_line(path, files_, budget_, [&](const ConfigLine& one) { line(one, path); });
  }

  void line(const ConfigLine& line, const std::string& path) {
    const std::string_view content = trimmed(without_comment(line.text));
    if (content == "}") {
      if (scopes_.size() > 1) close();
    } else if (content.ends_with('{')) {
      open(content.substr(0, content.size() - 1), path, line.number);
    } else if (content.starts_with("!include")) {
      include(content, path, line.number);
    } else {
      assign(content, path, line.number);
    }
  }

  void open(std::string_view head, const std::string& path, std::size_t number) {
    if (scopes_.size() > 64) return;
    Scope scope = scopes_.back();
    scope.own = false;
    scope.file = path;
    scope.line = number;
    const auto words = config_words(head);
    if (words.size() > 1 && words[0] == "local_name") {
      scope.names.clear();  // several stand in one pair of quotes
      for (const std::string_view name : split(words[1], ' '))
        if (!name.empty()) scope.names.emplace_back(name);
    }
    if (words.size() > 1 && words[0] == "local") scope.listen = {words[1]};
    scopes_.push_back(std::move(scope));
  }

  void include(std::string_view content, const std::string& path, std::size_t number) {
    const auto words = config_words(content);
    if (words.size() < 2 || words[1].empty()) return;
    const std::string pattern = below(parent_folder(path), words[1]);
    const auto found = files_.matching(pattern);
    if (found.empty() && words[0] == "!include" && !is_pattern(pattern))
      include_missing(out_, "dovecot", path, number, pattern);
    for (const std::string& one : found) file(one);
  }

  void assign(std::string_view content, const std::string& path, std::size_t number) {
    const std::size_t equals = content.find('=');
    if (equals == std::string_view::npos) return;
    const std::string_view key = trimmed(content.substr(0, equals));
    std::string_view value = trimmed(content.substr(equals + 1));
    if (value.size() > 1 && value.front() == value.back() && (value.front() == '"' || value.front() == '\''))
      value = trimmed(value.substr(1, value.size() - 2));
    const bool from_file = value.starts_with('<');
    if (from_file) value = trimmed(value.substr(1));
    if (value.empty()) return;
    if (key == "ssl_key_password") return password(value, from_file, path);
    Scope& scope = scopes_.back();
    if (key == "ssl") scope.ssl_off = value == "no";
    const auto certificate = [&](Pair& pair) {
      pair.from_file = from_file || key.ends_with("_file");
      pair.certificate = pair.from_file ? below(parent_folder(path), value) : std::string(value);
      scope.own = true;
      if (scopes_.size() > 1) return;
      scope.file = path;
      scope.line = number;
    };
    if (key == "ssl_cert" || key == "ssl_server_cert_file")
      certificate(scope.usual);
    else if (key == "ssl_alt_cert" || key == "ssl_server_alt_cert_file")
      certificate(scope.other);
    else if (key == "ssl_key" || key == "ssl_server_key_file")
      scope.usual.key = below(parent_folder(path), value);
    else if (key == "ssl_alt_key" || key == "ssl_server_alt_key_file")
      scope.other.key = below(parent_folder(path), value);
  }

  void password(std::string_view value, bool from_file, const std::string& path) {
    if (!from_file) {
      out_.passwords.emplace_back(bytes_of(value));
    } else if (const auto content = files_.read(below(parent_folder(path), value))) {
      out_.passwords.emplace_back(bytes_of(trimmed(content->text().substr(0, content->text().find('\n')))));
    }
  }

  void close() {
    const Scope& scope = scopes_.back();
    for (const Pair* pair : {&scope.usual, &scope.other}) {
      if (!scope.own || pair->certificate.empty()) continue;
      ServerSite site = new_site("dovecot", scope.file, scope.line);
      site.names = scope.names;
      site.listen = scope.listen;
      site.certificate_file = pair->certificate;
      site.key_file = pair->key;
      if (!pair->from_file) site.reason = Reason{"dovecot_no_file", {{"file", pair->certificate}}};
      out_.sites.push_back(std::move(site));
    }
    scopes_.pop_back();
  }

  ConfigFiles& files_;
  ServerConfig& out_;
  IncludeBudget budget_;
  std::vector<Scope> scopes_;
};

}  // namespace

ServerConfig read_dovecot(const std::string& path, ConfigFiles& files) {
  ServerConfig config;
  Reader(path, files, config);
  return config;
}

}  // namespace chaintier
