#include "reports/target_uri.h"

#include <fmt/format.h>

#include "src/base/text.h"

namespace chaintier {

namespace {

// RFC 3986: everything but unreserved characters is escaped, so that any text makes a valid reference.
std::string escaped(std::string_view raw, std::string_view also_kept) {
  std::string result;
  for (const char c : raw) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~").find(c) != std::string_view::npos ||
                       also_kept.find(c) != std::string_view::npos;
    if (plain)
      result += c;
    else
      result += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return result;
}

}  // namespace

std::string file_uri(std::string_view raw) {
  const std::string path = escaped(valid_utf8(raw), "/");
  // SARIF 3.4.3: an absolute path is a file URI; a relative one stays relative.
  return path.starts_with('/') ? "file://" + path : path;
}

std::string target_uri(const TargetReport& target) {
  const Target& asked = target.observation.target;
  const auto& endpoints = target.observation.endpoints;
  if (target.bad_target || (!endpoints.empty() && endpoints.front().role == EndpointRole::file))
    return file_uri(asked.text);
  const std::string scheme(asked.protocol == Protocol::tls ? "https" : id(asked.protocol));
  const bool v6 = asked.host_address && asked.host_address->is_v6();
  const std::string host = v6 ? "[" + asked.host_address->text() + "]" : escaped(valid_utf8(asked.host), "");
  // The same name asked at another address is another artifact.
  const std::string at =
      asked.connect_to ? "?connect=" + escaped(asked.connect_to->text(), ":") : std::string();
  return fmt::format("{}://{}:{}/{}", scheme, host, asked.port, at);
}

}  // namespace chaintier
