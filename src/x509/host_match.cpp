#include "src/x509/host_match.h"

#include <algorithm>

#include "src/base/text.h"

namespace chaintier {

bool matches_dns_pattern(std::string_view pattern, std::string_view host) {
  // RFC 9525 6.3: names compare without case; the reference has no final dot, and neither has a presented
  // name.
  const std::string wanted = lower_ascii(host);
  const std::string shown = lower_ascii(pattern);
  if (wanted.empty() || shown.empty() || shown.back() == '.') return false;
  if (!shown.starts_with("*.")) return shown.find('*') == std::string::npos && shown == wanted;

  const std::string_view rest = std::string_view(shown).substr(1);  // ".example.com"
  if (rest.find('*') != std::string_view::npos) return false;
  // A wildcard over a whole public suffix of one label ("*.tw") names nobody.
  if (rest.substr(1).find('.') == std::string_view::npos) return false;
  const std::size_t dot = wanted.find('.');
  return dot != std::string::npos && dot > 0 && std::string_view(wanted).substr(dot) == rest;
}

bool matches_host(const Certificate& certificate, const ReferenceName& host) {
  if (!certificate.subject_alt_name) return false;
  const GeneralNames& names = *certificate.subject_alt_name;
  if (host.address)
    return std::ranges::any_of(
        names.ip, [&](const Bytes& ip) { return std::ranges::equal(ip, host.address->octets()); });
  return std::ranges::any_of(names.dns,
                             [&](const std::string& name) { return matches_dns_pattern(name, host.dns); });
}

}  // namespace chaintier
