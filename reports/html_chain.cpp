#include "reports/html_parts.h"
#include "src/base/text.h"

namespace chaintier {

namespace {

SafeHtml row(const PageContext& page, const ChainRow& row) {
  SafeHtml html("<li");
  if (row.mark) {
    html << " class=\"";
    switch (*row.mark) {
      case AdviceAction::add:
        html << "add";
        break;
      case AdviceAction::drop:
        html << "drop";
        break;
      case AdviceAction::move:
        html << "move";
        break;
    }
    html << "\"";
  }
  html << "><span class=\"cert-name\">"
       << certificate_link(page, row.fingerprint,
                           bdi(shorten(printable(short_name(page.texts, row.certificate)), 80)))
       << "</span>";
  if (row.mark) html << " " << badge(page, *row.mark);
  html << "<div class=\"muted\">";
  if (row.certificate)
    html << text(kind_text(page.texts, kind_of(row.certificate, *page.report.catalogue))) << " · "
         << say(page, "say.until", {{"date", format_date(row.certificate->not_after)}}) << " · ";
  html << "<code>" << text(row.fingerprint.hex().substr(0, 12)) << "…</code></div></li>";
  return html;
}

SafeHtml column(const PageContext& page, std::string_view title, const std::vector<ChainRow>& rows) {
  SafeHtml html("<div class=\"chain-column\">");
  html << heading(page.level + 1, word(page, title)) << "<ol class=\"chain\">";
  for (const ChainRow& each : rows) html << row(page, each);
  html << "</ol>";
  if (rows.empty()) html << "<p class=\"muted\">" << word(page, "label.nothing_served") << "</p>";
  html << "</div>";
  return html;
}

}  // namespace

SafeHtml sent_section(const PageContext& page, const TargetReport& target) {
  SafeHtml html("<section class=\"sent\">");
  html << heading(page.level, word(page, "title.served"));
  if (target.chains.empty()) html << "<p class=\"muted\">" << word(page, "say.no_chain") << "</p>";
  for (std::size_t i = 0; i < target.chains.size(); ++i) {
    const ChainJudgement& chain = *target.chains[i];
    if (target.chains.size() > 1 || chain.without_sni_only) {
      html << "<p>" << chain_caption(page, target, i);
      if (chain.without_sni_only) html << " · " << word(page, "label.without_sni");
      html << "</p>";
    }
    const bool alike = served_as_should_be(chain);
    html << "<div class=\"side-by-side\">" << column(page, "label.served", served_rows(chain));
    if (chain.should_send && !alike) html << column(page, "label.should_send", should_rows(chain));
    html << "</div>";
    if (alike)
      html << "<p class=\"same\">" << icon(Verdict::ok) << word(page, "label.same") << "</p>";
    else if (!chain.should_send && !chain.without_sni_only)
      html << "<p class=\"muted\">" << word(page, "label.no_advice") << "</p>";
  }
  html << "</section>";
  return html;
}

}  // namespace chaintier
