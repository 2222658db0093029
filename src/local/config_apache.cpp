// Apache httpd: SSLCertificateFile and its kin by virtual host, inherited from the main server.
#include <algorithm>
#include <map>

#include "src/base/text.h"
#include "src/local/config_parts.h"

namespace chaintier {

namespace {

struct Host {
  std::string file;
  std::size_t line = 0;
  std::vector<std::string> certificates, keys, names, listen;
  std::string chain;
  std::optional<bool> engine;
};

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
    if (hosts_.empty() || main_.engine.value_or(false)) emit(main_);
    for (Host host : hosts_) {
      const bool own = !host.certificates.empty();
      if (host.certificates.empty()) host.certificates = main_.certificates;
      if (host.keys.empty() && !own) host.keys = main_.keys;
      if (host.chain.empty()) host.chain = main_.chain;
      if (!host.engine) host.engine = own ? true : main_.engine;
      emit(host);
    }
  }

 private:
  bool file(const std::string& path) {
    std::size_t hidden = 0;  // depth of sections whose condition does not hold
    return each_line(path, files_, budget_, [&](const ConfigLine& one) { line(one, path, hidden); });
  }

  void line(const ConfigLine& line, const std::string& path, std::size_t& hidden) {
    std::string content(trimmed(line.text));
    if (content.starts_with("</")) {
      if (hidden > 0)
        --hidden;
      else if (lower_ascii(content).starts_with("</virtualhost"))
        inside_ = false;
      return;
    }
    const bool section = content.starts_with('<');
    if (section) {
      content.erase(0, 1);
      if (content.ends_with('>')) content.pop_back();
    }
    std::vector<std::string> words = config_words(content);
    if (words.empty()) return;
    for (std::string& word : words) word = filled(word);
    const std::string name = lower_ascii(words.front());
    if (section) {
      if (hidden > 0 || !holds(name, words))
        ++hidden;
      else if (name == "virtualhost")
        begin_host(words, path, line.number);
      return;
    }
    if (hidden == 0) directive(name, words);
  }

  // Modules are taken as loaded; only what is said to be defined is.
  bool holds(const std::string& name, const std::vector<std::string>& words) const {
    if (words.size() < 2) return true;
    const bool negated = words[1].starts_with('!');
    if (name == "ifmodule") return !negated;
    if (name == "ifdefine") return defined_.contains(negated ? words[1].substr(1) : words[1]) != negated;
    return name != "macro";
  }

  void begin_host(const std::vector<std::string>& words, const std::string& path, std::size_t number) {
    Host host;
    host.file = path;
    host.line = number;
    host.listen.assign(words.begin() + 1, words.end());
    hosts_.push_back(std::move(host));
    inside_ = true;
  }

  void directive(const std::string& name, const std::vector<std::string>& words) {
    if (words.size() < 2) return;
    Host& host = inside_ ? hosts_.back() : main_;
    if (name == "serverroot" && !inside_)
      root_ = words[1];
    else if (name == "define")
      defined_[words[1]] = words.size() > 2 ? words[2] : "";
    else if (name == "include" || name == "includeoptional")
      include(words[1]);
    else if (name == "servername")
      host.names.insert(host.names.begin(), plain_name(words[1]));
    else if (name == "serveralias")
      host.names.insert(host.names.end(), words.begin() + 1, words.end());
    else if (name == "sslengine")
      host.engine = lower_ascii(words[1]) != "off";
    else if (name == "sslcertificatefile")
      host.certificates.push_back(below(root_, words[1]));
    else if (name == "sslcertificatekeyfile")
      host.keys.push_back(below(root_, words[1]));
    else if (name == "sslcertificatechainfile")
      host.chain = below(root_, words[1]);
  }

  // "https://name:443" is allowed.
  static std::string plain_name(std::string name) {
    if (const std::size_t scheme = name.find("://"); scheme != std::string::npos) name.erase(0, scheme + 3);
    if (const std::size_t colon = name.find(':'); colon != std::string::npos) name.resize(colon);
    return name;
  }

  void include(const std::string& pattern) {
    for (const std::string& path : files_.matching(below(root_, pattern))) {
      const auto inside = files_.folder(path);
      if (!inside) {
        file(path);
        continue;
      }
      for (const std::string& name : *inside) file(below(path, name));
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

  void emit(const Host& host) {
    if (!host.engine.value_or(false)) return;
    for (std::size_t i = 0; i < host.certificates.size(); ++i) {
      ServerSite site = new_site("apache", host.file, host.line);
      site.names = host.names.empty() ? main_.names : host.names;
      site.listen = host.listen;
      site.certificate_file = host.certificates[i];
      if (i < host.keys.size()) site.key_file = host.keys[i];
      site.chain_file = host.chain;
      out_.sites.push_back(std::move(site));
    }
  }

  std::string root_;
  ConfigFiles& files_;
  ServerConfig& out_;
  IncludeBudget budget_;
  Host main_;
  std::vector<Host> hosts_;
  bool inside_ = false;
  std::map<std::string, std::string> defined_;
};

}  // namespace

ServerConfig read_apache(const std::string& path, ConfigFiles& files) {
  ServerConfig config;
  Reader(path, files, config);
  return config;
}

}  // namespace chaintier
