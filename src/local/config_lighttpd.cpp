// lighttpd: ssl.pemfile and its kin, by socket and host condition. What holds around a condition holds in it
// too, wherever it is written; the same condition written twice is one.
#include <algorithm>
#include <map>
#include <optional>
#include <span>

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

constexpr std::size_t outermost = 0, most_scopes = 10'000;

struct Scope {
  std::size_t outer = outermost;
  std::string file;
  std::size_t line = 1;
  std::string pem, key, ca;  // as set right here
  std::optional<bool> engine;
  std::vector<std::string> names, listen;  // with those of what is around it
  bool socket = false;
};

class Reader {
 public:
  Reader(const std::string& path, ConfigFiles& files, ServerConfig& out)
      : base_(parent_folder(path)), files_(files), out_(out) {
    Scope root;
    root.file = path;
    scopes_.push_back(std::move(root));
    if (!file(path)) out_.reason = Reason{"config_absent", {{"file", path}}};
    const auto with_tls = places_with_tls();
    for (std::size_t i = 0; i < scopes_.size(); ++i) emit(i, with_tls);
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
        if (open_.size() > 1) open_.pop_back();
        ++at;
      } else if (first.kind != Token::Kind::word) {
        ++at;
      } else if (first.text.starts_with('$')) {
        condition(tokens, at, path);
      } else if (first.text == "else" || first.text == "elseif" || first.text == "elsif" ||
                 first.text == "elif") {
        ++at;  // "else {", or "else" before a condition
        if (at < tokens.size() && tokens[at].is("{")) {
          push(path, first.line, {});
          ++at;
        }
      } else if (first.text == "include" || first.text == "include_shell") {
        const bool shell = first.text == "include_shell";
        const std::string value = expression(tokens, ++at);
        if (shell)
          command(value, path, first.line);
        else
          include(value, path, first.line);
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
    std::string condition = first.text + sign;
    for (const std::string& text : texts) condition += '"' + text;
    push(path, first.line, condition);
    if (texts.size() < 2) return;
    Scope& scope = current();
    if (first.text == "$HTTP" && texts[0] == "host" &&
        (sign == "==" || sign == "=~" || sign == "=^" || sign == "=$"))
      scope.names = {sign == "=$" && texts[1].starts_with('.') ? "*" + texts[1]
                     : sign == "=~"                            ? "~" + texts[1]
                     : sign == "=="                            ? texts[1]
                     : sign == "=^"                            ? texts[1] + "*"
                                                               : "*" + texts[1]};
    if (first.text == "$SERVER" && texts[0] == "socket" && sign == "==") {
      scope.listen = {texts[1]};
      scope.socket = true;
    }
  }

  Scope& current() { return scopes_[open_.back()]; }

  void push(const std::string& path, std::size_t line, const std::string& condition) {
    const auto place = std::pair(open_.back(), condition);
    if (const auto same = same_.find(place); same != same_.end()) return open_.push_back(same->second);
    if (scopes_.size() >= most_scopes) return open_.push_back(open_.back());
    Scope scope;
    scope.outer = open_.back();
    scope.line = line;
    scope.file = path;
    scope.names = current().names;
    if (open_.back() != outermost) scope.listen = current().listen;
    scopes_.push_back(std::move(scope));
    open_.push_back(scopes_.size() - 1);
    if (!condition.empty()) same_.emplace(place, open_.back());
  }

  // What Debian's scripts print is known, and so is what "cat" prints.
  void command(const std::string& value, const std::string& path, std::size_t line) {
    const auto words = config_words(value);
    if (words.empty() || value.find("create-mime") != std::string::npos ||
        value.find("use-ipv6") != std::string::npos)
      return;
    if (value.find("conf-enabled") != std::string::npos) {
      include("conf-enabled/*.conf", path, line);
    } else if (words.size() > 1 && (words[0] == "cat" || words[0].ends_with("/cat"))) {
      for (const std::string& one : std::span(words).subspan(1)) include(one, path, line);
    } else {
      ServerSite site = new_site("lighttpd", path, line);
      site.reason = Reason{"include_command", {{"command", value}}};
      out_.sites.push_back(std::move(site));
    }
  }

  void include(const std::string& value, const std::string& path, std::size_t line) {
    const std::string pattern = below(base_, value);
    const auto found = files_.matching(pattern);
    if (found.empty() && !is_pattern(pattern)) include_missing(out_, "lighttpd", path, line, pattern);
    for (const std::string& one : found) file(one);
  }

  void assign(const std::string& name, const std::string& value, const std::string& path, std::size_t line) {
    Scope& scope = current();
    if (name.starts_with("var.") || name.find('.') == std::string::npos) {
      if (variables_.size() < 1000) variables_[name.starts_with("var.") ? name.substr(4) : name] = value;
    } else if (name == "ssl.engine") {
      scope.engine = lower_ascii(value) == "enable";
    } else if (name == "ssl.pemfile") {
      scope.pem = below(base_, value);
      if (open_.size() == 1) {
        scope.file = path;
        scope.line = line;
      }
    } else if (name == "ssl.privkey") {
      scope.key = below(base_, value);
    } else if (name == "ssl.ca-file" || name == "ssl.verifyclient.ca-file") {
      scope.ca = below(base_, value);
    } else if (name == "server.port" && open_.size() == 1) {
      scope.listen = {value};
    }
  }

  // The nearest scope, from this one outwards, that has something.
  template <class Has>
  const Scope* nearest(std::size_t at, const Has& has) const {
    while (!has(scopes_[at])) {
      if (at == outermost) return nullptr;
      at = scopes_[at].outer;
    }
    return &scopes_[at];
  }

  bool speaks_tls(std::size_t at) const {
    const Scope* said = nearest(at, [](const Scope& scope) { return scope.engine.has_value(); });
    return said && *said->engine;
  }

  // The places that a condition outside all sockets holds for.
  std::vector<std::string> places_with_tls() const {
    std::vector<std::string> places;
    for (std::size_t i = 0; i < scopes_.size(); ++i)
      if ((scopes_[i].socket || i == outermost) && speaks_tls(i))
        places.insert(places.end(), scopes_[i].listen.begin(), scopes_[i].listen.end());
    if (places.empty() && speaks_tls(outermost)) places.emplace_back("80");  // its own default
    return places;
  }

  void emit(std::size_t at, const std::vector<std::string>& with_tls) {
    const Scope& scope = scopes_[at];
    const Scope* socket = nearest(at, [](const Scope& one) { return one.socket; });
    const bool place = scope.socket || at == outermost;
    const bool any_tls = !with_tls.empty();
    const bool tls = place || socket ? speaks_tls(at) : any_tls;
    // A socket that switches TLS on uses the certificate around it.
    if (scope.pem.empty() && !(place && tls)) return;
    if (at == outermost && !tls && any_tls) return;  // it is there for the sockets
    ServerSite site = new_site("lighttpd", scope.file, scope.line);
    site.names = scope.names;
    site.listen = place || socket ? scope.listen : with_tls;
    if (const Scope* own = nearest(at, [](const Scope& one) { return !one.pem.empty(); })) {
      site.certificate_file = own->pem;
      site.key_file = own->key;  // of the same scope, else it is in the same file
      if (const Scope* more = nearest(at, [](const Scope& one) { return !one.ca.empty(); }))
        site.completed_from = {more->ca};
    } else {
      site.reason = Reason{"no_certificate_set", {{"setting", "ssl.pemfile"}}};
    }
    if (!tls) site.reason = Reason{"tls_off", {{"setting", "ssl.engine = \"enable\""}}};
    out_.sites.push_back(std::move(site));
  }

  std::string base_;
  ConfigFiles& files_;
  ServerConfig& out_;
  IncludeBudget budget_;
  std::vector<Scope> scopes_;
  std::map<std::pair<std::size_t, std::string>, std::size_t> same_;  // by what is around it, and as written
  std::vector<std::size_t> open_{outermost};  // the scopes around the statement at hand
  std::map<std::string, std::string, std::less<>> variables_;
};

}  // namespace

ServerConfig read_lighttpd(const std::string& path, ConfigFiles& files) {
  ServerConfig config;
  Reader(path, files, config);
  return config;
}

}  // namespace chaintier
