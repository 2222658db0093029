// Apache httpd: SSLCertificateFile and its kin by virtual host, inherited from the main server.
#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "src/base/text.h"
#include "src/local/config_parts.h"

namespace chaintier {

namespace {

struct Host {
  std::string file;
  std::size_t line = 0;
  std::vector<std::string> certificates, keys, aliases, listen;
  std::string name, chain;
  std::vector<std::string> completed_from;
  std::optional<bool> engine;
  std::size_t conditions = 0;  // around it, that are decided when the server starts
  std::string condition;
  bool perhaps_tls = false;  // one within it says something of TLS
};

std::pair<std::string, std::string> address_and_port(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || text.ends_with(']'))
    return text.find_first_not_of("0123456789") == std::string::npos ? std::pair(std::string(), text)
                                                                     : std::pair(text, std::string());
  return {text.substr(0, colon), text.substr(colon + 1)};
}

// The address of "Listen" or of a host, and its port; all ways to say "any address" are one.
std::string socket_of(const std::string& text) {
  auto [address, port] = address_and_port(text);
  static constexpr std::array any{"", "*", "0.0.0.0", "[::]", "_default_"};
  if (std::ranges::find(any, lower_ascii(address)) != any.end()) address = "*";
  return address + ":" + port;
}

// What "<IfVersion ...>" says of a late 2.4, which every maintained server is.
bool holds_for_2_4(const std::vector<std::string>& words) {
  std::string sign = words.size() > 2 ? words[1] : "=";
  const bool negated = sign.starts_with('!');
  if (negated) sign.erase(0, 1);
  const int asked = words.back().compare(0, 3, "2.4");
  const bool holds = sign.starts_with('>') ? asked <= 0 : sign.starts_with('<') ? asked > 0 : asked == 0;
  return (holds || sign == "~") != negated;
}

// mod_macro: text with parameters, put in where "Use" names it.
struct Macro {
  std::vector<std::string> parameters, lines;
};

constexpr std::size_t most_macro_lines = 20'000, deepest_macro = 8;
constexpr int deepest_folder = 8;

class Reader {
 public:
  Reader(const std::string& path, ConfigFiles& files, ServerConfig& out)
      : root_(parent_folder(path)), files_(files), out_(out) {
    main_.file = path;
    main_.line = 1;
    // Red Hat keeps the main file in a folder of its own below the server's root.
    if (root_.ends_with("/conf")) root_ = parent_folder(root_);
    if (!file(path)) {
      out_.reason = Reason{"config_absent", {{"file", path}}};
      return;
    }
    if (main_.engine.value_or(false)) {
      emit(main_);
    } else if (hosts_.empty() && !main_.certificates.empty()) {
      main_.engine = true;
      emit(main_, true);
    }
    for (Host host : hosts_) {
      const bool own = !host.certificates.empty();
      inherit(host.certificates, main_.certificates);
      inherit(host.keys, main_.keys);
      if (host.chain.empty()) host.chain = main_.chain;
      if (host.completed_from.empty()) host.completed_from = main_.completed_from;
      if (!host.engine) host.engine = main_.engine;
      if (!host.engine && !host.certificates.empty()) host.engine = speaks_https(host);
      const bool off = own && !host.engine.value_or(false);
      if (off) host.engine = true;
      emit(host, off);
    }
  }

 private:
  // The first of the host's own takes the place of the first of the main server's, and so on.
  static void inherit(std::vector<std::string>& own, const std::vector<std::string>& outer) {
    for (std::size_t i = own.size(); i < outer.size(); ++i) own.push_back(outer[i]);
  }

  // Without SSLEngine, what "Listen" says of the same address and port counts.
  bool speaks_https(const Host& host) const {
    if (!listens_) return true;  // a part of a configuration
    return std::ranges::any_of(host.listen,
                               [&](const std::string& text) { return https_.contains(socket_of(text)); });
  }

  bool file(const std::string& path) {
    std::size_t hidden = 0;  // depth of sections whose condition does not hold
    return each_line(path, files_, budget_, [&](const ConfigLine& one) { line(one, path, hidden); });
  }

  void line(const ConfigLine& line, const std::string& path, std::size_t& hidden) {
    std::string content(trimmed(line.text));
    if (open_macro_) {
      if (lower_ascii(content).starts_with("</macro"))
        open_macro_ = nullptr;
      else if (++macro_lines_ < most_macro_lines)
        open_macro_->lines.push_back(std::move(content));
      return;
    }
    if (content.starts_with("</")) {
      if (hidden > 0)
        --hidden;
      else if (lower_ascii(content).starts_with("</ifdefine"))
        end_condition();
      else if (lower_ascii(content).starts_with("</virtualhost"))
        inside_ = false;
      return;
    }
    const bool section = content.starts_with('<');
    if (section) {
      content.erase(0, 1);
      if (content.ends_with('>')) content.pop_back();
    }
    std::vector<std::string> words = config_words(content, Backslash::takes_quotes);
    if (words.empty()) return;
    if (lower_ascii(words.front()) != "macro")
      for (std::string& word : words) word = filled(word);
    const std::string name = lower_ascii(words.front());
    if (section && name == "macro" && words.size() > 1 && hidden == 0) {
      open_macro_ = &macros_[lower_ascii(words[1])];
      *open_macro_ = {{words.begin() + 2, words.end()}, {}};
      return;
    }
    if (section) {
      if (hidden == 0 && name == "ifdefine" && words.size() > 1)
        // What is defined may come from the command line too.
        begin_condition(holds(name, words), "IfDefine " + words[1]);
      else if (hidden > 0 || !holds(name, words))
        ++hidden;
      else if (name == "virtualhost")
        begin_host(words, path, line.number);
      return;
    }
    if (hidden > 0) return;
    if (name == "use" && words.size() > 1)
      use(words, path, line.number);
    else
      directive(name, words, path, line.number);
  }

  // Modules are taken as loaded; only what is said to be defined is.
  bool holds(const std::string& name, const std::vector<std::string>& words) const {
    if (words.size() < 2) return true;
    const bool negated = words[1].starts_with('!');
    if (name == "ifmodule" || name == "ifdirective" || name == "ifsection") return !negated;
    if (name == "ifversion") return holds_for_2_4(words);
    if (name == "ifdefine") return defined_.contains(negated ? words[1].substr(1) : words[1]) != negated;
    if (name == "iffile")
      return files_.matching(below(root_, words[1].substr(negated ? 1 : 0))).empty() == negated;
    return true;
  }

  // What comes out is found where the macro is used: that is the line that differs from site to site.
  void use(const std::vector<std::string>& words, const std::string& path, std::size_t number) {
    const auto found = macros_.find(lower_ascii(words[1]));
    if (found == macros_.end() || words.size() - 2 < found->second.parameters.size() ||
        macro_depth_ >= deepest_macro) {
      ServerSite site = new_site("apache", path, number);
      site.reason = Reason{"macro", {{"name", words[1]}}};
      out_.sites.push_back(std::move(site));
      return;
    }
    ++macro_depth_;
    const Macro macro = found->second;  // it may be defined anew while it is used
    std::size_t hidden = 0;
    for (const std::string& text : macro.lines) {
      if (++macro_lines_ > most_macro_lines) break;
      const std::string line_text = with_arguments(text, macro.parameters, words);
      line({line_text, number}, path, hidden);
    }
    --macro_depth_;
  }

  // The longest parameter that fits first, as mod_macro does it.
  static std::string with_arguments(const std::string& text, const std::vector<std::string>& parameters,
                                    const std::vector<std::string>& words) {
    std::string result;
    for (std::size_t i = 0; i < text.size() && result.size() < 8192;) {
      std::size_t best = parameters.size();
      for (std::size_t k = 0; k < parameters.size(); ++k)
        if (!parameters[k].empty() && text.compare(i, parameters[k].size(), parameters[k]) == 0 &&
            (best == parameters.size() || parameters[k].size() > parameters[best].size()))
          best = k;
      if (best == parameters.size()) {
        result += text[i++];
        continue;
      }
      result += words[best + 2];
      i += parameters[best].size();
    }
    return result;
  }

  void begin_host(const std::vector<std::string>& words, const std::string& path, std::size_t number) {
    Host host;
    host.file = path;
    host.line = number;
    host.listen.assign(words.begin() + 1, words.end());
    host.conditions = unknown_;
    if (unknown_ > 0) host.condition = condition_;
    hosts_.push_back(std::move(host));
    inside_ = true;
  }

  void begin_condition(bool holds, std::string text) {
    if (!holds && ++unknown_ == 1) condition_ = std::move(text);
    conditions_.push_back(holds);
  }
  void end_condition() {
    if (conditions_.empty()) return;
    if (!conditions_.back()) --unknown_;
    conditions_.pop_back();
  }

  void directive(const std::string& name, const std::vector<std::string>& words, const std::string& path,
                 std::size_t number) {
    if (words.size() < 2) return;
    Host& host = inside_ ? hosts_.back() : main_;
    const bool includes = name == "include" || name == "includeoptional";
    if (unknown_ > host.conditions && !includes) {
      // What it says of TLS may hold or not; the rest does not matter here.
      if (!name.starts_with("ssl")) return;
      if (host.condition.empty()) host.condition = condition_;
      host.perhaps_tls = true;
      return;
    }
    if (name == "listen")
      listen(words);
    else if (name == "mdomain" || name == "mdomainset")
      managed_ = true;
    else if (name == "serverroot" && !inside_)
      root_ = words[1];
    else if (name == "define")
      defined_[words[1]] = words.size() > 2 ? words[2] : "";
    else if (includes)
      include(words[1], name == "include", path, number);
    else if (name == "servername")
      host.name = plain_name(words[1]);
    else if (name == "serveralias")
      host.aliases.insert(host.aliases.end(), words.begin() + 1, words.end());
    else if (name == "sslengine")
      host.engine = lower_ascii(words[1]) != "off";
    else if (name == "sslcertificatefile")
      host.certificates.push_back(below(root_, words[1]));
    else if (name == "sslcertificatekeyfile")
      host.keys.push_back(below(root_, words[1]));
    else if (name == "sslcertificatechainfile")
      host.chain = below(root_, words[1]);
    else if (name == "sslcacertificatefile")
      host.completed_from = {below(root_, words[1])};
  }

  void listen(const std::vector<std::string>& words) {
    listens_ = true;
    // The protocol is https where it is said, or at port 443.
    const bool https =
        words.size() > 2 ? lower_ascii(words[2]) == "https" : address_and_port(words[1]).second == "443";
    if (https) https_.insert(socket_of(words[1]));
  }

  // "https://name:443" is allowed.
  static std::string plain_name(std::string name) {
    if (const std::size_t scheme = name.find("://"); scheme != std::string::npos) name.erase(0, scheme + 3);
    if (const std::size_t colon = name.find(':'); colon != std::string::npos) name.resize(colon);
    return name;
  }

  void include(const std::string& pattern, bool needed, const std::string& from, std::size_t number) {
    const auto found = files_.matching(below(root_, pattern));
    if (found.empty() && needed) include_missing(out_, "apache", from, number, below(root_, pattern));
    for (const std::string& path : found) included(path, from, number, 0);
  }

  // A folder stands for all that is in it, and in its folders.
  void included(const std::string& path, const std::string& from, std::size_t number, int depth) {
    if (const auto inside = files_.folder(path)) {
      if (depth < deepest_folder)
        for (const std::string& name : *inside) included(below(path, name), from, number, depth + 1);
    } else if (!file(path) && !files_.read(path)) {
      include_missing(out_, "apache", from, number, path);
    }
  }

  // "${name}" of Define; what is not known stays as it is.
  std::string filled(const std::string& word) const {
    std::string result;
    for (std::size_t i = 0; i < word.size();) {
      const std::size_t end = word.compare(i, 2, "${") == 0 ? word.find('}', i) : std::string::npos;
      const auto known =
          end == std::string::npos ? defined_.end() : defined_.find(word.substr(i + 2, end - i - 2));
      if (known == defined_.end()) {
        result += word[i++];
        continue;
      }
      result += known->second;
      i = end + 1;
    }
    return result;
  }

  void emit(const Host& host, bool off = false) {
    if (!host.engine.value_or(false) && !host.perhaps_tls) return;
    ServerSite site = new_site("apache", host.file, host.line);
    const Host& named = host.name.empty() && host.aliases.empty() ? main_ : host;
    if (!named.name.empty()) site.names.push_back(named.name);
    site.names.insert(site.names.end(), named.aliases.begin(), named.aliases.end());
    site.listen = host.listen;
    site.chain_file = host.chain;
    site.completed_from = host.completed_from;
    if (off) site.reason = Reason{"tls_off", {{"setting", "SSLEngine on"}}};
    if (!host.condition.empty()) site.reason = Reason{"condition", {{"condition", host.condition}}};
    if (host.certificates.empty() && !site.reason)
      site.reason = managed_ ? Reason{"managed", {}}
                             : Reason{"no_certificate_set", {{"setting", "SSLCertificateFile"}}};
    if (host.certificates.empty()) out_.sites.push_back(site);
    for (std::size_t i = 0; i < host.certificates.size(); ++i) {
      site.certificate_file = host.certificates[i];
      site.key_file = i < host.keys.size() ? host.keys[i] : std::string();
      out_.sites.push_back(site);
    }
  }

  std::string root_;
  ConfigFiles& files_;
  ServerConfig& out_;
  IncludeBudget budget_;
  Host main_;
  std::vector<Host> hosts_;
  bool listens_ = false;
  std::set<std::string> https_;   // where Listen says so
  std::vector<bool> conditions_;  // of the open IfDefine sections: does it hold by the files?
  std::size_t unknown_ = 0;       // of those, the ones that do not
  std::string condition_;         // the outermost one
  bool inside_ = false, managed_ = false;
  std::map<std::string, std::string> defined_;
  std::map<std::string, Macro> macros_;
  Macro* open_macro_ = nullptr;  // being read
  std::size_t macro_lines_ = 0, macro_depth_ = 0;
};

}  // namespace

ServerConfig read_apache(const std::string& path, ConfigFiles& files) {
  ServerConfig config;
  Reader(path, files, config);
  return config;
}

}  // namespace chaintier
