#include "src/local/against.h"

#include <algorithm>

#include "src/x509/host_match.h"

namespace chaintier {

namespace {

// The first certificates that an observation saw, with where; each address once.
struct Seen {
  CertFingerprint leaf;
  SentPtr sent;
  std::string address;
};

std::vector<Seen> leaves_of(const Observation& observation) {
  std::vector<Seen> seen;
  for (const EndpointSeen& endpoint : observation.endpoints) {
    if (endpoint.role != EndpointRole::edge) continue;
    for (const Sample& sample : endpoint.samples)
      if (!sample.served.empty() && (sample.asked.sni || observation.target.host_address))
        seen.push_back({sample.served.front()->fingerprint, sample.served.front(),
                        endpoint.address ? endpoint.address->text() : std::string()});
  }
  return seen;
}

ReferenceName name_of(const Target& target) {
  if (target.host_address) return {{}, target.host_address};
  return {target.host, std::nullopt};
}

}  // namespace

bool is_own(const IpAddress& address, const std::vector<IpAddress>& own_addresses) {
  const ByteView octets = address.octets();
  const bool loopback = address.is_v6() ? address.text() == "::1" : octets[0] == 127;
  return loopback || std::ranges::find(own_addresses, address) != own_addresses.end();
}

CertificatePtr installed_for(const Target& target, const LocalReport& local) {
  const ReferenceName name = name_of(target);
  CertificatePtr best;
  const auto consider = [&](const CertificatePtr& leaf) {
    if (!leaf || leaf->is_ca() || !matches_host(*leaf, name)) return;
    if (!best || leaf->not_before > best->not_before) best = leaf;
  };
  for (const ServerSite& site : local.servers)
    if (site.judged)
      for (const auto& chain : site.judged->chains)
        if (!chain->certificates.empty()) consider(chain->certificates.front());
  if (best) return best;
  for (const LocalFile& file : local.files)
    for (const LocalItem& item : file.items) consider(item.certificate);
  return best;
}

Against compare(const Observation& seen, const CertificatePtr& installed,
                const std::optional<Observation>& here, const std::vector<IpAddress>& own_addresses) {
  Against result;
  result.comparison.target = seen.target.text;
  std::vector<std::string> own;
  for (const EndpointSeen& endpoint : seen.endpoints)
    if (endpoint.address && is_own(*endpoint.address, own_addresses)) own.push_back(endpoint.address->text());
  if (!own.empty())
    result.findings.push_back({Code::server_is_this_machine,
                               Severity::note,
                               {},
                               {{"host", seen.target.shown_host}, {"addresses", own}}});
  const std::vector<Seen> served = leaves_of(seen);
  if (served.empty() || !installed) {
    result.comparison.result = served.empty() ? "unjudged" : "nothing_local";
    return result;
  }
  std::vector<std::string> other;
  SentPtr other_leaf;
  bool own_differs = false;
  for (const Seen& one : served) {
    if (one.leaf == installed->fingerprint) continue;
    if (std::ranges::find(other, one.address) == other.end()) other.push_back(one.address);
    own_differs = own_differs || std::ranges::find(own, one.address) != own.end();
    if (!other_leaf) other_leaf = one.sent;
  }
  if (!other_leaf) {
    result.comparison.result = "same";
    return result;
  }
  const std::vector<Seen> local = here ? leaves_of(*here) : std::vector<Seen>();
  const auto serves_here = [&](const CertFingerprint& leaf) {
    return std::ranges::any_of(local, [&](const Seen& one) { return one.leaf == leaf; });
  };
  result.comparison.result = own_differs                              ? "reload"
                             : serves_here(installed->fingerprint)    ? "device"
                             : serves_here(other_leaf->fingerprint)   ? "reload"
                             : !seen.endpoints.empty() && own.empty() ? "elsewhere"
                                                                      : "differs";
  Finding finding{Code::server_serves_other, Severity::error, {}, {}};
  for (const std::string& address : other)
    finding.where.push_back({address, other_leaf->fingerprint, std::nullopt, std::nullopt});
  finding.facts.emplace("host", seen.target.shown_host);
  finding.facts.emplace("here_not_after", installed->not_after);
  const auto parsed = parse_certificate(other_leaf->der);
  finding.facts.emplace("served_not_after", parsed ? Fact{(*parsed)->not_after} : Fact{std::string()});
  finding.facts.emplace("addresses", other);
  finding.facts.emplace("because", result.comparison.result);
  result.findings.insert(result.findings.begin(), std::move(finding));
  return result;
}

}  // namespace chaintier
