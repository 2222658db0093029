// stunnel, postfix and dovecot: names and values.
#include <algorithm>
#include <map>

#include "src/base/text.h"
#include "src/local/config_parts.h"

namespace chaintier {

namespace {

void read_stunnel_file(const std::string& path, ConfigFiles& files, ServerConfig& out) {
  const auto text = files.read(path);
  if (!text) return;
  std::map<std::string, std::string> global, service;
  std::size_t line_of_service = 1;
  bool in_service = false;
  std::string name;
  const auto finish = [&] {
    const auto value = [&](const std::string& key) {
      const auto own = service.find(key);
      if (own != service.end()) return own->second;
      const auto outer = global.find(key);
      return outer == global.end() ? std::string() : outer->second;
    };
    // A client's certificate is for somebody else to look at.
    if (in_service && lower_ascii(value("client")) != "yes" && !value("cert").empty()) {
      ServerSite site = new_site("stunnel", path, line_of_service);
      if (!value("accept").empty()) site.listen.push_back(value("accept"));
      // "sni = SERVICE:NAME" answers for that name only.
      const std::string sni = value("sni");
      if (const std::size_t colon = sni.find(':'); colon != std::string::npos)
        site.names.push_back(sni.substr(colon + 1));
      site.certificate_file = below(parent_folder(path), value("cert"));
      if (!value("key").empty()) site.key_file = below(parent_folder(path), value("key"));
      out.sites.push_back(std::move(site));
    }
    service.clear();
  };
  for (const ConfigLine& line : ConfigLines(text->text())) {
    const std::string_view content = trimmed(line.text);
    if (content.starts_with(';')) continue;
    if (content.starts_with('[')) {
      finish();
      in_service = true;
      line_of_service = line.number;
      continue;
    }
    auto [key, value] = key_and_value(content);
    if (!key.empty()) (in_service ? service : global)[lower_ascii(key)] = std::move(value);
  }
  finish();
}

struct PostfixValue {
  std::string text;
  std::size_t line = 0;
};
using PostfixValues = std::map<std::string, PostfixValue>;

// "$name", "${name}" and "$(name)", as deep as somebody reasonable nests them.
std::string filled(const PostfixValues& values, const std::string& text, int depth = 0) {
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] != '$' || depth > 8 || result.size() > 4096) {
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
    result += filled(values, known->second.text, depth + 1);
    i = bracketed && end < text.size() ? end + 1 : end;
  }
  return result;
}

PostfixValues postfix_values(std::string_view text) {
  PostfixValues values;
  std::string* last = nullptr;
  std::size_t number = 0;
  for (std::string_view line : split(text, '\n')) {
    ++number;
    if (trimmed(line).empty() || trimmed(line).starts_with('#')) continue;
    if (line.front() == ' ' || line.front() == '\t') {
      if (last) last->append(" ").append(trimmed(line));
      continue;
    }
    auto [key, value] = key_and_value(line);
    if (key.empty()) continue;
    PostfixValue& entry = values[key];
    entry = {std::move(value), number};
    last = &entry.text;
  }
  return values;
}

struct DovecotScope {
  std::string file;  // where the certificate, or the block around it, is named
  std::size_t line = 1;
  std::string certificate, key;
  std::vector<std::string> names;
  bool own = false;
};

class DovecotReader {
 public:
  DovecotReader(const std::string& path, ConfigFiles& files, ServerConfig& out) : files_(files), out_(out) {
    scopes_.push_back({});
    if (!file(path)) out_.reason = Reason{"config_absent", {{"file", path}}};
    while (!scopes_.empty()) close();
  }

 private:
  bool file(const std::string& path) {
    return each_line(path, files_, budget_, [&](const ConfigLine& one) { line(one, path); });
  }

  void line(const ConfigLine& line, const std::string& path) {
    const std::string_view content = trimmed(line.text);
    if (content == "}") {
      if (scopes_.size() > 1) close();
    } else if (content.ends_with('{')) {
      if (scopes_.size() > 64) return;
      DovecotScope scope = scopes_.back();
      scope.own = false;
      scope.file = path;
      scope.line = line.number;
      const auto words = config_words(content.substr(0, content.size() - 1));
      if (words.size() > 1 && words[0] == "local_name") scope.names = {words[1]};
      scopes_.push_back(std::move(scope));
    } else if (content.starts_with("!include")) {
      const auto words = config_words(content);
      if (words.size() > 1 && !words[1].empty())
        for (const std::string& found : files_.matching(below(parent_folder(path), words[1]))) file(found);
    } else {
      assign(content, path, line.number);
    }
  }

  void assign(std::string_view content, const std::string& path, std::size_t number) {
    auto [key, value] = key_and_value(content);
    if (value.starts_with('<')) value = std::string(trimmed(std::string_view(value).substr(1)));
    DovecotScope& scope = scopes_.back();
    if (value.empty()) return;
    if (key == "ssl_cert" || key == "ssl_server_cert_file") {
      scope.certificate = below(parent_folder(path), value);
      scope.own = true;
      if (scopes_.size() == 1) {
        scope.file = path;
        scope.line = number;
      }
    } else if (key == "ssl_key" || key == "ssl_server_key_file") {
      scope.key = below(parent_folder(path), value);
    }
  }

  void close() {
    const DovecotScope& scope = scopes_.back();
    if (scope.own) {
      ServerSite site = new_site("dovecot", scope.file, scope.line);
      site.names = scope.names;
      site.certificate_file = scope.certificate;
      site.key_file = scope.key;
      out_.sites.push_back(std::move(site));
    }
    scopes_.pop_back();
  }

  ConfigFiles& files_;
  ServerConfig& out_;
  IncludeBudget budget_;
  std::vector<DovecotScope> scopes_;
};

}  // namespace

ServerConfig read_stunnel(const std::string& path, ConfigFiles& files) {
  ServerConfig config;
  if (const auto inside = files.folder(path)) {
    for (const std::string& name : *inside)
      if (name.ends_with(".conf")) read_stunnel_file(below(path, name), files, config);
    return config;
  }
  if (!files.read(path)) config.reason = Reason{"config_absent", {{"file", path}}};
  read_stunnel_file(path, files, config);
  return config;
}

ServerConfig read_postfix(const std::string& path, ConfigFiles& files) {
  ServerConfig config;
  const auto text = files.read(path);
  if (!text) {
    config.reason = Reason{"config_absent", {{"file", path}}};
    return config;
  }
  const PostfixValues values = postfix_values(text->text());
  const auto value = [&](const std::string& name) {
    const auto found = values.find(name);
    std::string result = found == values.end() ? std::string() : filled(values, found->second.text);
    return result == "none" ? std::string() : result;
  };
  const auto add = [&](const std::string& setting, const std::string& certificate, const std::string& key) {
    ServerSite site = new_site("postfix", path, values.at(setting).line);
    if (const std::string name = value("myhostname"); !name.empty()) site.names.push_back(name);
    site.certificate_file = below(parent_folder(path), certificate);
    site.key_file = below(parent_folder(path), key);
    config.sites.push_back(std::move(site));
  };
  // Key first, then its chain, file after file; it overrules the settings of before.
  if (std::string list = value("smtpd_tls_chain_files"); !list.empty()) {
    std::ranges::replace(list, ',', ' ');
    const auto words = config_words(list);
    if (words.size() == 2)
      add("smtpd_tls_chain_files", words[1], words[0]);
    else
      for (const std::string& word : words) add("smtpd_tls_chain_files", word, {});
    return config;
  }
  for (const char* type : {"", "ec"}) {
    const std::string setting = std::string("smtpd_tls_") + type + "cert_file";
    const std::string certificate = value(setting);
    if (!certificate.empty()) add(setting, certificate, value(std::string("smtpd_tls_") + type + "key_file"));
  }
  return config;
}

ServerConfig read_dovecot(const std::string& path, ConfigFiles& files) {
  ServerConfig config;
  DovecotReader(path, files, config);
  return config;
}

}  // namespace chaintier
