#include "reports/html.h"

#include "reports/html_parts.h"
#include "reports/impact.h"
#include "src/base/base64.h"
#include "src/base/embedded.h"
#include "src/base/text.h"

namespace chaintier {

namespace {

constexpr std::size_t title_columns = 200;

// Readers of Chinese are in Taiwan, whose clocks are eight hours ahead all year; the others are anywhere.
std::string time_text(const Texts& texts, Time time) {
  if (texts.language() == Language::zh_tw) time += std::chrono::hours(8);
  return texts.phrase("say.judged_time", {{"date", time}, {"time", format_rfc3339(time).substr(11, 5)}});
}

// What CSP takes for exactly this content of a <style> or <script> element (CSP 3, 2.3.1).
SafeHtml csp_hash(std::string_view file) {
  SafeHtml html("'sha256-");
  html << text(to_base64(sha256(bytes_of(embedded_file(file))))) << "'";
  return html;
}

constexpr std::string_view style_file = "page/style.css", script_file = "page/table.js";

bool has_script(const Report& report) { return report.targets.size() > 1; }

Markup language_tag(Language language) {
  return language == Language::zh_tw ? Markup("zh-Hant-TW") : Markup("en");
}

SafeHtml page_head(const PageContext& page, const SafeHtml& title) {
  SafeHtml html{"<!DOCTYPE html>\n<html lang=\""};
  html << language_tag(page.report.language)
       << "\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" "
          "content=\"default-src 'none'; style-src "
       << csp_hash(style_file);
  if (has_script(page.report)) html << "; script-src " << csp_hash(script_file);
  html << "; base-uri 'none'; form-action 'none'\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta name=\"referrer\" content=\"no-referrer\">\n"
          "<meta name=\"color-scheme\" content=\"light dark\">\n<title>"
       << title << " · " << word(page, "title.report") << "</title>\n<style>"
       << SafeHtml::page_file(style_file) << "</style>\n</head>\n<body>\n"
       << icons();
  return html;
}

SafeHtml skip_link(const PageContext& page) {
  SafeHtml html("<a class=\"skip\" href=\"#");
  html << page.ids << "main\">" << word(page, "label.skip") << "</a>\n";
  return html;
}

SafeHtml page_header(const PageContext& page, const SafeHtml& title) {
  SafeHtml html("<header class=\"page\"><p class=\"kicker\">");
  html << word(page, "title.report") << "</p><h1>" << title << "</h1><p class=\"muted\">"
       << word(page, "label.judged_at") << " <time datetime=\"" << text(format_rfc3339(page.report.judged_at))
       << "\">" << text(time_text(page.texts, page.report.judged_at)) << "</time></p></header>\n";
  return html;
}

// Which stores the verdicts rest on: without their dates nobody can check a verdict later.
SafeHtml client_data(const PageContext& page) {
  SafeHtml table("<table><thead><tr><th scope=\"col\">");
  table << word(page, "label.client") << "</th><th scope=\"col\">" << word(page, "label.store")
        << "</th><th scope=\"col\">" << word(page, "label.store_date") << "</th></tr></thead><tbody>";
  for (const ClientInfo& client : page.report.clients)
    table << "<tr><th scope=\"row\">" << bdi(client_label(page.report, client)) << " <code>"
          << text(client.id) << "</code></th><td>" << bdi(client.store) << "</td><td>"
          << bdi(client.store_date) << "</td></tr>";
  table << "</tbody></table>";
  SafeHtml html("<details class=\"client-data\"><summary>");
  html << word(page, "label.store") << "</summary>" << table_box(word(page, "label.store"), table)
       << "</details>";
  return html;
}

// For the reader who meets these words for the first time.
SafeHtml glossary(const PageContext& page) {
  SafeHtml html("<details class=\"words\"><summary>");
  html << word(page, "title.glossary") << "</summary><dl>";
  for (const char* key : {"chain", "root", "intermediate", "cross", "issuer", "tiers", "client", "aia",
                          "preloaded", "sni", "staple", "sct", "fingerprint"}) {
    const std::string term = "glossary." + std::string(key);
    html << "<dt>" << word(page, term) << "</dt><dd>" << word(page, term + ".text") << "</dd>";
  }
  html << "</dl></details>";
  return html;
}

SafeHtml page_footer(const PageContext& page) {
  SafeHtml html("<footer>");
  html << glossary(page);
  if (!page.report.clients.empty()) html << client_data(page);
  html << "<p>" << text(page.report.tool_name) << " " << text(page.report.tool_version) << " · "
       << word(page, "label.data_date") << " " << text(page.report.catalogue_date) << "</p><p>"
       << say(page, "say.rendered_from", {{"schema", std::string("chaintier.report/1")}})
       << "</p></footer>\n";
  return html;
}

SafeHtml single_page(PageContext page, const TargetReport& target) {
  CertificateTable certificates;
  add_certificates(target, *page.report.catalogue, certificates);
  std::set<CertFingerprint> described;
  for (const auto& [fingerprint, ref] : certificates) described.insert(fingerprint);
  page.described = &described;
  SafeHtml html("<main id=\"");
  html << page.ids << "main\">" << verdict_panel(page, target) << target_sections(page, target)
       << explanations_section(page) << certificates_section(page, certificates) << "</main>\n";
  return html;
}

SafeHtml local_page(PageContext page) {
  const CertificateTable certificates = certificates_of(page.report);
  std::set<CertFingerprint> described;
  for (const auto& [fingerprint, ref] : certificates) described.insert(fingerprint);
  page.described = &described;
  SafeHtml html("<main id=\"main\">");
  html << local_sections(page);
  for (const TargetReport& target : page.report.targets) {
    html << verdict_panel(page, target) << target_sections(page, target);
    ++page.number;
  }
  html << certificates_section(page, certificates) << "</main>\n";
  return html;
}

std::string name_of(const Report& report) {
  return shorten(printable(report.targets.front().observation.target.text), title_columns);
}

SafeHtml title_of(const PageContext& page, const SafeHtml& name) {
  if (page.report.local) return word(page, "title.local");
  if (page.report.targets.size() == 1) return name;
  return say(page, "say.targets", {{"count", static_cast<std::int64_t>(page.report.targets.size())}});
}

SafeHtml plain_title(const PageContext& page) {
  return title_of(page, page.report.targets.size() == 1 ? text(name_of(page.report)) : SafeHtml());
}

PageContext context_of(const Report& report, Markup ids) {
  PageContext page{report, Texts::of(report.language)};
  page.number = 1;
  page.ids = ids;
  return page;
}

// Header, content and footer in one language.
SafeHtml body_of(const PageContext& page) {
  const bool single = page.report.targets.size() == 1;
  SafeHtml html = skip_link(page);
  html << page_header(page, title_of(page, single ? bdi(name_of(page.report)) : SafeHtml()))
       << (page.report.local ? local_page(page)
           : single          ? single_page(page, page.report.targets.front())
                             : fleet_page(page))
       << page_footer(page);
  return html;
}

SafeHtml page_end(const Report& report) {
  SafeHtml html;
  if (has_script(report)) html << "<script>" << SafeHtml::page_file(script_file) << "</script>\n";
  html << "</body>\n</html>\n";
  return html;
}

// Both fit into a file of this size, which a phone still opens.
constexpr std::size_t both_octets = 3'000'000, both_targets = 60;

Markup switch_id(Language language) {
  return language == Language::zh_tw ? Markup("in-zh") : Markup("in-en");
}

}  // namespace

SafeHtml verdict_panel(const PageContext& page, const TargetReport& target) {
  SafeHtml html("<div class=\"verdict ");
  html << css_class(target.verdict) << "\"><div class=\"big\">" << icon(target.verdict)
       << "</div><div><p class=\"word\">" << word(page, "verdict." + std::string(id(target.verdict)))
       << "</p>";
  const SafeHtml headline = text(shorten(printable(headline_text(page.report, target)), 200));
  const std::string impact = impact_text(page.report, target);
  html << "<p class=\"sentence\">" << (impact.empty() ? headline : text(impact)) << "</p>";
  if (!impact.empty()) html << "<p class=\"headline\">" << headline << "</p>";
  if (target.bad_target)
    html << "<p class=\"facts-line\">" << text(unjudged_text(page.report, target)) << "</p>";
  const ChainJudgement* chain = main_chain(target);
  if (chain && !chain->certificates.empty() && chain->leaf()) {
    const Certificate& leaf = *chain->leaf();
    const std::map<std::string, Fact> facts{{"issuer", shorten(printable(leaf.issuer.short_text()), 120)},
                                            {"date", leaf.not_after}};
    html << "<p class=\"facts-line\">" << say(page, "say.leaf_facts", facts) << " · "
         << text(days_text(page.texts, page.report.judged_at, leaf.not_after)) << "</p>";
  }
  if (chain) {
    const SafeHtml names = chain_names_html(page, *chain);
    if (!names.empty()) html << "<p class=\"facts-line\">" << names << "</p>";
  }
  html << "</div></div>";
  return html;
}

SafeHtml target_sections(const PageContext& page, const TargetReport& target) {
  SafeHtml html = findings_section(page, target);
  html << clients_section(page, target) << paths_section(page, target);
  if (!target.bad_target) html << sent_section(page, target);
  html << addresses_section(page, target);
  return html;
}

void write_html(const Report& report, std::ostream& out) {
  const PageContext page = context_of(report, "");
  out << page_head(page, plain_title(page)) << body_of(page) << page_end(report);
}

void write_html_in_both(const Report& report, std::ostream& out) {
  if (report.targets.size() > both_targets) return write_html(report, out);
  Report other = report;
  other.language = report.language == Language::zh_tw ? Language::en : Language::zh_tw;
  const PageContext first = context_of(report, ""), second = context_of(other, "o-");
  const SafeHtml one = body_of(first), two = body_of(second);
  if (one.size() + two.size() > both_octets) return write_html(report, out);

  out << page_head(first, plain_title(first));
  // Radio buttons before what they show: the style sheet alone does the switching.
  SafeHtml inputs, labels("<p class=\"switches\">");
  for (const PageContext* page : {&first, &second}) {
    const Language language = page->report.language;
    inputs << "<input type=\"radio\" class=\"switch\" name=\"language\" id=\"" << switch_id(language) << "\"";
    if (page == &first) inputs << " checked";
    inputs << ">\n";
    labels << "<label lang=\"" << language_tag(language) << "\" for=\"" << switch_id(language) << "\">"
           << (language == Language::zh_tw ? Markup("中文") : Markup("English")) << "</label> ";
  }
  out << inputs << labels << "</p>\n";
  for (const auto& [page, content] : {std::pair{&first, &one}, std::pair{&second, &two}}) {
    SafeHtml box("<div class=\"");
    box << switch_id(page->report.language) << "\" lang=\"" << language_tag(page->report.language) << "\">\n"
        << *content << "</div>\n";
    out << box;
  }
  out << page_end(report);
}

}  // namespace chaintier
