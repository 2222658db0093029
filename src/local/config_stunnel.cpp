// stunnel: a section a service; what stands before the first is the default of all.
#include <map>

#include "src/base/text.h"
#include "src/local/config_parts.h"

namespace chaintier {

namespace {

using Values = std::map<std::string, std::string>;

class Reader {
 public:
  Reader(ConfigFiles& files, ServerConfig& out) : files_(files), out_(out) {}

  bool file(const std::string& path) {
    return each_line(path, files_, budget_, [&](const ConfigLine& one) { line(one, path); });
  }
  // Without any section the global settings are the service (for inetd).
  void finish() {
    if (!in_service_ && file_.empty() && global_.contains("cert")) emit();
    end_service();
  }

 private:
  void line(const ConfigLine& line, const std::string& path) {
    std::string_view content = line.text;
    if (line.number == 1 && content.starts_with("\xEF\xBB\xBF")) content.remove_prefix(3);
    content = trimmed(content);
    if (content.starts_with(';') || content.starts_with('#')) return;
    if (first_.empty()) first_ = path;
    if (content.starts_with('[')) {
      end_service();
      in_service_ = true;
      file_ = path;
      line_ = line.number;
      return;
    }
    auto [key, value] = key_and_value(content);
    key = lower_ascii(key);
    if (key == "include")
      include(value, path, line.number);
    else if (!key.empty())
      (in_service_ ? service_ : global_)[key] = std::move(value);
  }

  void end_service() {
    if (in_service_) emit();
    in_service_ = false;
    service_.clear();
  }

  // A folder, all of whose files are read in the order of their names.
  void include(const std::string& value, const std::string& path, std::size_t number) {
    const std::string folder = below(parent_folder(path), value);
    const auto inside = files_.folder(folder);
    if (!inside) return include_missing(out_, "stunnel", path, number, folder);
    for (const std::string& name : *inside)
      if (const std::string one = below(folder, name);
          !name.starts_with('.') && !file(one) && !files_.read(one) && !files_.folder(one))
        include_missing(out_, "stunnel", path, number, one);
  }

  std::string value(const std::string& key) const {
    const auto own = service_.find(key);
    if (own != service_.end()) return own->second;
    const auto outer = global_.find(key);
    return outer == global_.end() ? std::string() : outer->second;
  }

  void emit() {
    // A client's certificate is for somebody else to look at.
    if (lower_ascii(value("client")) == "yes") return;
    const bool none = value("cert").empty();
    if (none && (!value("psksecrets").empty() || value("accept").empty())) return;
    if (file_.empty()) file_ = first_;
    const std::string folder = parent_folder(file_);
    ServerSite site = new_site("stunnel", file_, line_);
    if (!value("accept").empty()) site.listen.push_back(value("accept"));
    // "sni = SERVICE:NAME" answers for that name only.
    const std::string sni = value("sni");
    if (const std::size_t colon = sni.find(':'); colon != std::string::npos)
      site.names.push_back(sni.substr(colon + 1));
    if (none) site.reason = Reason{"no_certificate_set", {{"setting", "cert"}}};
    site.certificate_file = below(folder, value("cert"));
    site.key_file = below(folder, value("key"));
    if (!value("cafile").empty()) site.completed_from.push_back(below(folder, value("cafile")));
    out_.sites.push_back(std::move(site));
  }

  ConfigFiles& files_;
  ServerConfig& out_;
  IncludeBudget budget_;
  Values global_, service_;
  std::string first_;
  std::string file_;  // where the service began
  std::size_t line_ = 1;
  bool in_service_ = false;
};

}  // namespace

ServerConfig read_stunnel(const std::string& path, ConfigFiles& files) {
  ServerConfig config;
  const auto inside = files.folder(path);
  std::vector<std::string> paths;
  if (inside) {
    for (const std::string& name : *inside)
      if (name.ends_with(".conf")) paths.push_back(below(path, name));
  } else {
    paths.push_back(path);
  }
  // Each file is a process of its own.
  for (const std::string& one : paths) {
    Reader reader(files, config);
    if (!reader.file(one) && !inside) config.reason = Reason{"config_absent", {{"file", path}}};
    reader.finish();
  }
  return config;
}

}  // namespace chaintier
