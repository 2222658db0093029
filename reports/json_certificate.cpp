#include "reports/json_parts.h"

namespace chaintier {

namespace {

JsonObject json_of(const PublicKey& key) {
  JsonObject result{{"type", key.name}};
  if (!key.curve.empty())
    result["curve"] = key.curve;
  else
    result["bits"] = key.bits;
  return result;
}

JsonArray json_of(const std::vector<Sct>& scts) {
  JsonArray result;
  for (const Sct& sct : scts) result.push_back({{"log", sct.log_id}, {"time", format_rfc3339(sct.time)}});
  return result;
}

// Empty when the octets were left out, see src/report/redact.h.
std::string pem_of(const Bytes& der) { return der.empty() ? std::string() : to_pem(der); }

JsonObject unreadable(const SentCertificate& sent, const Error& error) {
  return {{"parse_error", error.detail}, {"size", sent.der.size()}, {"pem", pem_of(sent.der)}};
}

JsonObject readable(const Certificate& certificate, const Catalogue& catalogue) {
  const KnownCa* known = catalogue.find(certificate.fingerprint);
  const auto& names = certificate.subject_alt_name;
  JsonArray usages;
  if (certificate.extended_key_usage)
    for (const std::string& oid : *certificate.extended_key_usage) usages.push_back(usage_name(oid));

  JsonObject result;
  result["subject"] = certificate.subject.text();
  result["issuer"] = certificate.issuer.text();
  result["serial"] = certificate.serial;
  result["not_before"] = format_rfc3339(certificate.not_before);
  result["not_after"] = format_rfc3339(certificate.not_after);
  result["key"] = json_of(certificate.key);
  result["signature"] = certificate.signature_algorithm.name;
  result["dns_names"] = names ? JsonArray::of(names->dns) : JsonArray{};
  result["ip_addresses"] = JsonArray::of(ip_names(certificate));
  result["subject_key_id"] = or_null(certificate.subject_key_id, to_hex);
  result["authority_key_id"] =
      or_null(certificate.authority_key_id ? certificate.authority_key_id->key_id : std::nullopt, to_hex);
  result["is_ca"] = certificate.is_ca();
  result["key_usage"] = JsonArray::of(key_usage_names(certificate));
  result["eku"] = usages;
  result["policies"] = certificate.policies ? JsonArray::of(*certificate.policies) : JsonArray{};
  result["scts"] = json_of(certificate.scts);
  result["aia_issuers"] = JsonArray::of(certificate.aia_issuers);
  result["ocsp"] = JsonArray::of(certificate.ocsp);
  result["crls"] = JsonArray::of(certificate.crls);
  result["spki_sha256"] = certificate.key.fingerprint.hex();
  result["self_signed"] = is_self_signed(certificate, catalogue);
  result["catalogue"] = known ? JsonValue(known->slug) : nullptr;
  result["pem"] = pem_of(certificate.der);
  return result;
}

}  // namespace

JsonObject json_of(const CertificateRef& certificate, const Catalogue& catalogue) {
  if (certificate.parsed) return readable(*certificate.parsed, catalogue);
  const Result<CertificatePtr> parsed = parse_certificate(certificate.sent->der);
  if (certificate.sent->der.empty())
    return unreadable(*certificate.sent, input_error(Stage::parse, "left out: it holds an internal name"));
  if (!parsed) return unreadable(*certificate.sent, parsed.error());
  return readable(**parsed, catalogue);
}

}  // namespace chaintier
