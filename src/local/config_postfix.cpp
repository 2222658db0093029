// postfix: main.cf, the services of master.cf that overrule it with "-o", and the tables for SNI.
#include <algorithm>
#include <map>

#include "src/base/text.h"
#include "src/local/config_parts.h"

namespace chaintier {

namespace {

struct Value {
  std::string text;
  std::size_t line = 0;
};
using Values = std::map<std::string, Value>;

constexpr int most_lookups = 1000, deepest_lookup = 8;

// "$name", "${name}" and "$(name)", as deep and as many as somebody reasonable writes.
std::string filled(const Values& values, const std::string& text, int& lookups, int depth) {
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] != '$' || depth > deepest_lookup || result.size() > 4096 || lookups <= 0) {
      result += text[i++];
      continue;
    }
    std::size_t begin = i + 1;
    const char open = begin < text.size() ? text[begin] : '\0';
    const bool bracketed = open == '{' || open == '(';
    if (bracketed) ++begin;
    std::size_t end = begin;
    while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) || text[end] == '_'))
      ++end;
    const auto known = values.find(text.substr(begin, end - begin));
    if (known == values.end()) {
      result += text[i++];
      continue;
    }
    result += filled(values, known->second.text, --lookups, depth + 1);
    i = bracketed && end < text.size() ? end + 1 : end;
  }
  return result;
}

// Lines without comments; one that begins with a blank goes on with the one before.
std::vector<std::pair<std::string, std::size_t>> logical_lines(std::string_view text) {
  std::vector<std::pair<std::string, std::size_t>> lines;
  std::size_t number = 0;
  for (const std::string_view line : split(text, '\n')) {
    ++number;
    if (trimmed(line).empty() || trimmed(line).starts_with('#')) continue;
    if (line.front() != ' ' && line.front() != '\t')
      lines.emplace_back(trimmed(line), number);
    else if (!lines.empty())
      lines.back().first.append(" ").append(trimmed(line));
  }
  return lines;
}

std::vector<std::string> list_of(std::string text) {
  std::ranges::replace(text, ',', ' ');
  return config_words(text);
}

bool says_yes(const std::string& value) { return lower_ascii(value) == "yes"; }

class Reader {
 public:
  Reader(const std::string& path, ConfigFiles& files, ServerConfig& out)
      : path_(path), folder_(parent_folder(path)), files_(files), out_(out) {
    const auto text = files.read(path);
    if (!text) {
      out.reason = Reason{"config_absent", {{"file", path}}};
      return;
    }
    main_["config_directory"] = {folder_, 0};
    for (const auto& [line, number] : logical_lines(text->text()))
      if (auto [key, value] = key_and_value(line); !key.empty()) main_[key] = {std::move(value), number};
    // The programs run in the queue's folder, and relative paths start there.
    queue_ = value(main_, "queue_directory");
    if (!queue_.starts_with('/')) queue_ = "/var/spool/postfix";
    services();
  }

 private:
  struct Place {
    std::string file;
    std::size_t line = 0;
    std::vector<std::string> listen;
  };

  static std::string value(const Values& values, const std::string& name) {
    const auto found = values.find(name);
    int lookups = most_lookups;
    std::string result =
        found == values.end() ? std::string() : filled(values, found->second.text, lookups, 0);
    return result == "none" ? std::string() : result;
  }

  // The level, where it is set, overrules the settings of before.
  static bool speaks_tls(const Values& values) {
    if (says_yes(value(values, "smtpd_tls_wrappermode"))) return true;
    const auto level = values.find("smtpd_tls_security_level");
    if (level != values.end() && !level->second.text.empty())
      return !value(values, "smtpd_tls_security_level").empty();
    return says_yes(value(values, "smtpd_use_tls")) || says_yes(value(values, "smtpd_enforce_tls"));
  }

  // Services that use main.cf as it stands are one site, each other one a site of its own.
  void services() {
    const std::string path = below(folder_, "master.cf");
    const auto text = files_.read(path);
    Place plain{path_, 0, {}};
    bool any = false;
    std::string screened;  // where postscreen listens, which hands its connections to the "pass" service
    if (text)
      for (const auto& [line, number] : logical_lines(text->text()))
        if (const auto words = config_words(line);
            words.size() >= 8 && words[1] == "inet" && words[7] == "postscreen")
          screened = words[0];
    if (text)
      for (const auto& [line, number] : logical_lines(text->text())) {
        auto words = config_words(line);
        if (words.size() < 8 || words[7] != "smtpd" || (words[1] != "inet" && words[1] != "pass")) continue;
        const bool passed = words[1] == "pass";
        if (passed && screened.empty()) continue;
        const std::string name = passed ? screened : words[0];
        Values own = overruled(words);
        Values all = own;
        all.insert(main_.begin(), main_.end());
        any = any || speaks_tls(all);
        if (!speaks_tls(all)) continue;
        const bool differs = std::ranges::any_of(own, [](const auto& one) {
          return one.first.find("cert_file") != std::string::npos ||
                 one.first.find("key_file") != std::string::npos || one.first == "smtpd_tls_chain_files" ||
                 one.first == "smtpd_tls_CAfile" || one.first == "tls_server_sni_maps";
        });
        if (differs)
          emit(all, {path, number, {name}});
        else
          plain.listen.push_back(name);
      }
    const bool used = !plain.listen.empty() || (!text && speaks_tls(main_));
    if (used || !any) emit(main_, plain);
    if (!any && !used)
      for (ServerSite& site : out_.sites)
        site.reason = Reason{"tls_off", {{"setting", "smtpd_tls_security_level = may"}}};
  }

  // "-o name=value" and "-o { name = value }".
  static Values overruled(const std::vector<std::string>& words) {
    Values own;
    for (std::size_t i = 8; i + 1 < words.size(); ++i) {
      if (words[i] != "-o") continue;
      std::string setting = words[++i];
      if (setting.starts_with('{')) {
        while (!setting.ends_with('}') && ++i < words.size()) setting += " " + words[i];
        setting.erase(0, 1);
        if (setting.ends_with('}')) setting.pop_back();
      }
      if (auto [key, value] = key_and_value(setting); !key.empty()) own[key] = {std::move(value), 0};
    }
    return own;
  }

  void emit(const Values& values, const Place& place) {
    const auto line_of = [&](const std::string& setting) {
      const auto found = values.find(setting);
      return place.line == 0 && found != values.end() ? found->second.line : place.line;
    };
    sni_tables(values, place);
    // It overrules the settings of before.
    if (const std::string list = value(values, "smtpd_tls_chain_files"); !list.empty())
      return chain_files(values, list_of(list), line_of("smtpd_tls_chain_files"), place, {});
    bool any = false;
    for (const char* type : {"", "ec", "d"}) {
      const std::string setting = std::string("smtpd_tls_") + type + "cert_file";
      const std::string certificate = value(values, setting);
      if (certificate.empty()) continue;
      any = true;
      add(values, line_of(setting), place, {}, certificate,
          value(values, std::string("smtpd_tls_") + type + "key_file"));
    }
    // "none" is meant: TLS without a certificate, for clients that ask for none.
    const auto meant = values.find("smtpd_tls_cert_file");
    if (any || !speaks_tls(values) || (meant != values.end() && meant->second.text == "none")) return;
    ServerSite site = new_site("postfix", place.file, line_of("smtpd_tls_security_level"));
    site.listen = place.listen;
    site.reason = Reason{"no_certificate_set", {{"setting", "smtpd_tls_cert_file"}}};
    out_.sites.push_back(std::move(site));
  }

  // A key, its certificate and what follows that, in one file or in several, then the next key.
  void chain_files(const Values& values, const std::vector<std::string>& paths, std::size_t line,
                   const Place& place, const std::string& name) {
    std::string key;
    for (const std::string& path : paths) {
      const auto content = files_.read(below(queue_, path));
      const bool has_key = content && content->text().find("PRIVATE KEY-----") != std::string_view::npos;
      const bool has_certificate =
          content && content->text().find("CERTIFICATE-----") != std::string_view::npos;
      // What cannot be read is taken for what stands at its place usually.
      if (content ? has_key && !has_certificate : key.empty() && &path != &paths.back()) {
        key = path;
        continue;
      }
      add(values, line, place, name, path, has_key ? std::string() : key);
      key.clear();
    }
    if (!key.empty()) add(values, line, place, name, key, {});  // a key without anything
  }

  // The text that postmap made the table of: "name key.pem, chain.pem".
  void sni_tables(const Values& values, const Place& place) {
    for (const std::string& table : list_of(value(values, "tls_server_sni_maps"))) {
      const std::size_t colon = table.find(':');
      if (colon == std::string::npos) continue;
      std::string name_of_it = table.substr(colon + 1);
      if (table.starts_with("proxy:")) name_of_it.erase(0, name_of_it.find(':') + 1);
      const std::string path = below(queue_, name_of_it);
      const auto text = files_.read(path);
      if (!text) {
        include_missing(out_, "postfix", place.file, place.line, path);
        continue;
      }
      for (const auto& [line, number] : logical_lines(text->text())) {
        auto words = list_of(line);
        if (words.size() < 2) continue;
        const std::string name = words.front();
        words.erase(words.begin());
        chain_files(values, words, number, {path, number, place.listen}, name);
      }
    }
  }

  void add(const Values& values, std::size_t line, const Place& place, const std::string& sni,
           const std::string& certificate, const std::string& key) {
    ServerSite site = new_site("postfix", place.file, line);
    site.listen = place.listen;
    const std::string name = sni.empty() ? value(values, "myhostname") : sni;
    if (!name.empty()) site.names.push_back(name);
    site.certificate_file = below(queue_, certificate);
    site.key_file = below(queue_, key);
    if (const std::string more = value(values, "smtpd_tls_CAfile"); !more.empty())
      site.completed_from.push_back(below(queue_, more));
    out_.sites.push_back(std::move(site));
  }

  std::string path_, folder_, queue_;
  ConfigFiles& files_;
  ServerConfig& out_;
  Values main_;
};

}  // namespace

ServerConfig read_postfix(const std::string& path, ConfigFiles& files) {
  ServerConfig config;
  Reader(path, files, config);
  return config;
}

}  // namespace chaintier
