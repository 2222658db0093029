#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>

#include "reports/html_parts.h"
#include "reports/impact.h"
#include "src/base/text.h"

namespace chaintier {

namespace {

// A page that a browser still opens with ten thousand targets: rows for all, details until the budget is
// used.
constexpr std::size_t page_budget = 9'500'000;     // octets of table and details together
constexpr std::size_t details_budget = 5'000'000;  // octets, certificates included; less beside a large table
constexpr std::size_t shown_rows = 12'000;         // of the table, the worst first
constexpr std::size_t detail_all_targets = 500;    // of more, only those with warnings and errors get details
constexpr std::size_t shown_hosts = 100;           // of one kind of finding
constexpr std::size_t row_columns = 90;            // of the main finding in the table

std::int64_t count_of(const Report& report, Verdict verdict) {
  return std::count_if(report.targets.begin(), report.targets.end(),
                       [&](const TargetReport& target) { return target.verdict == verdict; });
}

SafeHtml tiles(const PageContext& page) {
  SafeHtml html("<ul class=\"tiles\">");
  for (const Verdict verdict :
       {Verdict::error, Verdict::warning, Verdict::note, Verdict::ok, Verdict::unjudged}) {
    const std::int64_t count = count_of(page.report, verdict);
    html << "<li class=\"" << (count > 0 ? css_class(verdict) : SafeHtml("zero"))
         << "\"><span class=\"number\">" << count << "</span><span class=\"label\">" << icon(verdict)
         << word(page, "verdict." + std::string(id(verdict))) << "</span></li>";
  }
  html << "</ul>";
  return html;
}

// Indices of the targets: the worst first, then as given.
std::vector<std::size_t> worst_first(const Report& report) {
  std::vector<std::size_t> order(report.targets.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto need = [&](std::size_t i) {
    switch (report.targets[i].verdict) {
      case Verdict::error:
        return 0;
      case Verdict::warning:
        return 1;
      case Verdict::unjudged:
        return 2;
      case Verdict::note:
        return 3;
      case Verdict::ok:
        return 4;
    }
    return 5;
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return need(a) < need(b); });
  return order;
}

SafeHtml target_name(const TargetReport& target) {
  return bdi(shorten(printable(target.observation.target.text), row_columns));
}

SafeHtml link(const PageContext& page, std::size_t number, bool detailed) {
  SafeHtml html("<a href=\"#");
  html << page.ids;
  if (detailed)
    html << "t";
  else
    html << "r";
  html << number << "\">" << target_name(page.report.targets[number]) << "</a>";
  return html;
}

struct Kind {
  const Finding* first = nullptr;
  Severity worst = Severity::note;
  std::vector<std::size_t> targets;
};

// By severity, causes before what follows from them, then by how many targets have it, then by rank.
std::vector<Kind> kinds_of(const Report& report) {
  std::map<int, Kind> by_rank;
  for (std::size_t i = 0; i < report.targets.size(); ++i) {
    for (const Finding& finding : report.targets[i].findings) {
      Kind& kind = by_rank[rank(finding.code)];
      if (!kind.first || finding.severity > kind.worst) kind.first = &finding, kind.worst = finding.severity;
      if (kind.targets.empty() || kind.targets.back() != i) kind.targets.push_back(i);
    }
  }
  std::vector<Kind> kinds;
  for (auto& [rank, kind] : by_rank) kinds.push_back(std::move(kind));
  std::stable_sort(kinds.begin(), kinds.end(), [](const Kind& a, const Kind& b) {
    const auto key = [](const Kind& kind) {
      return std::tuple(kind.worst, !is_effect(kind.first->code), kind.targets.size());
    };
    return key(a) > key(b);
  });
  return kinds;
}

// What all findings of a code have in common: their own titles name certificates of one target.
SafeHtml kind_title(const PageContext& page, Code code) {
  return text(page.texts.word("short." + std::string(id(code))));
}

SafeHtml kinds_section(const PageContext& page, const std::vector<bool>& detailed,
                       const std::vector<bool>& has_row) {
  SafeHtml html("<section class=\"kinds\">");
  html << heading(2, word(page, "title.by_finding"));
  const std::vector<Kind> kinds = kinds_of(page.report);
  if (kinds.empty()) html << "<p class=\"muted\">" << word(page, "say.no_findings") << "</p>";
  html << "<div class=\"kind-list\">";
  for (const Kind& kind : kinds) {
    html << "<details class=\"kind\"><summary>" << badge(page, kind.worst) << " <span class=\"cert-name\">"
         << kind_title(page, kind.first->code) << "</span> <code>" << text(id(kind.first->code))
         << "</code> <span class=\"count\">"
         << say(page, "say.targets", {{"count", static_cast<std::int64_t>(kind.targets.size())}})
         << "</span></summary><ul class=\"hosts\">";
    for (std::size_t i = 0; i < std::min(kind.targets.size(), shown_hosts); ++i) {
      const std::size_t number = kind.targets[i];
      html << "<li>";
      if (has_row[number])
        html << link(page, number, detailed[number]);
      else
        html << target_name(page.report.targets[number]);
      html << "</li>";
    }
    html << "</ul>";
    if (kind.targets.size() > shown_hosts)
      html << "<p class=\"muted\">"
           << say(page, "say.hosts_more",
                  {{"count", static_cast<std::int64_t>(kind.targets.size() - shown_hosts)}})
           << "</p>";
    html << "</details>";
  }
  html << "</div></section>";
  return html;
}

SafeHtml table_row(const PageContext& page, std::size_t number, bool detailed) {
  const TargetReport& target = page.report.targets[number];
  const ChainJudgement* chain = main_chain(target);
  SafeHtml html("<tr id=\"");
  html << page.ids << "r" << number << "\" data-verdict=\"" << css_class(target.verdict)
       << "\"><th scope=\"row\">";
  if (detailed)
    html << link(page, number, true);
  else
    html << target_name(target);
  html << "</th><td>" << badge(page, target.verdict) << "</td><td>"
       << text(shorten(printable(headline_text(page.report, target)), row_columns)) << "</td>";
  if (chain && !chain->certificates.empty() && chain->leaf()) {
    const Certificate& leaf = *chain->leaf();
    html << "<td class=\"date\">" << text(format_date(leaf.not_after)) << "</td><td>"
         << bdi(shorten(printable(leaf.issuer.short_text()), 50)) << "</td>";
  } else {
    html << "<td></td><td></td>";
  }
  html << "<td>";
  if (chain)
    for (const std::string& name : chain_names(page.texts, *chain)) html << "<div>" << text(name) << "</div>";
  html << "</td></tr>\n";
  return html;
}

// The worst targets have rows, as many as the page can hold.
std::vector<bool> rows_of(const Report& report) {
  std::vector<bool> has_row(report.targets.size());
  std::size_t rows = 0;
  for (const std::size_t i : worst_first(report)) has_row[i] = rows++ < shown_rows;
  return has_row;
}

SafeHtml targets_table(const PageContext& page, const std::vector<bool>& detailed,
                       const std::vector<bool>& has_row) {
  SafeHtml table("<table class=\"targets\" data-filter=\"");
  table << word(page, "label.filter") << "\" data-any=\"" << word(page, "label.any_verdict")
        << "\" data-shown=\"" << word(page, "label.shown") << "\" data-sort=\"" << word(page, "label.sort")
        << "\"><thead><tr>";
  for (const std::string_view key :
       {"label.target", "label.verdict", "label.headline", "label.leaf_ends", "label.issuer", "label.chain"})
    table << "<th scope=\"col\">" << word(page, key) << "</th>";
  table << "</tr></thead><tbody>\n";
  std::size_t left_out = 0;
  for (const std::size_t i : worst_first(page.report)) {
    if (has_row[i])
      table << table_row(page, i, detailed[i]);
    else
      ++left_out;
  }
  table << "</tbody></table>";
  SafeHtml html("<section>");
  html << heading(2, word(page, "title.targets")) << table_box(word(page, "title.targets"), table);
  if (left_out > 0)
    html << "<p class=\"muted\">"
         << say(page, "say.rows_left_out", {{"count", static_cast<std::int64_t>(left_out)}}) << "</p>";
  html << "</section>";
  return html;
}

SafeHtml details_of(const PageContext& page, std::size_t number) {
  const TargetReport& target = page.report.targets[number];
  SafeHtml html("<details class=\"target\" id=\"");
  html << page.ids << "t" << number << "\"><summary>" << badge(page, target.verdict) << " <h3>"
       << target_name(target) << "</h3></summary><div class=\"inside\">" << verdict_panel(page, target)
       << target_sections(page, target) << "<p><a href=\"#" << page.ids << "r" << number << "\">"
       << word(page, "label.all_targets") << "</a></p></div></details>\n";
  return html;
}

struct Detailed {
  std::vector<std::pair<std::size_t, SafeHtml>> targets;
  CertificateTable certificates;
  std::set<CertFingerprint> described;
};

// Roughly what the certificate's own section takes: its PEM and as much again for the values read from it.
std::size_t cost(const CertificateRef& ref) {
  return 3000 + 3 * (ref.parsed ? ref.parsed->der.size() : ref.sent->der.size());
}

Detailed detail(PageContext page, std::size_t budget) {
  Detailed result;
  page.level = 4;
  page.described = &result.described;
  std::size_t used = 0;
  const bool all = page.report.targets.size() <= detail_all_targets;
  for (const std::size_t number : worst_first(page.report)) {
    const Verdict verdict = page.report.targets[number].verdict;
    if (!all && verdict != Verdict::error && verdict != Verdict::warning) break;
    CertificateTable own;
    add_certificates(page.report.targets[number], *page.report.catalogue, own);
    std::size_t certificates = 0;
    std::set<CertFingerprint> added;
    for (const auto& [fingerprint, ref] : own)
      if (result.described.insert(fingerprint).second) added.insert(fingerprint), certificates += cost(ref);
    page.number = number;
    SafeHtml html = details_of(page, number);
    if (used + html.size() + certificates > budget) {
      for (const CertFingerprint& fingerprint : added) result.described.erase(fingerprint);
      break;
    }
    used += html.size() + certificates;
    result.targets.emplace_back(number, std::move(html));
    result.certificates.merge(own);
  }
  return result;
}

}  // namespace

SafeHtml fleet_page(const PageContext& page) {
  const std::vector<bool> has_row = rows_of(page.report);
  std::vector<bool> has_details(page.report.targets.size());
  const std::size_t table = targets_table(page, has_details, has_row).size();
  const Detailed detailed =
      detail(page, std::min(details_budget, page_budget - std::min(page_budget, table)));
  for (const auto& [number, html] : detailed.targets) has_details[number] = true;

  SafeHtml html("<main class=\"many\" id=\"");
  html << page.ids << "main\"><p class=\"lead\">" << text(impact_text(page.report)) << "</p>" << tiles(page)
       << kinds_section(page, has_details, has_row) << adoption_section(page, has_row)
       << calendar_section(page, has_row) << targets_table(page, has_details, has_row);
  if (!detailed.targets.empty()) {
    html << "<section class=\"details\">" << heading(2, word(page, "title.details"));
    for (const auto& [number, section] : detailed.targets) html << section;
    html << "</section>";
  }
  const std::size_t left_out = page.report.targets.size() - detailed.targets.size();
  if (left_out > 0)
    html << "<p class=\"muted\">"
         << say(page, "say.details_left_out", {{"count", static_cast<std::int64_t>(left_out)}}) << "</p>";
  html << explanations_section(page) << certificates_section(page, detailed.certificates) << "</main>\n";
  return html;
}

}  // namespace chaintier
