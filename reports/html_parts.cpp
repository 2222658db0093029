#include "reports/html_parts.h"

#include <cstdlib>

#include <fmt/format.h>

namespace chaintier {

namespace {

SafeHtml badge(const SafeHtml& css, const SafeHtml& symbol, const SafeHtml& name) {
  SafeHtml html("<span class=\"badge ");
  html << css << "\">" << symbol << name << "</span>";
  return html;
}

SafeHtml use(Markup symbol) {
  SafeHtml html("<svg class=\"i\" aria-hidden=\"true\"><use href=\"#");
  html << symbol << "\"/></svg>";
  return html;
}

}  // namespace

SafeHtml word(const PageContext& page, std::string_view key) { return text(page.texts.word(key)); }

SafeHtml say(const PageContext& page, std::string_view key, const std::map<std::string, Fact>& facts) {
  return text(page.texts.phrase(key, facts));
}

SafeHtml heading(int level, const SafeHtml& content) {
  SafeHtml html("<h");
  html << level << ">" << content << "</h" << level << ">";
  return html;
}

SafeHtml table_box(const SafeHtml& label, const SafeHtml& table) {
  SafeHtml html("<div class=\"scroll\" role=\"group\" tabindex=\"0\" aria-label=\"");
  html << label << "\">" << table << "</div>";
  return html;
}

SafeHtml css_class(Verdict verdict) { return text(id(verdict)); }

Verdict as_verdict(Severity severity) {
  switch (severity) {
    case Severity::note:
      return Verdict::note;
    case Severity::warning:
      return Verdict::warning;
    case Severity::error:
      return Verdict::error;
  }
  std::abort();
}

SafeHtml icon(Verdict verdict) {
  switch (verdict) {
    case Verdict::ok:
      return use("i-ok");
    case Verdict::note:
      return use("i-note");
    case Verdict::warning:
      return use("i-warning");
    case Verdict::error:
      return use("i-error");
    case Verdict::unjudged:
      return use("i-unjudged");
  }
  std::abort();
}

SafeHtml icons() { return SafeHtml::page_file("page/icons.svg"); }

SafeHtml badge(const PageContext& page, Verdict verdict) {
  return badge(css_class(verdict), icon(verdict), word(page, "verdict." + std::string(id(verdict))));
}

SafeHtml badge(const PageContext& page, Severity severity) {
  const Verdict verdict = as_verdict(severity);
  return badge(css_class(verdict), icon(verdict), word(page, "severity." + std::string(id(severity))));
}

SafeHtml badge(const PageContext& page, ClientVerdict verdict) {
  const SafeHtml name = word(page, "client.verdict." + std::string(id(verdict)));
  switch (verdict) {
    case ClientVerdict::trusted:
      return badge(Markup("ok"), use("i-ok"), name);
    case ClientVerdict::trusted_by_aia:
      return badge(Markup("warning"), use("i-fetched"), name);
    case ClientVerdict::untrusted:
      return badge(Markup("error"), use("i-error"), name);
    case ClientVerdict::unjudged:
      return badge(Markup("unjudged"), use("i-unjudged"), name);
  }
  std::abort();
}

SafeHtml badge(const PageContext& page, AdviceAction action) {
  const SafeHtml name = word(page, "advice." + std::string(id(action)));
  switch (action) {
    case AdviceAction::add:
      return badge(Markup("ok"), use("i-add"), name);
    case AdviceAction::drop:
      return badge(Markup("error"), use("i-drop"), name);
    case AdviceAction::move:
      return badge(Markup("warning"), use("i-move"), name);
  }
  std::abort();
}

SafeHtml badge(const PageContext& page, Outcome outcome) {
  const SafeHtml name = word(page, "outcome." + std::string(id(outcome)));
  switch (outcome) {
    case Outcome::captured:
      return badge(Markup("ok"), use("i-ok"), name);
    case Outcome::partial:
      return badge(Markup("warning"), use("i-warning"), name);
    case Outcome::failed:
      return badge(Markup("unjudged"), use("i-unjudged"), name);
    case Outcome::not_started:
      return badge(Markup("unjudged"), use("i-unjudged"), name);
  }
  std::abort();
}

SafeHtml certificate_id(const PageContext& page, const CertFingerprint& fingerprint) {
  SafeHtml html;
  html << page.ids << "c-" << text(fingerprint.hex().substr(0, 20));
  return html;
}

SafeHtml certificate_link(const PageContext& page, const CertFingerprint& fingerprint, const SafeHtml& name) {
  if (!page.described || !page.described->contains(fingerprint)) return name;
  SafeHtml html("<a href=\"#");
  html << certificate_id(page, fingerprint) << "\">" << name << "</a>";
  return html;
}

SafeHtml chain_names_html(const PageContext& page, const ChainJudgement& chain) {
  return text(joined(chain_names(page.texts, chain), page.report.language == Language::zh_tw ? "；" : "; "));
}

SafeHtml chain_caption(const PageContext& page, const TargetReport& target, std::size_t chain) {
  SafeHtml html("<span class=\"chain-number\">");
  html << say(page, "say.chain_number", {{"number", static_cast<std::int64_t>(chain + 1)}}) << "</span>";
  constexpr std::size_t shown = 6;
  const std::vector<SeenAt>& seen = target.chains[chain]->seen_at;
  html << " <span class=\"muted\">";
  for (std::size_t i = 0; i < seen.size() && i < shown; ++i) {
    if (i) html << text(comma(page.report.language));
    html << bdi(seen[i].address) << " ×" << seen[i].count;
  }
  if (seen.size() > shown)
    html << " " << say(page, "say.clients_more", {{"count", static_cast<std::int64_t>(seen.size() - shown)}});
  html << "</span>";
  return html;
}

}  // namespace chaintier
