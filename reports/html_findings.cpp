#include <algorithm>

#include "reports/html_parts.h"
#include "src/base/text.h"

namespace chaintier {

namespace {

constexpr std::size_t shown_places = 12;
// A name of 64 kB belongs into the JSON report.
constexpr std::size_t fact_columns = 300, title_columns = 200, why_columns = 900, place_columns = 100;
constexpr std::size_t step_columns = 900;

CertificatePtr find_certificate(const TargetReport& target, const CertFingerprint& fingerprint) {
  for (const auto& chain : target.chains) {
    for (const CertificatePtr& certificate : chain->certificates)
      if (certificate && certificate->fingerprint == fingerprint) return certificate;
    for (const JudgedPath& judged : chain->paths)
      for (const CertificatePtr& certificate : judged.path.certificates)
        if (certificate->fingerprint == fingerprint) return certificate;
  }
  return nullptr;
}

SafeHtml place(const PageContext& page, const TargetReport& target, const Where& where) {
  SafeHtml html;
  const auto part = [&](const SafeHtml& shown) {
    if (!html.empty()) html << " · ";
    html << shown;
  };
  if (where.address) part(bdi(shorten(printable(*where.address), place_columns)));
  if (where.file) part(bdi(shorten(printable(*where.file), place_columns)));
  if (where.client) part(bdi(shorten(printable(client_label(page.report, *where.client)), place_columns)));
  if (where.certificate) {
    const CertificatePtr certificate = find_certificate(target, *where.certificate);
    SafeHtml name = certificate ? bdi(shorten(printable(short_name(page.texts, certificate)), place_columns))
                                : word(page, "kind.unreadable");
    name << " <code>" << text(where.certificate->hex().substr(0, 12)) << "…</code>";
    part(certificate_link(page, *where.certificate, name));
  }
  return html;
}

void row(SafeHtml& list, const SafeHtml& name, const SafeHtml& value) {
  list << "<dt>" << name << "</dt><dd>" << value << "</dd>";
}

// A place that is a client and nothing else, where a list among the facts has that client too.
bool is_among_facts(const Where& where, const Finding& finding) {
  if (!where.client || where.address || where.file || where.certificate) return false;
  return std::ranges::any_of(finding.facts, [&](const auto& fact) {
    const auto* list = std::get_if<std::vector<std::string>>(&fact.second);
    return list && std::ranges::find(*list, *where.client) != list->end();
  });
}

SafeHtml evidence(const PageContext& page, const TargetReport& target, const Finding& finding) {
  SafeHtml list("<dl class=\"facts\">");
  std::vector<const Where*> where;
  for (const Where& each : finding.where)
    if (!is_among_facts(each, finding)) where.push_back(&each);
  if (!where.empty()) {
    SafeHtml places("<ul class=\"plain\">");
    for (std::size_t i = 0; i < std::min(where.size(), shown_places); ++i)
      places << "<li>" << place(page, target, *where[i]) << "</li>";
    if (where.size() > shown_places)
      places << "<li>"
             << say(page, "say.clients_more",
                    {{"count", static_cast<std::int64_t>(where.size() - shown_places)}})
             << "</li>";
    places << "</ul>";
    row(list, word(page, "label.where"), places);
  }
  for (const auto& [name, fact] : finding.facts) {
    const std::string value = printable(page.texts.fact(name, fact, page.report.clients));
    if (value.empty()) continue;
    const std::string* label = page.texts.find_word("fact." + name);
    row(list, label ? text(*label) : text(name), bdi(shorten(value, fact_columns)));
  }
  list << "</dl>";
  return list;
}

// A step; the command in it stands out, so that it can be copied.
SafeHtml step(std::string_view words, std::string_view command) {
  const std::size_t at = words.find(command);
  SafeHtml html = text(words.substr(0, at));
  if (at != std::string_view::npos) html << "<code class=\"command\">" << text(words.substr(at)) << "</code>";
  return html;
}

SafeHtml one(const PageContext& page, const TargetReport& target, const Finding& finding) {
  const FindingText words = texts_of(page.report, target, finding);
  SafeHtml html("<article class=\"finding ");
  html << css_class(as_verdict(finding.severity)) << "\"><header>" << badge(page, finding.severity)
       << "<code class=\"code\">" << text(id(finding.code)) << "</code></header>"
       << heading(page.level + 1, text(shorten(printable(words.title), title_columns))) << "<p class=\"why\">"
       << text(shorten(printable(words.why), why_columns)) << "</p><div class=\"columns\"><div>";
  if (!words.fix.empty()) {
    html << heading(page.level + 2, word(page, "label.fix")) << "<ol class=\"steps\">";
    for (const std::string& one_step : words.fix)
      html << "<li>" << step(shorten(printable(one_step), step_columns), printable(check_again_start(target)))
           << "</li>";
    html << "</ol>";
  }
  if (words.manual)
    html << "<p class=\"manual\">" << word(page, "label.manual") << " <strong>" << text(*words.manual)
         << "</strong></p>";
  if (is_explained(page, target, finding))
    html << "<p class=\"manual\"><a href=\"#" << explanation_id(page, finding.code) << "\">"
         << word(page, "label.explain") << "</a></p>";
  html << "</div><div>" << heading(page.level + 2, word(page, "label.evidence"))
       << evidence(page, target, finding) << "</div></div></article>";
  return html;
}

}  // namespace

SafeHtml findings_section(const PageContext& page, const TargetReport& target) {
  SafeHtml html("<section class=\"findings\">");
  html << heading(page.level, word(page, "title.findings"));
  if (target.findings.empty()) html << "<p class=\"muted\">" << word(page, "say.no_findings") << "</p>";
  for (const Finding& finding : target.findings) html << one(page, target, finding);
  html << "</section>";
  return html;
}

}  // namespace chaintier
