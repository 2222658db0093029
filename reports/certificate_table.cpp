#include "reports/certificate_table.h"

#include <array>
#include <utility>

#include "src/x509/issuer_answer.h"
#include "src/x509/signature.h"

namespace chaintier {

namespace {

void add(const CertificatePtr& certificate, CertificateTable& table) {
  if (!certificate) return;
  CertificateRef& ref = table[certificate->fingerprint];
  if (!ref.parsed) ref.parsed = certificate;
}

void add(const SentPtr& sent, CertificateTable& table) {
  if (!sent) return;
  CertificateRef& ref = table[sent->fingerprint];
  if (!ref.sent) ref.sent = sent;
}

// One that only a finding or an advice names: the catalogue is the only other place that can know it.
void add(const CertFingerprint& fingerprint, const Catalogue& catalogue, CertificateTable& table) {
  if (table.contains(fingerprint)) return;
  if (const KnownCa* known = catalogue.find(fingerprint)) add(known->certificate, table);
}

}  // namespace

void add_certificates(const TargetReport& target, const Catalogue& catalogue, CertificateTable& table) {
  for (const auto& chain : target.chains) {
    for (const CertificatePtr& certificate : chain->certificates) add(certificate, table);
    for (const SentPtr& sent : chain->served) add(sent, table);
    for (const JudgedPath& judged : chain->paths)
      for (const CertificatePtr& certificate : judged.path.certificates) add(certificate, table);
    if (chain->should_send)
      for (const CertificatePtr& certificate : *chain->should_send) add(certificate, table);
    if (chain->expected)
      for (const CertificatePtr& certificate : chain->expected->issued) add(certificate, table);
    for (const Advice& advice : chain->advice) add(advice.certificate, catalogue, table);
  }
  for (const EndpointSeen& endpoint : target.observation.endpoints)
    for (const Sample& sample : endpoint.samples)
      for (const SentPtr& sent : sample.served) add(sent, table);
  for (const FetchedPtr& fetched : target.observation.fetched)
    if (const auto issuers = issuers_in(fetched->body); issuers && !fetched->error)
      for (const CertificatePtr& certificate : *issuers) add(certificate, table);
  for (const Finding& finding : target.findings)
    for (const Where& where : finding.where)
      if (where.certificate) add(*where.certificate, catalogue, table);
}

CertificateTable certificates_of(const Report& report) {
  CertificateTable table;
  for (const TargetReport& target : report.targets) add_certificates(target, *report.catalogue, table);
  return table;
}

std::string usage_name(std::string_view oid) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 7> names{{
      {"1.3.6.1.5.5.7.3.1", "serverAuth"},
      {"1.3.6.1.5.5.7.3.2", "clientAuth"},
      {"1.3.6.1.5.5.7.3.3", "codeSigning"},
      {"1.3.6.1.5.5.7.3.4", "emailProtection"},
      {"1.3.6.1.5.5.7.3.8", "timeStamping"},
      {"1.3.6.1.5.5.7.3.9", "OCSPSigning"},
      {"2.5.29.37.0", "anyExtendedKeyUsage"},
  }};
  for (const auto& [known, name] : names)
    if (known == oid) return std::string(name);
  return std::string(oid);
}

std::vector<std::string_view> key_usage_names(const Certificate& certificate) {
  static constexpr std::array<std::string_view, 9> names{
      "digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment", "keyAgreement",
      "keyCertSign",      "cRLSign",        "encipherOnly",    "decipherOnly"};
  std::vector<std::string_view> result;
  for (unsigned bit = 0; bit < names.size(); ++bit)
    if (certificate.may(KeyUse(bit))) result.push_back(names[bit]);
  return result;
}

std::vector<std::string> ip_names(const Certificate& certificate) {
  std::vector<std::string> result;
  if (!certificate.subject_alt_name) return result;
  for (const Bytes& octets : certificate.subject_alt_name->ip) {
    const auto address = IpAddress::from_octets(octets);
    result.push_back(address ? address->text() : to_hex(octets));
  }
  return result;
}

bool is_self_signed(const Certificate& certificate, const Catalogue& catalogue) {
  if (!certificate.self_issued()) return false;
  if (const KnownCa* known = catalogue.find(certificate.fingerprint)) return known->role == CaRole::root;
  return SignatureChecker().check(certificate, certificate.key) != SignatureState::bad;
}

}  // namespace chaintier
