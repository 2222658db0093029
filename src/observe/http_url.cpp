#include "src/observe/http_url.h"

#include <boost/url.hpp>

#include <fmt/format.h>

#include "src/base/host_name.h"
#include "src/base/text.h"

namespace chaintier {

namespace {

namespace urls = boost::urls;

constexpr std::size_t longest = 2048;

Error refused(std::string_view text, std::string_view why) {
  return {Stage::usage, Fault::peer, fmt::format("{}: {}", shorten(printable(text), 120), why)};
}

}  // namespace

Result<HttpUrl> parse_http_url(std::string_view text) {
  if (text.size() > longest) return refused(text, "the URL is longer than 2048 octets");
  const auto parsed = urls::parse_uri(urls::string_view(text.data(), text.size()));
  if (!parsed) return refused(text, "that is no URL");
  if (parsed->scheme_id() != urls::scheme::http) return refused(text, "only http is followed");
  if (parsed->has_userinfo()) return refused(text, "a URL with a user name is not followed");
  HttpUrl url;
  const std::string name = parsed->host();
  if (parsed->host_type() == urls::host_type::ipv4 || parsed->host_type() == urls::host_type::ipv6) {
    url.address = IpAddress::parse(parsed->host_address());
    if (!url.address) return refused(text, "its host is no address");
    url.host = url.address->text();
  } else {
    const auto host = to_ascii_host(name);
    if (!host) return refused(text, "its host is no name");
    url.host = *host;
  }
  if (parsed->has_port() && !parsed->port().empty()) {
    if (parsed->port_number() == 0) return refused(text, "its port is none");
    url.port = parsed->port_number();
    if (url.port != 80 && url.port < 1024) return refused(text, "its port belongs to another service");
  }
  url.authority = url.address && url.address->is_v6() ? "[" + url.host + "]" : url.host;
  if (url.port != 80) url.authority += fmt::format(":{}", url.port);
  const auto path = parsed->encoded_path();
  url.target = path.empty() ? "/" : std::string(path);
  if (parsed->has_query()) url.target += "?" + std::string(parsed->encoded_query());
  return url;
}

Result<std::string> resolve_location(std::string_view base, std::string_view location) {
  if (location.size() > longest) return refused(location, "the redirection is longer than 2048 octets");
  const auto from = urls::parse_uri(urls::string_view(base.data(), base.size()));
  const auto to = urls::parse_uri_reference(urls::string_view(location.data(), location.size()));
  if (!from || !to) return refused(location, "the redirection leads to no URL");
  urls::url result;
  if (!urls::resolve(*from, *to, result)) return refused(location, "the redirection leads to no URL");
  result.remove_fragment();
  return std::string(result.buffer());
}

}  // namespace chaintier
