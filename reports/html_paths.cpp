#include <algorithm>

#include "reports/html_parts.h"
#include "reports/path_graph.h"
#include "src/base/text.h"

namespace chaintier {

namespace {

constexpr std::size_t shown_paths = 8;

Markup source_class(Sources from) {
  if (contains(from, Source::served)) return "served";
  if (contains(from, Source::store)) return "store";
  return "other";
}

SafeHtml source_words(const PageContext& page, Sources from, bool missing) {
  std::vector<std::string> words;
  for (const Source source : {Source::served, Source::pool, Source::preloaded, Source::aia, Source::store})
    if (contains(from, source)) words.push_back(page.texts.word("source." + std::string(id(source))));
  if (words.empty()) words.push_back(page.texts.word("source.catalogue"));
  if (missing) words.push_back(page.texts.word("label.not_sent"));
  return text(joined(words, comma(page.report.language)));
}

SafeHtml users_of(const PageContext& page, const ChainJudgement& chain, std::size_t path) {
  std::vector<std::string> names;
  for (const ClientResult& client : chain.clients) {
    const bool trusts =
        client.verdict == ClientVerdict::trusted || client.verdict == ClientVerdict::trusted_by_aia;
    if (trusts && client.path == path) names.push_back(client_label(page.report, client.client));
  }
  if (names.empty()) return word(page, "say.not_used");
  return say(page, "say.used_by", {{"clients", joined(names, page.texts.word("list.clients"))}});
}

bool advised(const ChainJudgement& chain, const CertFingerprint& fingerprint) {
  return std::any_of(chain.advice.begin(), chain.advice.end(), [&](const Advice& advice) {
    return advice.action == AdviceAction::add && advice.certificate == fingerprint;
  });
}

SafeHtml step(const PageContext& page, const ChainJudgement& chain, const Path& path, std::size_t position) {
  const CertificatePtr& certificate = path.certificates[position];
  const bool missing = advised(chain, certificate->fingerprint);
  SafeHtml html("<li class=\"");
  html << source_class(path.from.at(position)) << "\">";
  const CertificateKind kind =
      position == 0 ? CertificateKind::leaf : kind_of(certificate, *page.report.catalogue);
  html << "<span class=\"cert-name\">"
       << certificate_link(page, certificate->fingerprint,
                           bdi(shorten(printable(short_name(page.texts, certificate)), 80)))
       << "</span> <span class=\"muted\">" << text(kind_text(page.texts, kind)) << " · "
       << source_words(page, path.from.at(position), missing);
  if (position + 1 == path.certificates.size()) html << " · " << word(page, "label.trusted_root");
  html << "</span>";
  for (const PathProblem& problem : path.problems)
    if (problem.index == position)
      html << " <span class=\"problem\">" << icon(Verdict::error)
           << text(reason_text(page.texts, std::string(id(problem.problem)))) << "</span>";
  html << "</li>";
  return html;
}

SafeHtml path_item(const PageContext& page, const ChainJudgement& chain, std::size_t number) {
  const JudgedPath& judged = chain.paths[number];
  SafeHtml html("<li><div class=\"path-head\"><strong>");
  html << say(page, "say.path_number", {{"number", static_cast<std::int64_t>(number + 1)}}) << "</strong> ";
  if (const auto name = path_name(page.texts, judged)) html << text(*name) << " · ";
  html << text(tiers_text(page.texts, judged.path.tiers())) << " <span class=\"badge ";
  if (judged.path.valid())
    html << "ok\">" << icon(Verdict::ok) << word(page, "label.path_valid");
  else
    html << "error\">" << icon(Verdict::error) << word(page, "label.path_invalid");
  html << "</span></div><ol class=\"path\">";
  for (std::size_t i = 0; i < judged.path.certificates.size(); ++i) html << step(page, chain, judged.path, i);
  html << "</ol><p class=\"muted used\">" << users_of(page, chain, number) << "</p></li>";
  return html;
}

SafeHtml legend(const PageContext& page) {
  SafeHtml html("<ul class=\"legend\"><li class=\"served\">");
  html << word(page, "say.legend_served") << "</li><li class=\"store\">" << word(page, "say.legend_store")
       << "</li><li class=\"other\">" << word(page, "say.legend_other") << "</li><li class=\"add\">"
       << word(page, "say.legend_missing") << "</li><li class=\"bad\">" << word(page, "say.legend_invalid")
       << "</li></ul>";
  return html;
}

}  // namespace

SafeHtml paths_section(const PageContext& page, const TargetReport& target) {
  SafeHtml html;
  for (std::size_t i = 0; i < target.chains.size(); ++i) {
    const ChainJudgement& chain = *target.chains[i];
    if (chain.without_sni_only || chain.paths.empty()) continue;
    const std::vector<std::size_t> paths = paths_to_show(chain, shown_paths);
    if (html.empty())
      html << "<section class=\"paths\">" << heading(page.level, word(page, "title.paths")) << legend(page);
    if (target.chains.size() > 1) html << heading(page.level + 1, chain_caption(page, target, i));
    html << "<div class=\"picture-and-list\"><div class=\"picture\" role=\"group\" tabindex=\"0\" "
            "aria-label=\""
         << word(page, "title.paths") << "\">" << path_picture(page, target, i, paths)
         << "</div><ol class=\"path-list\">";
    for (const std::size_t path : paths) html << path_item(page, chain, path);
    html << "</ol></div>";
    if (paths.size() < chain.paths.size())
      html << "<p class=\"muted\">"
           << say(page, "say.paths_more",
                  {{"count", static_cast<std::int64_t>(chain.paths.size() - paths.size())}})
           << "</p>";
  }
  if (!html.empty()) html << "</section>";
  return html;
}

}  // namespace chaintier
