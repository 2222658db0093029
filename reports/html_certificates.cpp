#include <fmt/format.h>

#include "reports/html_parts.h"
#include "src/base/text.h"

namespace chaintier {

namespace {

constexpr std::size_t shown_columns = 1000;  // of one value; the JSON report holds it whole
constexpr std::size_t shown_names = 100;

class Details {
 public:
  explicit Details(const PageContext& page) : page_(page) {}

  void row(std::string_view key, const SafeHtml& value) {
    if (!value.empty()) html_ << "<dt>" << word(page_, key) << "</dt><dd>" << value << "</dd>";
  }
  void row(std::string_view key, std::string_view value) {
    if (!value.empty()) row(key, bdi(shorten(printable(value), shown_columns)));
  }
  void code(std::string_view key, std::string_view value) {
    if (value.empty()) return;
    SafeHtml html("<code>");
    html << text(shorten(printable(value), shown_columns)) << "</code>";
    row(key, html);
  }
  template <class Range>
  void list(std::string_view key, const Range& values) {
    SafeHtml html;
    std::size_t shown = 0;
    for (const auto& value : values) {
      if (shown == shown_names) break;
      html << "<div>" << bdi(shorten(printable(value), shown_columns)) << "</div>";
      ++shown;
    }
    if (values.size() > shown)
      html << say(page_, "say.clients_more", {{"count", static_cast<std::int64_t>(values.size() - shown)}});
    row(key, html);
  }
  const SafeHtml& html() const { return html_; }

 private:
  const PageContext& page_;
  SafeHtml html_;
};

SafeHtml pem_box(const PageContext& page, ByteView der) {
  if (der.empty()) {  // see src/report/redact.h
    SafeHtml left_out("<p class=\"pem-label\">");
    left_out << word(page, "label.pem_redacted") << "</p>";
    return left_out;
  }
  SafeHtml html("<p class=\"pem-label\">");
  html << word(page, "label.pem") << "</p><pre class=\"pem\" tabindex=\"0\">";
  const std::string pem = to_pem(der);
  for (const std::string_view line : split(pem, '\n')) html << text(line) << "\n";
  html << "</pre>";
  return html;
}

SafeHtml yes_no(const PageContext& page, bool value) { return word(page, value ? "label.yes" : "label.no"); }

std::string key_text(const PublicKey& key) {
  if (!key.curve.empty()) return fmt::format("{} {}", key.name, key.curve);
  return key.bits ? fmt::format("{} {}", key.name, key.bits) : key.name;
}

SafeHtml facts(const PageContext& page, const Certificate& certificate) {
  Details list(page);
  list.row("label.subject", certificate.subject.text());
  list.row("label.issuer", certificate.issuer.text());
  list.code("label.serial", certificate.serial);
  list.row("label.not_before", format_rfc3339(certificate.not_before));
  list.row("label.not_after", format_rfc3339(certificate.not_after));
  if (certificate.subject_alt_name) list.list("label.dns_names", certificate.subject_alt_name->dns);
  list.list("label.ip_addresses", ip_names(certificate));
  list.row("label.key", key_text(certificate.key));
  list.row("label.signature", certificate.signature_algorithm.name);
  list.row("label.is_ca", yes_no(page, certificate.is_ca()));
  list.row("label.self_signed", yes_no(page, is_self_signed(certificate, *page.report.catalogue)));
  std::vector<std::string> usages, scts;
  for (const std::string_view usage : key_usage_names(certificate)) usages.emplace_back(usage);
  list.row("label.key_usage", joined(usages, ", "));
  usages.clear();
  if (certificate.extended_key_usage)
    for (const std::string& oid : *certificate.extended_key_usage) usages.push_back(usage_name(oid));
  list.row("label.eku", joined(usages, ", "));
  if (certificate.policies) list.row("label.policies", joined(*certificate.policies, ", "));
  if (certificate.subject_key_id) list.code("label.subject_key_id", to_hex(*certificate.subject_key_id));
  if (certificate.authority_key_id && certificate.authority_key_id->key_id)
    list.code("label.authority_key_id", to_hex(*certificate.authority_key_id->key_id));
  list.list("label.aia", certificate.aia_issuers);
  list.list("label.ocsp", certificate.ocsp);
  list.list("label.crls", certificate.crls);
  for (const Sct& sct : certificate.scts)
    scts.push_back(fmt::format("{} · {}", format_rfc3339(sct.time), sct.log_id));
  list.list("label.scts", scts);
  list.code("label.sha256", certificate.fingerprint.hex());
  list.code("label.spki_sha256", certificate.key.fingerprint.hex());
  if (const KnownCa* known = page.report.catalogue->find(certificate.fingerprint))
    list.code("label.catalogue", known->slug);
  return list.html();
}

SafeHtml one(const PageContext& page, const CertFingerprint& fingerprint, const CertificateRef& ref) {
  CertificatePtr certificate = ref.parsed;
  std::string error;
  if (!certificate) {
    const Result<CertificatePtr> parsed = parse_certificate(ref.sent->der);
    if (parsed)
      certificate = *parsed;
    else
      error = parsed.error().detail;
  }
  SafeHtml html("<details class=\"certificate\" id=\"");
  html << certificate_id(page, fingerprint) << "\"><summary><span class=\"cert-name\">"
       << bdi(shorten(printable(short_name(page.texts, certificate)), 100))
       << "</span> <span class=\"muted\">";
  if (certificate)
    html << text(kind_text(page.texts, kind_of(certificate, *page.report.catalogue))) << " · "
         << say(page, "say.until", {{"date", format_date(certificate->not_after)}}) << " · ";
  html << "<code>" << text(fingerprint.hex().substr(0, 12))
       << "…</code></span></summary><dl class=\"facts\">";
  if (certificate) {
    html << facts(page, *certificate) << "</dl>" << pem_box(page, certificate->der);
  } else {
    Details list(page);
    list.row("label.error", error);
    list.row("label.size", std::to_string(ref.sent->der.size()));
    list.code("label.sha256", fingerprint.hex());
    html << list.html() << "</dl>" << pem_box(page, ref.sent->der);
  }
  html << "</details>";
  return html;
}

}  // namespace

SafeHtml certificates_section(const PageContext& page, const CertificateTable& certificates) {
  if (certificates.empty()) return {};
  SafeHtml html("<section>");
  html << heading(page.level, word(page, "title.certificates"));
  for (const auto& [fingerprint, ref] : certificates) html << one(page, fingerprint, ref);
  html << "</section>";
  return html;
}

}  // namespace chaintier
