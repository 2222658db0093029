#include <algorithm>

#include "reports/html_parts.h"

namespace chaintier {

namespace {

// Clients that are alike for every chain of the target.
struct Row {
  std::vector<const ClientResult*> results;  // one for each chain
  std::vector<const ClientInfo*> clients;
};

const ClientResult* result_of(const ChainJudgement& chain, const std::string& client) {
  for (const ClientResult& result : chain.clients)
    if (result.client == client) return &result;
  return nullptr;
}

bool alike(const ClientResult* a, const ClientResult* b) {
  if (!a || !b) return a == b;
  return a->verdict == b->verdict && a->path == b->path && a->reasons == b->reasons;
}

int reading_order(const Row& row) {
  int order = 9;
  for (const ClientResult* result : row.results) {
    if (!result) continue;
    switch (result->verdict) {
      case ClientVerdict::untrusted:
        order = std::min(order, 0);
        break;
      case ClientVerdict::trusted_by_aia:
        order = std::min(order, 1);
        break;
      case ClientVerdict::trusted:
        order = std::min(order, 2);
        break;
      case ClientVerdict::unjudged:
        order = std::min(order, 3);
        break;
    }
  }
  return order;
}

std::vector<Row> rows_of(const Report& report, const std::vector<const ChainJudgement*>& chains) {
  std::vector<Row> rows;
  for (const ClientInfo& client : report.clients) {
    Row row;
    bool judged = false;
    for (const ChainJudgement* chain : chains) {
      row.results.push_back(result_of(*chain, client.id));
      judged = judged || row.results.back();
    }
    if (!judged) continue;
    const auto same = std::find_if(rows.begin(), rows.end(), [&](const Row& other) {
      return std::equal(row.results.begin(), row.results.end(), other.results.begin(), alike);
    });
    if (same != rows.end())
      same->clients.push_back(&client);
    else
      row.clients.push_back(&client), rows.push_back(std::move(row));
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const Row& a, const Row& b) { return reading_order(a) < reading_order(b); });
  return rows;
}

SafeHtml client_names(const PageContext& page, const Row& row) {
  std::vector<std::string> current, others;
  for (const ClientInfo* client : row.clients)
    (client->current ? current : others).push_back(client_label(page.report, *client));
  SafeHtml html;
  const auto list = [&](const std::vector<std::string>& names) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      html << "<span class=\"name\">" << bdi(names[i]);
      if (i + 1 < names.size()) html << word(page, "list.clients");
      html << "</span>";
    }
  };
  list(current);
  if (others.empty()) return html;
  html << "<div class=\"others\">" << word(page, "label.other_clients") << text(colon(page.report.language));
  list(others);
  html << "</div>";
  return html;
}

SafeHtml cell(const PageContext& page, const ClientResult* result, const ChainJudgement& chain) {
  SafeHtml html("<td>");
  if (result) {
    const std::string detail =
        group_result(page.texts, {result->verdict, result->path, result->reasons, {}}, chain);
    html << badge(page, result->verdict);
    if (!detail.empty()) html << "<div class=\"result\">" << text(detail) << "</div>";
  }
  html << "</td>";
  return html;
}

}  // namespace

SafeHtml clients_section(const PageContext& page, const TargetReport& target) {
  std::vector<const ChainJudgement*> chains;
  std::vector<std::size_t> numbers;
  for (std::size_t i = 0; i < target.chains.size(); ++i) {
    if (target.chains[i]->without_sni_only) continue;
    chains.push_back(target.chains[i].get());
    numbers.push_back(i);
  }
  const std::vector<Row> rows = rows_of(page.report, chains);
  if (rows.empty()) return {};

  SafeHtml table("<table class=\"matrix");
  if (chains.size() == 1) table << " single";
  table << "\"><thead><tr><th scope=\"col\">" << word(page, "label.clients") << "</th>";
  for (const std::size_t number : numbers) {
    table << "<th scope=\"col\">";
    if (target.chains.size() > 1)
      table << chain_caption(page, target, number);
    else
      table << word(page, "label.verdict");
    table << "</th>";
  }
  table << "</tr></thead><tbody>";
  for (const Row& row : rows) {
    table << "<tr><th scope=\"row\">" << client_names(page, row) << "</th>";
    for (std::size_t i = 0; i < chains.size(); ++i) table << cell(page, row.results[i], *chains[i]);
    table << "</tr>";
  }
  table << "</tbody></table>";

  const SafeHtml title = word(page, "title.clients");
  SafeHtml html("<section>");
  html << heading(page.level, title) << table_box(title, table) << "</section>";
  return html;
}

}  // namespace chaintier
