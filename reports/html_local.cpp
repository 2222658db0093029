#include <algorithm>

#include "reports/html_parts.h"
#include "reports/local_view.h"
#include "src/base/text.h"

namespace chaintier {

namespace {

constexpr std::size_t text_columns = 900, name_columns = 300, shown_items = 200;

SafeHtml cut(std::string_view raw, std::size_t columns) { return bdi(shorten(printable(raw), columns)); }

SafeHtml notes_list(const std::vector<std::string>& notes) {
  if (notes.empty()) return {};
  SafeHtml html("<ul class=\"plain\">");
  for (const std::string& note : notes) html << "<li>" << cut(note, text_columns) << "</li>";
  html << "</ul>";
  return html;
}

SafeHtml finding_article(const PageContext& page, const Finding& finding) {
  const FindingText words = local_texts(page.report, finding);
  SafeHtml html("<article class=\"finding ");
  html << css_class(as_verdict(finding.severity)) << "\"><header>" << badge(page, finding.severity)
       << "<code class=\"code\">" << text(id(finding.code)) << "</code></header>"
       << heading(page.level + 2, text(shorten(printable(words.title), name_columns))) << "<p class=\"why\">"
       << text(shorten(printable(words.why), text_columns)) << "</p>";
  if (!words.fix.empty()) {
    html << "<ol class=\"steps\">";
    for (const std::string& step : words.fix)
      html << "<li>" << text(shorten(printable(step), text_columns)) << "</li>";
    html << "</ol>";
  }
  if (words.manual)
    html << "<p class=\"manual\">" << word(page, "label.manual") << " <strong>" << text(*words.manual)
         << "</strong></p>";
  html << "</article>";
  return html;
}

SafeHtml block(const PageContext& page, Verdict verdict, const std::string& name, const SafeHtml& what,
               const SafeHtml& inside, const std::vector<Finding>& findings) {
  SafeHtml html("<section>");
  SafeHtml title = badge(page, verdict);
  title << " " << cut(name, name_columns);
  html << heading(page.level + 1, title);
  if (!what.empty()) html << "<p class=\"muted\">" << what << "</p>";
  html << inside;
  for (const Finding& finding : findings) html << finding_article(page, finding);
  html << "</section>";
  return html;
}

SafeHtml file_block(const PageContext& page, const LocalFile& file) {
  SafeHtml inside;
  if (file.reason)
    inside << "<p class=\"why\">" << cut(reason_text(page.texts, *file.reason), text_columns) << "</p>";
  if (!file.items.empty()) {
    inside << "<ul>";
    for (std::size_t i = 0; i < std::min(file.items.size(), shown_items); ++i) {
      const LocalItem& item = file.items[i];
      SafeHtml name = cut(item_text(page.texts, item), name_columns);
      if (item.certificate) name = certificate_link(page, item.certificate->fingerprint, name);
      inside << "<li>" << name << notes_list(item_notes(page.report, file, item)) << "</li>";
    }
    if (file.items.size() > shown_items)
      inside << "<li>"
             << say(page, "say.clients_more",
                    {{"count", static_cast<std::int64_t>(file.items.size() - shown_items)}})
             << "</li>";
    inside << "</ul>";
  }
  return block(page, verdict_of(file), file.path, word(page, "local.kind." + std::string(id(file.kind))),
               inside, file.findings);
}

template <class List, class Show>
void part(SafeHtml& html, const PageContext& page, std::string_view title, const List& list,
          const Show& show) {
  if (list.empty()) return;
  html << "<section class=\"findings\">" << heading(page.level, word(page, title));
  for (const auto& one : list) html << show(page, one);
  html << "</section>\n";
}

}  // namespace

SafeHtml local_sections(const PageContext& page) {
  const LocalReport& local = *page.report.local;
  SafeHtml html;
  part(html, page, "title.files", local.files, file_block);
  part(html, page, "title.servers", local.servers, [](const PageContext& p, const ServerSite& site) {
    return block(p, verdict_of(site), site_place(site), {}, notes_list(site_notes(p.report, site)),
                 site.findings);
  });
  part(html, page, "title.stores", local.stores, [](const PageContext& p, const TrustStore& store) {
    return block(p, verdict_of(store), store.path, word(p, "local.store." + store.kind),
                 notes_list(store_notes(p.report, store)), store.findings);
  });
  part(html, page, "title.comparisons", local.comparisons, [](const PageContext& p, const Comparison& one) {
    SafeHtml line("<p>");
    line << cut(one.target, name_columns) << " · " << word(p, "local.against." + one.result) << "</p>";
    return line;
  });
  if (local.limit)
    html << "<p class=\"why\">" << say(page, "local.limit." + local.limit->id, local.limit->facts) << "</p>";
  return html;
}

}  // namespace chaintier
