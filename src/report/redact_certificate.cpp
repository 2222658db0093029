// The part of redacting that knows certificates.
#include <algorithm>

#include "src/base/digest.h"
#include "src/report/internal_names.h"
#include "src/report/redact.h"

namespace chaintier {

namespace {

// As octets, where no search for text finds it: an alternative name, or a net of a name constraint.
bool holds_internal_address(const Certificate& certificate) {
  const auto internal = [](const Bytes& octets) {
    // A constraint has a mask behind the address, and "every address" is none of anybody's.
    if (octets.size() != 4 && std::ranges::all_of(octets, [](std::uint8_t octet) { return octet == 0; }))
      return false;
    const std::size_t size = octets.size() == 8 || octets.size() == 32 ? octets.size() / 2 : octets.size();
    const auto one = IpAddress::from_octets(ByteView(octets).first(size));
    return one && is_internal(*one);
  };
  const auto any = [&](const GeneralNames& names) { return std::ranges::any_of(names.ip, internal); };
  return (certificate.subject_alt_name && any(*certificate.subject_alt_name)) ||
         (certificate.name_constraints &&
          (any(certificate.name_constraints->permitted) || any(certificate.name_constraints->excluded)));
}

}  // namespace

Name Redactor::name(const Name& raw) {
  Name result = raw;
  std::vector<std::string> components;
  for (const Name::Attribute& attribute : raw.attributes)
    if (attribute.type == "DC") components.push_back(attribute.value);
  const std::string domain = internal_domain(components);
  for (Name::Attribute& attribute : result.attributes)
    attribute.value = !domain.empty() && attribute.type == "DC" ? name_token(domain) : text(attribute.value);
  return result;
}

GeneralNames Redactor::names(const GeneralNames& raw) {
  GeneralNames result = raw;
  for (auto* list : {&result.dns, &result.email, &result.uri}) *list = texts(*list);
  for (Bytes& octets : result.ip)
    if (const auto address = IpAddress::from_octets(octets)) {
      const IpAddress token = address_token(*address);
      octets.assign(token.octets().begin(), token.octets().end());
    }
  for (Name& each : result.directory) each = name(each);
  return result;
}

Bytes Redactor::response(const Bytes& raw) {
  if (!reveals(raw)) return raw;
  const auto digest = sha256(raw);
  return {digest.begin(), digest.end()};
}

CertificatePtr Redactor::certificate(const CertificatePtr& raw) {
  if (!raw) return raw;
  if (const auto known = certificates_.find(raw->fingerprint); known != certificates_.end())
    return known->second;
  Certificate result = *raw;
  result.subject = name(raw->subject);
  result.issuer = name(raw->issuer);
  if (raw->subject_alt_name) result.subject_alt_name = names(*raw->subject_alt_name);
  for (auto* list : {&result.aia_issuers, &result.ocsp, &result.crls}) *list = texts(*list);
  const auto differ = [](const Name& a, const Name& b) { return a.text() != b.text(); };
  const bool secret = holds_internal_address(*raw) || differ(result.subject, raw->subject) ||
                      differ(result.issuer, raw->issuer) || reveals(raw->der);
  const CertificatePtr shown = secret ? nullptr : raw;
  if (secret) {
    result.der.clear();
  }
  return certificates_
      .emplace(raw->fingerprint, shown ? shown : std::make_shared<const Certificate>(std::move(result)))
      .first->second;
}

SentPtr Redactor::sent(const SentPtr& raw) {
  if (!raw) return raw;
  if (const auto known = sent_.find(raw->fingerprint); known != sent_.end()) return known->second;
  bool secret = reveals(raw->der);
  if (!secret)
    if (const auto parsed = parse_certificate(raw->der)) secret = certificate(*parsed)->der.empty();
  SentPtr result = raw;
  if (secret)
    result = std::make_shared<const SentCertificate>(SentCertificate{raw->fingerprint, {}, nullptr});
  return sent_.emplace(raw->fingerprint, result).first->second;
}

std::shared_ptr<const ChainJudgement> Redactor::chain(const ChainJudgement& raw) {
  ChainJudgement result = raw;
  for (SentPtr& one : result.served) one = sent(one);
  for (CertificatePtr& one : result.certificates) one = certificate(one);
  for (SeenAt& at : result.seen_at) at.address = text(at.address);
  for (JudgedPath& judged : result.paths)
    for (CertificatePtr& one : judged.path.certificates) one = certificate(one);
  if (result.should_send)
    for (CertificatePtr& one : *result.should_send) one = certificate(one);
  if (result.expected)
    for (CertificatePtr& one : result.expected->issued) one = certificate(one);
  return std::make_shared<const ChainJudgement>(std::move(result));
}

}  // namespace chaintier
