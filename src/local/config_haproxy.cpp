// haproxy: "crt" and "crt-list" of bind lines, and the crt-store of 3.0; a folder stands for every file in
// it.
#include <algorithm>
#include <array>
#include <map>
#include <span>

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
    for (ServerSite& site : out_.sites) site.completed_from = issuers_;
  }

 private:
  bool file(const std::string& path) {
    front_ = store_ = false;
    conditions_.clear();
    file_ = path;
    return each_line(path, files_, budget_, [&](const ConfigLine& line) { this->line(line, path); });
  }

  void line(const ConfigLine& line, const std::string& path) {
    const auto words = config_words(line.text);
    if (words.empty()) return;
    const std::string& name = words.front();
    if (name.starts_with('.')) return condition(name, words);
    static constexpr std::array sections{"global", "defaults",  "frontend", "backend", "listen", "userlist",
                                         "peers",  "resolvers", "cache",    "program", "ring",   "crt-store"};
    if (std::ranges::find(sections, name) != sections.end()) {
      front_ = name == "frontend" || name == "listen";
      store_ = name == "crt-store";
      if (store_) {
        store_name_ = "@" + (words.size() > 1 ? words[1] : std::string()) + "/";
        store_base_ = base_;
        store_key_base_ = key_base_;
      }
      return;
    }
    if (name == "ssl-load-extra-del-ext") short_names_ = true;
    if (words.size() < 2) return;
    if (name == "crt-base")
      (store_ ? store_base_ : base_) = words[1];
    else if (name == "key-base")
      (store_ ? store_key_base_ : key_base_) = words[1];
    else if (name == "default-path")
      default_path(words);
    else if (name == "issuers-chain-path")
      issuers(below(start_, words[1]));
    else if (name == "load" && store_)
      load(words);
    else if (name == "bind" && front_)
      bind(words, path, line.number);
  }

  // ".if" and its kin: decided by the program when it starts.
  void condition(const std::string& name, const std::vector<std::string>& words) {
    std::string text = words.front();
    for (const std::string& word : std::span(words).subspan(1)) text += " " + word;
    if (name == ".if")
      conditions_.push_back(std::move(text));
    else if ((name == ".elif" || name == ".else") && !conditions_.empty())
      conditions_.back() += ", " + text;
    else if (name == ".endif" && !conditions_.empty())
      conditions_.pop_back();
  }

  // Where relative paths start; where nothing is said, in the folder that the program is started in, which a
  // system's service has at the root.
  void default_path(const std::vector<std::string>& words) {
    if (words[1] == "config") start_ = parent_folder(file_);
    if (words[1] == "parent") start_ = below(parent_folder(file_), "..");
    if (words[1] == "origin" && words.size() > 2) start_ = words[2];
  }

  std::string certificate_path(const std::string& name) const {
    return below(base_.empty() ? start_ : base_, name);
  }

  // Files of a chain each, from which a certificate without one is completed.
  void issuers(const std::string& folder) {
    if (const auto inside = files_.folder(folder))
      for (const std::string& name : *inside)
        if (!name.starts_with('.')) issuers_.push_back(below(folder, name));
  }

  // "load crt FILE [key FILE] [alias NAME]"; named "@store/FILE" or "@store/NAME" elsewhere.
  void load(const std::vector<std::string>& words) {
    Stored stored;
    std::string name, alias;
    for (std::size_t i = 1; i + 1 < words.size(); i += 2) {
      if (words[i] == "crt") {
        name = words[i + 1];
        stored.certificate = below(store_base_.empty() ? start_ : store_base_, name);
      }
      if (words[i] == "key") stored.key = below(store_key_base_, words[i + 1]);
      if (words[i] == "alias") alias = words[i + 1];
    }
    if (name.empty()) return;
    if (!alias.empty()) stored_[store_name_ + alias] = stored;
    stored_[store_name_ + name] = stored;
    stored_[stored.certificate] = stored;
  }

  void bind(const std::vector<std::string>& words, const std::string& path, std::size_t number) {
    ServerSite site = new_site("haproxy", path, number);
    site.listen.push_back(words[1]);
    const bool tls = std::ranges::find(words.begin() + 2, words.end(), "ssl") != words.end();
    if (!tls) site.reason = Reason{"tls_off", {{"setting", "bind ... ssl crt ..."}}};
    if (!conditions_.empty()) site.reason = Reason{"condition", {{"condition", conditions_.back()}}};
    bool any = false;
    for (std::size_t i = 2; i + 1 < words.size(); ++i) {
      if (words[i + 1].empty()) continue;
      const std::string& option = words[i];
      if (option != "crt" && option != "default-crt" && option != "crt-list") continue;
      any = true;
      ++i;
      if (option == "crt-list")
        list(site, below(start_, words[i]));
      else
        certificate(site, words[i]);
    }
    if (any || !tls) return;
    if (!site.reason) site.reason = Reason{"no_certificate_set", {{"setting", "crt"}}};
    out_.sites.push_back(std::move(site));
  }

  void certificate(const ServerSite& site, const std::string& name) {
    const auto found = stored_.find(name.starts_with('@') ? name : certificate_path(name));
    if (found != stored_.end()) {
      ServerSite one = site;
      one.key_file = found->second.key;
      return add(std::move(one), found->second.certificate);
    }
    if (name.starts_with('@')) return include_missing(out_, "haproxy", site.file, site.line, name);
    certificates(site, certificate_path(name));
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
    if (site.key_file.empty() && !holds_key(path)) {
      const bool shortened = short_names_ && path.ends_with(".crt");
      const std::string key = (shortened ? path.substr(0, path.size() - 4) : path) + ".key";
      if (!files_.matching(key).empty()) site.key_file = key;
    }
    out_.sites.push_back(std::move(site));
  }

  // A key beside it is asked for only where there is none in it.
  bool holds_key(const std::string& path) const {
    const auto content = files_.read(path);
    return content && content->text().find("PRIVATE KEY-----") != std::string_view::npos;
  }

  // "path [options] name !name": the names are those that this certificate is chosen for.
  void list(const ServerSite& site, const std::string& path) {
    const bool read = each_line(path, files_, budget_, [&](const ConfigLine& line) {
      std::string content(line.text);
      if (const std::size_t open = content.find('['); open != std::string::npos) {
        const std::size_t close = content.find(']', open);
        content.erase(open, close == std::string::npos ? close : close + 1 - open);
      }
      const auto words = config_words(content);
      if (words.empty()) return;
      ServerSite one = site;
      one.file = path;
      one.line = line.number;
      for (const std::string& name : std::span(words).subspan(1))
        if (!name.starts_with('!')) one.names.push_back(name);
      certificate(one, words.front());
    });
    if (!read) include_missing(out_, "haproxy", site.file, site.line, path);
  }

  ConfigFiles& files_;
  ServerConfig& out_;
  struct Stored {
    std::string certificate, key;
  };

  IncludeBudget budget_;
  bool front_ = false, store_ = false;  // the section at hand
  bool short_names_ = false;            // "site.crt" goes with "site.key"
  std::vector<std::string> conditions_;
  std::string file_, start_ = "/";
  std::string base_, key_base_, store_base_, store_key_base_, store_name_;
  std::map<std::string, Stored> stored_;
  std::vector<std::string> issuers_;
};

}  // namespace

ServerConfig read_haproxy(const std::string& path, ConfigFiles& files) {
  ServerConfig config;
  Reader(path, files, config);
  return config;
}

}  // namespace chaintier
