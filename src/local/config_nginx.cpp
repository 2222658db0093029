// nginx: ssl_certificate and ssl_certificate_key by server block, inherited from http as nginx does it: a
// block with a list of its own does not add to the outer one.
#include <algorithm>
#include <map>
#include <optional>
#include <span>

#include "src/base/text.h"
#include "src/local/config_parts.h"

namespace chaintier {

namespace {

constexpr int deepest_block = 32;

// Of "name_by_lua_block {": a program whose quotes and comments are not nginx's. Where its "}" stands, or the
// end.
std::size_t end_of_lua(std::string_view text, std::size_t at, std::size_t& line) {
  int open = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\n') ++line;
    if (c == '{') ++open;
    if (c == '}' && --open == 0) return at;
    if (c == '-' && text.substr(at).starts_with("--")) {
      while (at + 1 < text.size() && text[at + 1] != '\n') ++at;
    } else if (c == '"' || c == '\'') {
      for (++at; at < text.size() && text[at] != c && text[at] != '\n'; ++at)
        if (text[at] == '\\') ++at;
      if (at < text.size() && text[at] == '\n') ++line;
    }
  }
  return at;
}

struct Token {
  std::string text;
  std::size_t line = 0;
  bool bare = true;  // not quoted: only then is it punctuation
  bool is(std::string_view punctuation) const { return bare && text == punctuation; }
};

std::vector<Token> tokens_of(std::string_view text) {
  std::vector<Token> tokens;
  std::size_t line = 1;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '\n') ++line;
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      ++i;
    } else if (c == '#') {
      while (i < text.size() && text[i] != '\n') ++i;
    } else if (c == '{' && !tokens.empty() && tokens.back().text.ends_with("_by_lua_block")) {
      tokens.push_back({"{", line, true});
      i = end_of_lua(text, i, line);
    } else if (c == ';' || c == '{' || c == '}') {
      tokens.push_back({std::string(1, c), line, true});
      ++i;
    } else {
      Token token{{}, line, true};
      const char quote = c == '"' || c == '\'' ? c : '\0';
      if (quote) {
        token.bare = false;
        ++i;
      }
      for (; i < text.size(); ++i) {
        const char d = text[i];
        if (d == '\n') ++line;
        if (d == '\\' && i + 1 < text.size() && (quote || text[i + 1] != '\n')) {
          // Other backslashes stay: regular expressions are full of them.
          if (std::string_view("\"'\\").find(text[i + 1]) == std::string_view::npos) token.text += d;
          token.text += text[++i];
          continue;
        }
        if (quote ? d == quote : (d == ' ' || d == '\t' || d == '\r' || d == '\n' || d == ';' || d == '{'))
          break;
        // "${name}" belongs to the word.
        if (!quote && d == '$' && i + 1 < text.size() && text[i + 1] == '{') {
          const std::size_t end = text.find('}', i);
          if (end != std::string_view::npos) {
            token.text += text.substr(i, end - i + 1);
            i = end;
            continue;
          }
        }
        token.text += d;
      }
      if (quote && i < text.size())
        ++i;
      else if (!quote && i < text.size() && text[i] == '\n')
        --line;  // counted again above
      tokens.push_back(std::move(token));
    }
  }
  return tokens;
}

struct Block {
  std::string file;
  std::size_t line = 0;
  struct Listen {
    std::string text;
    bool tls = false, is_default = false;
  };
  std::vector<std::string> certificates, keys, names;
  std::vector<Listen> listen;
  std::optional<bool> ssl, rejects;  // "ssl on", until 1.25; "ssl_reject_handshake"
  bool starttls = false;
  std::vector<Block> servers;
};

class Reader {
 public:
  Reader(std::string path, ConfigFiles& files, ServerConfig& out)
      : base_(parent_folder(path)), files_(files), out_(out) {
    Block root;
    if (!file(path, root, 0)) {
      out_.reason = Reason{"config_absent", {{"file", path}}};
      return;
    }
    emit(root);
  }

 private:
  bool file(const std::string& path, Block& into, int depth) {
    if (!budget_.enter(path)) return false;
    const auto text = files_.read(path);
    if (text) {
      const std::vector<Token> tokens = tokens_of(text->text());
      std::size_t at = 0;
      while (at < tokens.size()) {
        block(tokens, at, path, into, depth);
        if (at < tokens.size()) ++at;  // a "}" too many
      }
    }
    budget_.leave(path);
    return text.has_value();
  }

  // Statements up to the "}" that ends the block, which is left standing.
  void block(const std::vector<Token>& tokens, std::size_t& at, const std::string& path, Block& into,
             int depth) {
    while (at < tokens.size() && !tokens[at].is("}")) {
      const std::size_t begin = at;
      while (at < tokens.size() && !tokens[at].is(";") && !tokens[at].is("{") && !tokens[at].is("}")) ++at;
      const std::span<const Token> words(tokens.data() + begin, at - begin);
      if (at < tokens.size() && tokens[at].is("{")) {
        ++at;
        nested(words, tokens, at, path, into, depth);
        if (at < tokens.size()) ++at;
      } else {
        if (!words.empty()) directive(words, path, into, depth);
        if (at < tokens.size() && tokens[at].is(";")) ++at;
      }
    }
  }

  static void skip(const std::vector<Token>& tokens, std::size_t& at) {
    for (int open = 0; at < tokens.size(); ++at) {
      if (tokens[at].is("{")) ++open;
      if (tokens[at].is("}") && open-- == 0) return;
    }
  }

  void nested(std::span<const Token> words, const std::vector<Token>& tokens, std::size_t& at,
              const std::string& path, Block& into, int depth) {
    const std::string name = words.empty() ? "" : words.front().text;
    if (depth >= deepest_block) return skip(tokens, at);
    if (name == "http" || name == "stream" || name == "mail") {
      Block inner;
      block(tokens, at, path, inner, depth + 1);
      into.servers.push_back(std::move(inner));
    } else if (name == "server" && words.size() == 1) {
      Block server;
      server.file = path;
      server.line = words.front().line;
      block(tokens, at, path, server, depth + 1);
      into.servers.push_back(std::move(server));
    } else {
      skip(tokens, at);
    }
  }

  void directive(std::span<const Token> words, const std::string& path, Block& into, int depth) {
    const std::string& name = words.front().text;
    const auto arguments = words.subspan(1);
    if (name == "include" && arguments.size() == 1) {
      const std::string pattern = below(base_, arguments[0].text);
      const auto found = files_.matching(pattern);
      if (found.empty() && !is_pattern(pattern))
        include_missing(out_, "nginx", path, words.front().line, pattern);
      for (const std::string& one : found) file(one, into, depth + 1);
    } else if (name == "ssl_certificate" && !arguments.empty()) {
      into.certificates.push_back(arguments[0].text);
    } else if (name == "ssl_certificate_key" && !arguments.empty()) {
      into.keys.push_back(arguments[0].text);
    } else if (name == "ssl_password_file" && !arguments.empty()) {
      passwords(below(base_, arguments[0].text));
    } else if (name == "server_name") {
      for (const Token& argument : arguments)
        if (!argument.text.empty() && argument.text != "_") into.names.push_back(argument.text);
    } else if (name == "listen" && !arguments.empty()) {
      const auto has = [&](std::string_view word, std::string_view other) {
        return std::ranges::any_of(arguments.subspan(1), [&](const Token& argument) {
          return argument.text == word || argument.text == other;
        });
      };
      into.listen.push_back({arguments[0].text, has("ssl", "quic"), has("default_server", "default")});
    } else if (name == "ssl" && !arguments.empty()) {
      into.ssl = arguments[0].text == "on";
    } else if (name == "ssl_reject_handshake" && !arguments.empty()) {
      into.rejects = arguments[0].text == "on";
    } else if (name == "starttls" && !arguments.empty()) {
      into.starttls = arguments[0].text != "off";
    }
  }

  // One a line, each tried on each key.
  void passwords(const std::string& path) {
    const auto content = files_.read(path);
    if (!content) return;
    for (const std::string_view line : split(content->text(), '\n'))
      if (!line.empty() && out_.passwords.size() < 1000) out_.passwords.emplace_back(bytes_of(line));
  }

  std::string path_of(const std::string& value) const {
    return value.find('$') != std::string::npos ? value : below(base_, value);
  }

  // "443", "*:443" and "0.0.0.0:443" are one socket.
  static std::string socket_of(std::string text) {
    if (!text.empty() && text.find_first_not_of("0123456789") == std::string::npos) return "*:" + text;
    if (text.starts_with("0.0.0.0:")) text.replace(0, 7, "*");
    return text;
  }

  // What the blocks that use a socket say of it holds for all of them.
  struct Socket {
    bool tls = false, marked = false;
    // Answers where no name says otherwise: the one that is marked, else the first.
    const Block* usual = nullptr;
  };
  using Sockets = std::map<std::string, Socket>;

  static Sockets sockets_of(const std::vector<Block>& servers) {
    Sockets sockets;
    for (const Block& one : servers)
      for (const Block::Listen& listen : one.listen) {
        Socket& socket = sockets[socket_of(listen.text)];
        socket.tls = socket.tls || listen.tls;
        if (!socket.usual || (listen.is_default && !socket.marked)) socket.usual = &one;
        socket.marked = socket.marked || listen.is_default;
      }
    return sockets;
  }

  // A block without a certificate serves that of the one that answers usually.
  static void take_usual(Block& block, const Sockets& sockets) {
    for (const Block::Listen& listen : block.listen) {
      const Block& usual = *sockets.at(socket_of(listen.text)).usual;
      if (usual.certificates.empty()) continue;
      block.certificates = usual.certificates;
      block.keys = usual.keys;
      return;
    }
  }

  void emit(const Block& outer) {
    const Sockets sockets = sockets_of(outer.servers);
    for (const Block& one : outer.servers) {
      Block block = one;
      const bool own = !block.certificates.empty();
      if (block.certificates.empty()) block.certificates = outer.certificates;
      if (block.keys.empty()) block.keys = outer.keys;
      if (!block.ssl) block.ssl = outer.ssl;
      if (!block.rejects) block.rejects = outer.rejects;
      block.starttls = block.starttls || outer.starttls;
      if (block.line == 0) {  // http, stream, mail
        emit(block);
        continue;
      }
      const bool everywhere = block.ssl.value_or(false) || block.starttls;
      ServerSite site = new_site("nginx", block.file, block.line);
      site.names = block.names;
      for (const Block::Listen& listen : block.listen)
        if (everywhere || sockets.at(socket_of(listen.text)).tls) site.listen.push_back(listen.text);
      const bool tls = everywhere || !site.listen.empty();
      if (!tls && own) {
        site.reason = Reason{"tls_off", {{"setting", "listen ... ssl;"}}};
        for (const Block::Listen& listen : block.listen) site.listen.push_back(listen.text);
      }
      if ((!tls && !own) || (tls && block.rejects.value_or(false))) continue;
      if (block.certificates.empty()) take_usual(block, sockets);
      if (block.certificates.empty()) {
        site.reason = Reason{"no_certificate_set", {{"setting", "ssl_certificate"}}};
        out_.sites.push_back(site);
      }
      for (std::size_t i = 0; i < block.certificates.size(); ++i) {
        site.certificate_file = path_of(block.certificates[i]);
        site.key_file = i < block.keys.size() ? path_of(block.keys[i]) : std::string();
        out_.sites.push_back(site);
      }
    }
  }

  std::string base_;
  ConfigFiles& files_;
  ServerConfig& out_;
  IncludeBudget budget_;
};

}  // namespace

ServerConfig read_nginx(const std::string& path, ConfigFiles& files) {
  ServerConfig config;
  Reader(path, files, config);
  return config;
}

}  // namespace chaintier
