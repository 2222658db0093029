// What the configuration readers share, for config_*.cpp only.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "src/local/server_config.h"

namespace chaintier {

std::string parent_folder(std::string_view path);
// `path` as it stands when it is absolute, else below `base`.
std::string below(std::string_view base, std::string_view path);

// Files that include others, in circles if somebody wants it: how many more may be read.
class IncludeBudget {
 public:
  // False for a file that is being read already, too deep, or beyond the limits.
  bool enter(const std::string& path);
  void leave(const std::string& path);

 private:
  std::multiset<std::string> open_;
  std::size_t read_ = 0;
};

// Words of a line: blanks separate, quotes hold together, a backslash takes the next character as it is (or
// only a quote and another backslash, for those who write paths of Windows), and # begins a comment.
enum class Backslash { takes_all, takes_quotes };
std::vector<std::string> config_words(std::string_view line, Backslash backslash = Backslash::takes_all);

// "key = value" without the blanks; an empty key when there is no "=".
std::pair<std::string, std::string> key_and_value(std::string_view line);

struct ConfigLine {
  std::string_view text;  // within the lines that it came with
  std::size_t number = 0;
};
// Lines without comment lines; a line that ends with a backslash goes on in the next one.
class ConfigLines {
 public:
  explicit ConfigLines(std::string_view text);
  std::vector<ConfigLine>::const_iterator begin() const { return lines_.begin(); }
  std::vector<ConfigLine>::const_iterator end() const { return lines_.end(); }

 private:
  Secret text_;
  std::vector<ConfigLine> lines_;
};

// Those of a file, which may name further files while they are gone through. False when it cannot be read or
// the budget is used up.
bool each_line(const std::string& path, ConfigFiles& files, IncludeBudget& budget,
               const std::function<void(const ConfigLine&)>& take);

bool is_pattern(std::string_view path);  // of a shell

// A place that names a file which is not there: said as a site of its own that could not be read.
void include_missing(ServerConfig& config, std::string_view kind, const std::string& file, std::size_t line,
                     const std::string& included);

ServerSite new_site(std::string_view kind, const std::string& file, std::size_t line);

ServerConfig read_nginx(const std::string& path, ConfigFiles& files);
ServerConfig read_apache(const std::string& path, ConfigFiles& files);
ServerConfig read_haproxy(const std::string& path, ConfigFiles& files);
ServerConfig read_tomcat(const std::string& path, ConfigFiles& files);
ServerConfig read_lighttpd(const std::string& path, ConfigFiles& files);
ServerConfig read_stunnel(const std::string& path, ConfigFiles& files);
ServerConfig read_postfix(const std::string& path, ConfigFiles& files);
ServerConfig read_dovecot(const std::string& path, ConfigFiles& files);

}  // namespace chaintier
