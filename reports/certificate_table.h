// Every certificate that a report speaks of, once each and in the order of fingerprints.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "src/report/report.h"

namespace chaintier {

struct CertificateRef {
  CertificatePtr parsed;  // null for one that does not parse, or that only a sample holds
  SentPtr sent;           // null for one that was not sent
};
using CertificateTable = std::map<CertFingerprint, CertificateRef>;

void add_certificates(const TargetReport& target, const Catalogue& catalogue, CertificateTable& table);
CertificateTable certificates_of(const Report& report);

// Names of extended key usages and key usage bits as RFC 5280 writes them; an OID without a name stays an
// OID.
std::string usage_name(std::string_view oid);
std::vector<std::string_view> key_usage_names(const Certificate& certificate);

// The addresses of a subject alternative name in text form; octets that are no address in hexadecimal.
std::vector<std::string> ip_names(const Certificate& certificate);

// Issued to itself with its own key, so far as that can be checked. Of the catalogue's certificates it is
// known.
bool is_self_signed(const Certificate& certificate, const Catalogue& catalogue);

}  // namespace chaintier
