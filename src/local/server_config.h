// Configurations of server programs, as far as they say which certificate is used for which name. Own reading
// of the files, so that another machine's copy can be looked at too; nothing is run.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/secret.h"
#include "src/local/local_report.h"

namespace chaintier {

// Where configurations are read from.
struct ConfigFiles {
  virtual ~ConfigFiles() = default;
  // Nothing when it cannot be read. Secret, for passwords of keystores stand in some of them.
  virtual std::optional<Secret> read(const std::string& path) = 0;
  // Existing paths that match a pattern of a shell (* ? [..]), sorted; the path itself where it has none.
  virtual std::vector<std::string> matching(const std::string& pattern) = 0;
  // Names in a folder, sorted, without "." and ".."; nothing when it is none.
  virtual std::optional<std::vector<std::string>> folder(const std::string& path) = 0;
};

struct ServerConfig {
  std::vector<ServerSite> sites;  // not judged yet; paths are made absolute where the configuration is
  std::vector<Secret> passwords;  // of keystores, as the configuration has them
  std::optional<Reason> reason;   // why nothing could be read
};

// Keys and certificates of OpenSSL's engines, providers and stores, and nginx's texts in place of files.
bool is_no_file(std::string_view place);

// "nginx", "apache", "haproxy", "tomcat", "lighttpd", "stunnel", "postfix", "dovecot".
const std::vector<std::string>& server_kinds();
// Where a kind has its main configuration on common systems.
std::vector<std::string> usual_places(std::string_view kind);

// No secret that stands in place of a file name is in the result: a key written out, or the PIN of a PKCS#11
// URI (RFC 7512 2.4), is cut off, and "…" stands for it.
//
// `path` is the main configuration file, or the folder that it lies in; haproxy and stunnel take a folder of
// them.
ServerConfig read_server(std::string_view kind, const std::string& path, ConfigFiles& files);

}  // namespace chaintier
