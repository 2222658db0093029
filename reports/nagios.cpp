#include "reports/nagios.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "reports/view.h"
#include "src/base/text.h"

namespace chaintier {

namespace {

constexpr std::size_t shown_targets = 3;
constexpr std::size_t name_columns = 80, headline_columns = 160;

std::string_view word(PluginState state) {
  switch (state) {
    case PluginState::ok:
      return "OK";
    case PluginState::warning:
      return "WARNING";
    case PluginState::critical:
      return "CRITICAL";
    case PluginState::unknown:
      return "UNKNOWN";
  }
  std::abort();
}

// The bar begins the performance data, and a line feed the long output: neither may come from a name.
std::string plain(std::string_view raw, std::size_t columns) {
  std::string text = shorten(printable(raw), columns);
  std::ranges::replace(text, '|', '/');
  return text;
}

std::int64_t count_of(const Report& report, Verdict verdict) {
  return std::ranges::count_if(report.targets,
                               [&](const TargetReport& target) { return target.verdict == verdict; });
}

// Targets of the verdict that decides, by name; one target is told in full.
std::string details(const Report& report, Verdict verdict) {
  std::vector<std::string> parts;
  std::size_t left = 0;
  for (const TargetReport& target : report.targets) {
    if (target.verdict != verdict) continue;
    if (parts.size() == shown_targets) {
      ++left;
      continue;
    }
    std::string part = plain(target.observation.target.text, name_columns) +
                       std::string(colon(report.language)) +
                       plain(headline_text(report, target), headline_columns);
    if (target.headline) part += fmt::format(" [{}]", id(*target.headline));
    parts.push_back(std::move(part));
  }
  const Texts& texts = Texts::of(report.language);
  std::string text = joined(parts, "; ");
  if (left > 0) text += "; " + texts.phrase("say.clients_more", {{"count", static_cast<std::int64_t>(left)}});
  return text;
}

std::optional<std::int64_t> days_to_first_end(const Report& report) {
  std::optional<std::int64_t> days;
  for (const TargetReport& target : report.targets)
    for (const auto& chain : target.chains) {
      if (chain->without_sni_only || chain->certificates.empty() || !chain->leaf()) continue;
      const std::int64_t own = days_between(report.judged_at, chain->leaf()->not_after);
      if (!days || own < *days) days = own;
    }
  return days;
}

Verdict deciding(PluginState state) {
  switch (state) {
    case PluginState::ok:
      return Verdict::note;
    case PluginState::warning:
      return Verdict::warning;
    case PluginState::critical:
      return Verdict::error;
    case PluginState::unknown:
      return Verdict::unjudged;
  }
  std::abort();
}

}  // namespace

PluginState plugin_state(const Report& report) {
  if (count_of(report, Verdict::error) > 0) return PluginState::critical;
  if (count_of(report, Verdict::warning) > 0) return PluginState::warning;
  // Nothing judged is no success either.
  if (count_of(report, Verdict::unjudged) > 0 || report.targets.empty()) return PluginState::unknown;
  return PluginState::ok;
}

void write_nagios(const Report& report, std::ostream& out) {
  const PluginState state = plugin_state(report);
  const Texts& texts = Texts::of(report.language);
  const auto total = static_cast<std::int64_t>(report.targets.size());
  out << "CHAINTIER " << word(state) << " - ";
  if (total > 1) {
    std::vector<std::string> counts{texts.phrase("say.targets", {{"count", total}})};
    for (const Verdict verdict :
         {Verdict::error, Verdict::warning, Verdict::unjudged, Verdict::note, Verdict::ok})
      if (const std::int64_t count = count_of(report, verdict); count > 0)
        counts.push_back(fmt::format("{} {}", texts.word("verdict." + std::string(id(verdict))), count));
    out << plain(joined(counts, comma(report.language)), 300);
  }
  std::string text = details(report, deciding(state));
  if (text.empty() && total == 1) text = details(report, report.targets.front().verdict);
  if (!text.empty()) out << (total > 1 ? ". " : "") << text;

  const std::int64_t errors = count_of(report, Verdict::error), warnings = count_of(report, Verdict::warning);
  // A range of "0" alerts for everything else.
  out << fmt::format(" | targets={};;;0 errors={};;0;0;{} warnings={};0;;0;{} unjudged={};;;0;{}", total,
                     errors, total, warnings, total, count_of(report, Verdict::unjudged), total);
  if (const auto days = days_to_first_end(report)) out << fmt::format(" days_left={}", *days);
  out << "\n";
}

void write_nagios_failure(std::string_view reason, std::ostream& out) {
  out << "CHAINTIER UNKNOWN - " << plain(reason, 600) << "\n";
}

}  // namespace chaintier
