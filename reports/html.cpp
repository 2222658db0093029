#include "reports/html.h"

#include "reports/html_parts.h"
#include "src/base/text.h"

namespace chaintier {

namespace {

constexpr std::size_t title_columns = 200;

std::string time_text(Time time) {  // "2026-09-21 08:30 UTC"
  const std::string rfc3339 = format_rfc3339(time);
  return rfc3339.substr(0, 10) + " " + rfc3339.substr(11, 5) + " UTC";
}

SafeHtml page_head(const PageContext& page, const SafeHtml& title) {
  SafeHtml html{"<!DOCTYPE html>\n<html lang=\""};
  if (page.report.language == Language::zh_tw)
    html << "zh-Hant-TW";
  else
    html << "en";
  html << "\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
          "'unsafe-inline'; "
          "img-src data:\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta name=\"color-scheme\" content=\"light dark\">\n<title>"
       << title << " · " << word(page, "title.report") << "</title>\n<style>\n"
       << SafeHtml::page_file("page/style.css")
       << "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">" << word(page, "label.skip")
       << "</a>\n"
       << icons();
  return html;
}

SafeHtml page_header(const PageContext& page, const SafeHtml& title) {
  SafeHtml html("<header class=\"page\"><p class=\"kicker\">");
  html << word(page, "title.report") << "</p><h1>" << title << "</h1><p class=\"muted\">"
       << word(page, "label.judged_at") << " <time datetime=\"" << text(format_rfc3339(page.report.judged_at))
       << "\">" << text(time_text(page.report.judged_at)) << "</time></p></header>\n";
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

SafeHtml page_footer(const PageContext& page) {
  SafeHtml html("<footer>");
  if (!page.report.clients.empty()) html << client_data(page);
  html << "<p>" << text(page.report.tool_name) << " " << text(page.report.tool_version) << " · "
       << word(page, "label.data_date") << " " << text(page.report.catalogue_date) << "</p><p>"
       << say(page, "say.rendered_from", {{"schema", std::string("chaintier.report/1")}})
       << "</p></footer>\n</body>\n</html>\n";
  return html;
}

SafeHtml single_page(PageContext page, const TargetReport& target) {
  CertificateTable certificates;
  add_certificates(target, *page.report.catalogue, certificates);
  std::set<CertFingerprint> described;
  for (const auto& [fingerprint, ref] : certificates) described.insert(fingerprint);
  page.described = &described;
  SafeHtml html("<main id=\"main\">");
  html << verdict_panel(page, target) << target_sections(page, target)
       << certificates_section(page, certificates) << "</main>\n";
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

}  // namespace

SafeHtml verdict_panel(const PageContext& page, const TargetReport& target) {
  SafeHtml html("<div class=\"verdict ");
  html << css_class(target.verdict) << "\"><div class=\"big\">" << icon(target.verdict)
       << "</div><div><p class=\"word\">" << word(page, "verdict." + std::string(id(target.verdict)))
       << "</p><p class=\"sentence\">" << text(shorten(printable(headline_text(page.report, target)), 200))
       << "</p>";
  if (target.bad_target) {
    const auto line = static_cast<std::int64_t>(target.bad_target->line);
    const std::string& detail = target.bad_target->error.detail;
    html << "<p class=\"facts-line\">"
         << (line ? say(page, "say.bad_target", {{"line", line}, {"detail", detail}}) : text(detail))
         << "</p>";
  }
  const ChainJudgement* chain = main_chain(target);
  if (chain && !chain->certificates.empty() && chain->certificates.front()) {
    const Certificate& leaf = *chain->certificates.front();
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
  const PageContext page{report, Texts::of(report.language), 2, 1, nullptr};
  const bool single = report.targets.size() == 1;
  const SafeHtml title =
      single ? bdi(shorten(printable(report.targets.front().observation.target.text), title_columns))
             : say(page, "say.targets", {{"count", static_cast<std::int64_t>(report.targets.size())}});
  const SafeHtml plain_title =
      single ? text(shorten(printable(report.targets.front().observation.target.text), title_columns))
             : title;
  if (report.local) {
    out << page_head(page, word(page, "title.local")) << page_header(page, word(page, "title.local"))
        << local_page(page) << page_footer(page);
    return;
  }
  out << page_head(page, plain_title) << page_header(page, title)
      << (single ? single_page(page, report.targets.front()) : fleet_page(page)) << page_footer(page);
}

}  // namespace chaintier
