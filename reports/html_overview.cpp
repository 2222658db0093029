// What a list of targets comes to: when certificates end, and how far the new chain has been taken up.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "reports/html_parts.h"
#include "src/base/text.h"

namespace chaintier {

namespace {

constexpr std::size_t shown_names = 8;  // of a row; the table of targets has all
constexpr std::size_t shown_months = 36;
constexpr int bar_width = 160;

// The certificate that most connections were shown.
const Certificate* main_leaf(const TargetReport& target) {
  const ChainJudgement* chain = main_chain(target);
  if (!chain || chain->certificates.empty()) return nullptr;
  return chain->leaf().get();
}

// Decoration: the number stands beside it.
SafeHtml bar(std::size_t count, std::size_t most) {
  const auto width = std::max<std::size_t>(2, count * bar_width / std::max<std::size_t>(most, 1));
  SafeHtml html("<svg class=\"bar\" aria-hidden=\"true\" width=\"");
  html << width << "\" height=\"12\"><rect width=\"" << width << "\" height=\"12\" rx=\"2\"/></svg>";
  return html;
}

SafeHtml names(const PageContext& page, const std::vector<std::size_t>& numbers,
               const std::vector<bool>& has_row) {
  SafeHtml html;
  for (std::size_t i = 0; i < std::min(numbers.size(), shown_names); ++i) {
    if (i) html << text(comma(page.report.language));
    const SafeHtml name =
        bdi(shorten(printable(page.report.targets[numbers[i]].observation.target.text), 60));
    if (has_row[numbers[i]])
      html << "<a href=\"#" << page.ids << "r" << numbers[i] << "\">" << name << "</a>";
    else
      html << name;
  }
  if (numbers.size() > shown_names)
    html << " "
         << say(page, "say.hosts_more", {{"count", static_cast<std::int64_t>(numbers.size() - shown_names)}});
  return html;
}

SafeHtml head(const PageContext& page, std::initializer_list<std::string_view> keys) {
  SafeHtml html("<thead><tr>");
  for (const std::string_view key : keys) html << "<th scope=\"col\">" << word(page, key) << "</th>";
  html << "</tr></thead><tbody>";
  return html;
}

SafeHtml section(const PageContext& page, std::string_view title, const SafeHtml& table) {
  SafeHtml html("<section>");
  html << heading(2, word(page, title)) << table_box(word(page, title), table) << "</section>";
  return html;
}

}  // namespace

SafeHtml calendar_section(const PageContext& page, const std::vector<bool>& has_row) {
  std::map<std::string, std::vector<std::size_t>> months;  // "2027-05"; empty for what has ended
  for (std::size_t i = 0; i < page.report.targets.size(); ++i)
    if (const Certificate* leaf = main_leaf(page.report.targets[i]))
      months[leaf->not_after < page.report.judged_at ? "" : format_date(leaf->not_after).substr(0, 7)]
          .push_back(i);
  if (months.empty()) return {};
  std::size_t most = 0;
  for (auto& [month, targets] : months) {
    most = std::max(most, targets.size());
    std::ranges::stable_sort(targets, {},
                             [&](std::size_t i) { return main_leaf(page.report.targets[i])->not_after; });
  }
  SafeHtml table("<table class=\"calendar\">");
  table << head(page, {"label.month", "label.count", "label.which"});
  std::size_t rows = 0;
  for (const auto& [month, targets] : months) {
    if (rows++ == shown_months) break;
    table << "<tr><th scope=\"row\">" << (month.empty() ? word(page, "label.ended") : text(month))
          << "</th><td data-label=\"" << word(page, "label.count") << "\"><span class=\"quantity\">"
          << targets.size() << "</span>" << bar(targets.size(), most) << "</td><td>"
          << names(page, targets, has_row) << "</td></tr>";
  }
  table << "</tbody></table>";
  return section(page, "title.calendar", table);
}

SafeHtml adoption_section(const PageContext& page, const std::vector<bool>& has_row) {
  std::map<Hierarchy, std::vector<std::size_t>> groups;
  std::vector<std::size_t> others, unknown;
  for (std::size_t i = 0; i < page.report.targets.size(); ++i) {
    const ChainJudgement* chain = main_chain(page.report.targets[i]);
    if (!chain) {
      unknown.push_back(i);
      continue;
    }
    const KnownCa* issuer = chain->issued_by ? page.report.catalogue->find(*chain->issued_by) : nullptr;
    if (issuer && issuer->hierarchy != Hierarchy::none)
      groups[issuer->hierarchy].push_back(i);
    else
      others.push_back(i);
  }
  if (groups.empty()) return {};
  const std::size_t total = page.report.targets.size();
  SafeHtml table("<table class=\"calendar\">");
  table << head(page, {"label.chain", "label.count", "label.share", "label.which"});
  const auto row = [&](std::string_view key, const std::vector<std::size_t>& targets) {
    const double share = 100.0 * static_cast<double>(targets.size()) / static_cast<double>(total);
    table << "<tr><th scope=\"row\">" << word(page, key) << "</th><td data-label=\""
          << word(page, "label.count") << "\"><span class=\"quantity\">" << targets.size() << "</span>";
    if (!targets.empty()) table << bar(targets.size(), total);
    table << "</td><td class=\"date\" data-label=\"" << word(page, "label.share") << "\">"
          << text(fmt::format("{:.1f} %", share)) << "</td><td>" << names(page, targets, has_row)
          << "</td></tr>";
  };
  row("adoption.new", groups[Hierarchy::new_hierarchy]);
  row("adoption.old", groups[Hierarchy::old_hierarchy]);
  if (!others.empty()) row("adoption.other", others);
  if (!unknown.empty()) row("adoption.unknown", unknown);
  table << "</tbody></table>";
  return section(page, "title.adoption", table);
}

}  // namespace chaintier
