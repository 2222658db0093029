// lighttpd: ssl.pemfile and its kin, by socket and host condition. A condition takes over what holds around
// it.
#include <algorithm>
#include <map>

#include "src/base/text.h"
#include "src/local/config_parts.h"

namespace chaintier {

namespace {

struct Token {
  enum class Kind { word, text, sign, line_end } kind = Kind::word;
  std::string text;
  std::size_t line = 0;

  bool is(std::string_view sign) const { return kind == Kind::sign && text == sign; }
};

// Words, quoted texts, the signs { } ( ) [ ] , + and the operators made of = ~ ! ^ $ ; comments left out.
std::vector<Token> tokens_of(std::string_view text) {
  using Kind = Token::Kind;
  std::vector<Token> tokens;
  std::size_t line = 1;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '\n') {
      tokens.push_back({Kind::line_end, {}, line++});
      ++i;
    } else if (c == ' ' || c == '\t' || c == '\r') {
      ++i;
    } else if (c == '#') {
      while (i < text.size() && text[i] != '\n') ++i;
    } else if (c == '"' || c == '\'') {
      Token token{Kind::text, {}, line};
      for (++i; i < text.size() && text[i] != c; ++i) {
        if (text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == c || text[i + 1] == '\\')) ++i;
        if (text[i] == '\n') ++line;
        token.text += text[i];
      }
      if (i < text.size()) ++i;
      tokens.push_back(std::move(token));
    } else if (std::string_view("{}()[],+").find(c) != std::string_view::npos) {
      tokens.push_back({Kind::sign, std::string(1, c), line});
      ++i;
    } else {
      const auto is_operator = [](char d) {
        return std::string_view("=~!^").find(d) != std::string_view::npos;
      };
      const std::size_t begin = i;
      const bool sign = is_operator(c);
      while (i < text.size() && is_operator(text[i]) == sign &&
             std::string_view(" \t\r\n#\"'{}()[],+").find(text[i]) == std::string_view::npos)
        ++i;
      tokens.push_back({sign ? Kind::sign : Kind::word, std::string(text.substr(begin, i - begin)), line});
    }
  }
  return tokens;
}

struct Scope {
  std::size_t line = 1;
  std::string file, pem, key;
  std::vector<std::string> ca, names, listen;
  bool own = false;     // has a certificate of its own
  bool engine = false;  // TLS is switched on
  bool socket = false;  // is a socket
};

class Reader {
 public:
  Reader(const std::string& path, ConfigFiles& files, ServerConfig& out)
      : base_(parent_folder(path)), files_(files), out_(out) {
    Scope root;
    root.file = path;
    scopes_.push_back(std::move(root));
    if (!file(path)) out_.reason = Reason{"config_absent", {{"file", path}}};
    while (!scopes_.empty()) close();
  }

 private:
  bool file(const std::string& path) {
    if (!budget_.enter(path)) return false;
    const auto text = files_.read(path);
    if (text) statements(tokens_of(text->text()), path);
    budget_.leave(path);
    return text.has_value();
  }

  void statements(const std::vector<Token>& tokens, const std::string& path) {
    for (std::size_t at = 0; at < tokens.size();) {
      const Token& first = tokens[at];
      if (first.is("}")) {
        if (scopes_.size() > 1) close();
        ++at;
      } else if (first.kind != Token::Kind::word) {
        ++at;
      } else if (first.text.starts_with('$')) {
        condition(tokens, at, path);
      } else if (first.text == "else" || first.text == "elseif" || first.text == "elsif") {
        ++at;  // "else {", or "else" before a condition
        if (at < tokens.size() && tokens[at].is("{")) {
          push(path, first.line);
          ++at;
        }
      } else if (first.text == "include" || first.text == "include_shell") {
        const bool shell = first.text == "include_shell";
        const std::string value = expression(tokens, ++at);
        if (!shell)
          include(value, path, first.line);
        else if (value.find("conf-enabled") != std::string::npos)
          include("conf-enabled/*.conf", path, first.line);  // Debian's own script prints exactly these
      } else {
        const std::string name = first.text;
        if (++at >= tokens.size() || tokens[at].kind != Token::Kind::sign) continue;
        const std::string sign = tokens[at].text;
        if (sign == "+" && at + 1 < tokens.size() && tokens[at + 1].is("=")) ++at;
        if (sign != "=" && sign != ":=" && sign != "+") continue;
        const std::size_t line = tokens[at].line;
        assign(name, expression(tokens, ++at), path, line);
      }
    }
  }

  // Texts and variables joined by "+", up to the end of the line; lists are passed over.
  std::string expression(const std::vector<Token>& tokens, std::size_t& at) const {
    std::string value;
    int open = 0;
    for (; at < tokens.size(); ++at) {
      const Token& token = tokens[at];
      if (token.is("(")) ++open;
      if (token.is(")") && open > 0) {
        --open;
        continue;
      }
      if (open > 0) continue;
      if (token.kind == Token::Kind::line_end || token.is("}") || token.is("{")) break;
      // A second word without a "+" is the next statement on the same line.
      const bool joined = at == 0 || tokens[at - 1].kind == Token::Kind::sign || value.empty();
      if (!joined && token.kind != Token::Kind::sign) break;
      if (token.kind == Token::Kind::text) {
        value += token.text;
      } else if (token.kind == Token::Kind::word) {
        const auto known =
            variables_.find(token.text.starts_with("var.") ? token.text.substr(4) : token.text);
        value += known == variables_.end()
                     ? (token.text.find('.') == std::string::npos ? token.text : "$" + token.text)
                     : known->second;
      }
      if (value.size() > 4096) value.resize(4096);
    }
    return value;
  }

  // $HTTP["host"] == "name" {
  void condition(const std::vector<Token>& tokens, std::size_t& at, const std::string& path) {
    const Token& first = tokens[at];
    std::vector<std::string> texts;
    std::string sign;
    for (++at; at < tokens.size() && !tokens[at].is("{"); ++at) {
      if (tokens[at].kind == Token::Kind::text) texts.push_back(tokens[at].text);
      if (tokens[at].kind == Token::Kind::sign && tokens[at].text.find_first_of("=!") != std::string::npos)
        sign = tokens[at].text;
    }
    if (at < tokens.size()) ++at;
    push(path, first.line);
    if (texts.size() < 2) return;
    Scope& scope = scopes_.back();
    if (first.text == "$HTTP" && texts[0] == "host" &&
        (sign == "==" || sign == "=~" || sign == "=^" || sign == "=$"))
      scope.names = {sign == "=$" && texts[1].starts_with('.') ? "*" + texts[1] : texts[1]};
    if (first.text == "$SERVER" && texts[0] == "socket" && sign == "==") {
      scope.listen = {texts[1]};
      scope.socket = true;
    }
  }

  void push(const std::string& path, std::size_t line) {
    if (scopes_.size() > 64) return;
    Scope scope = scopes_.back();
    scope.line = line;
    scope.file = path;
    scope.own = scope.socket = false;
    scopes_.push_back(std::move(scope));
  }

  void include(const std::string& value, const std::string& path, std::size_t line) {
    const std::string pattern = below(base_, value);
    const auto found = files_.matching(pattern);
    if (found.empty() && !is_pattern(pattern)) include_missing(out_, "lighttpd", path, line, pattern);
    for (const std::string& one : found) file(one);
  }

  void assign(const std::string& name, const std::string& value, const std::string& path, std::size_t line) {
    Scope& scope = scopes_.back();
    if (name.starts_with("var.") || name.find('.') == std::string::npos) {
      if (variables_.size() < 1000) variables_[name.starts_with("var.") ? name.substr(4) : name] = value;
    } else if (name == "ssl.engine") {
      scope.engine = lower_ascii(value) == "enable";
    } else if (name == "ssl.pemfile") {
      scope.pem = below(base_, value);
      scope.key.clear();
      scope.own = true;
      if (scopes_.size() == 1) {
        scope.file = path;
        scope.line = line;
      }
    } else if (name == "ssl.privkey") {
      scope.key = below(base_, value);
    } else if (name == "ssl.ca-file" || name == "ssl.verifyclient.ca-file") {
      scope.ca.push_back(below(base_, value));
    } else if (name == "server.port" && scopes_.size() == 1) {
      scope.listen = {value};
    }
  }

  void close() {
    const Scope& scope = scopes_.back();
    // A host's certificate holds where TLS is; a socket that switches TLS on uses the certificate around it.
    const bool root = scopes_.size() == 1;
    const bool serves = scope.socket ? scope.engine
                        : root       ? scope.engine || (!socket_seen_ && scope.own)
                                     : scope.own;
    if (serves && !scope.pem.empty()) {
      ServerSite site = new_site("lighttpd", scope.file, scope.line);
      site.names = scope.names;
      site.listen = scope.listen;
      site.certificate_file = scope.pem;
      site.key_file = scope.key;
      site.completed_from = scope.ca;
      out_.sites.push_back(std::move(site));
    }
    socket_seen_ = socket_seen_ || (scope.socket && scope.engine);
    scopes_.pop_back();
  }

  std::string base_;
  ConfigFiles& files_;
  ServerConfig& out_;
  IncludeBudget budget_;
  std::vector<Scope> scopes_;
  std::map<std::string, std::string, std::less<>> variables_;
  bool socket_seen_ = false;
};

}  // namespace

ServerConfig read_lighttpd(const std::string& path, ConfigFiles& files) {
  ServerConfig config;
  Reader(path, files, config);
  return config;
}

}  // namespace chaintier
