#include <boost/json.hpp>

#include "reports/json_parts.h"
#include "src/base/text.h"

namespace chaintier {

namespace json = boost::json;

namespace {

json::value hex_or_null(const std::optional<Bytes>& bytes) {
  if (!bytes) return nullptr;
  return json::value(to_hex(*bytes));
}

json::object json_of(const PublicKey& key) {
  json::object result{{"type", json_text(key.name)}};
  if (!key.curve.empty())
    result["curve"] = json_text(key.curve);
  else
    result["bits"] = key.bits;
  return result;
}

json::array json_of(const std::vector<Sct>& scts) {
  json::array result;
  for (const Sct& sct : scts) result.push_back({{"log", sct.log_id}, {"time", format_rfc3339(sct.time)}});
  return result;
}

// Empty when the octets were left out, see src/report/redact.h.
std::string pem_of(const Bytes& der) { return der.empty() ? std::string() : to_pem(der); }

json::object unreadable(const SentCertificate& sent, const Error& error) {
  return {{"parse_error", json_text(error.detail)}, {"size", sent.der.size()}, {"pem", pem_of(sent.der)}};
}

json::object readable(const Certificate& certificate, const Catalogue& catalogue) {
  const KnownCa* known = catalogue.find(certificate.fingerprint);
  const auto& names = certificate.subject_alt_name;
  json::array usages;
  if (certificate.extended_key_usage)
    for (const std::string& oid : *certificate.extended_key_usage) usages.emplace_back(usage_name(oid));

  json::object result;
  result.reserve(23);
  result["subject"] = json_text(certificate.subject.text());
  result["issuer"] = json_text(certificate.issuer.text());
  result["serial"] = certificate.serial;
  result["not_before"] = format_rfc3339(certificate.not_before);
  result["not_after"] = format_rfc3339(certificate.not_after);
  result["key"] = json_of(certificate.key);
  result["signature"] = json_text(certificate.signature_algorithm.name);
  result["dns_names"] = names ? json_texts(names->dns) : json::array{};
  result["ip_addresses"] = json_texts(ip_names(certificate));
  result["subject_key_id"] = hex_or_null(certificate.subject_key_id);
  result["authority_key_id"] =
      hex_or_null(certificate.authority_key_id ? certificate.authority_key_id->key_id : std::nullopt);
  result["is_ca"] = certificate.is_ca();
  result["key_usage"] = json_texts(key_usage_names(certificate));
  result["eku"] = std::move(usages);
  result["policies"] = certificate.policies ? json_texts(*certificate.policies) : json::array{};
  result["scts"] = json_of(certificate.scts);
  result["aia_issuers"] = json_texts(certificate.aia_issuers);
  result["ocsp"] = json_texts(certificate.ocsp);
  result["crls"] = json_texts(certificate.crls);
  result["spki_sha256"] = certificate.key.fingerprint.hex();
  result["self_signed"] = is_self_signed(certificate, catalogue);
  result["catalogue"] = known ? json::value(json_text(known->slug)) : json::value(nullptr);
  result["pem"] = pem_of(certificate.der);
  return result;
}

}  // namespace

json::string json_text(std::string_view raw) { return json::string(valid_utf8(raw)); }

json::object json_of(const CertificateRef& certificate, const Catalogue& catalogue) {
  if (certificate.parsed) return readable(*certificate.parsed, catalogue);
  const Result<CertificatePtr> parsed = parse_certificate(certificate.sent->der);
  if (certificate.sent->der.empty())
    return unreadable(*certificate.sent, input_error(Stage::parse, "left out: it holds an internal name"));
  if (!parsed) return unreadable(*certificate.sent, parsed.error());
  return readable(**parsed, catalogue);
}

}  // namespace chaintier
