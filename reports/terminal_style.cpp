#include "reports/terminal_style.h"

#include <algorithm>
#include <cstdlib>

#include "src/base/text.h"

namespace chaintier {

namespace {

std::string_view sgr(Style style) {
  switch (style) {
    case Style::plain:
      return "";
    case Style::bold:
      return "\x1b[1m";
    case Style::dim:
      return "\x1b[2m";
    case Style::good:
      return "\x1b[32m";
    case Style::note:
      return "\x1b[36m";
    case Style::warning:
      return "\x1b[33m";
    case Style::bad:
      return "\x1b[1;31m";
    case Style::unknown:
      return "\x1b[35m";
  }
  std::abort();
}

}  // namespace

Screen::Screen(const TerminalOptions& options, std::ostream& out)
    : options_(options), width_(std::max<std::size_t>(options.width, 40)), out_(out) {}

std::string Screen::text(std::string_view raw, Style style, std::size_t columns) const {
  std::string safe = printable(raw);
  if (columns) safe = shorten(safe, columns);
  const std::string_view on = options_.colour ? sgr(style) : "";
  if (on.empty() || safe.empty()) return safe;
  return std::string(on) + safe + "\x1b[0m";
}

std::string Screen::cell(std::string_view raw, Style style, std::size_t columns) const {
  const std::string safe = shorten(printable(raw), columns);
  const std::size_t used = display_width(safe);
  return text(safe, style) + std::string(columns > used ? columns - used : 0, ' ');
}

std::string Screen::link(const std::string& styled, std::string_view uri) const {
  // Longer ones are cut by some terminals.
  if (!options_.links || uri.empty() || uri.size() > 2000) return styled;
  return "\x1b]8;;" + std::string(uri) + "\x1b\\" + styled + "\x1b]8;;\x1b\\";
}

Sign Screen::sign(Verdict verdict) const {
  switch (verdict) {
    case Verdict::ok:
      return {options_.ascii ? "+" : "✓", Style::good};
    case Verdict::note:
      return {"i", Style::note};
    case Verdict::warning:
      return {"!", Style::warning};
    case Verdict::error:
      return {options_.ascii ? "x" : "✗", Style::bad};
    case Verdict::unjudged:
      return {"?", Style::unknown};
  }
  std::abort();
}

Sign Screen::sign(Severity severity) const {
  switch (severity) {
    case Severity::note:
      return sign(Verdict::note);
    case Severity::warning:
      return sign(Verdict::warning);
    case Severity::error:
      return sign(Verdict::error);
  }
  std::abort();
}

Sign Screen::sign(ClientVerdict verdict) const {
  switch (verdict) {
    case ClientVerdict::trusted:
      return sign(Verdict::ok);
    case ClientVerdict::trusted_by_aia:
      return {"~", Style::warning};
    case ClientVerdict::untrusted:
      return sign(Verdict::error);
    case ClientVerdict::unjudged:
      return sign(Verdict::unjudged);
  }
  std::abort();
}

Sign Screen::sign(AdviceAction action) const {
  switch (action) {
    case AdviceAction::add:
      return {"+", Style::good};
    case AdviceAction::drop:
      return {"-", Style::bad};
    case AdviceAction::move:
      return {options_.ascii ? "^" : "↕", Style::warning};
  }
  std::abort();
}

void Screen::line(std::string_view styled) { out_ << styled << '\n'; }

void Screen::paragraph(std::string_view first, std::size_t indent, std::string_view raw, Style style,
                       std::size_t max_lines) {
  const std::size_t columns = width_ > indent + 10 ? width_ - indent : 10;
  std::vector<std::string> lines = wrapped(printable(raw), columns);
  if (lines.size() > max_lines) {
    lines.resize(max_lines);
    // One column more than there is: the ellipsis says that something follows.
    lines.back() =
        shorten(lines.back() + std::string(columns, ' '), std::min(columns, display_width(lines.back()) + 2));
  }
  const std::string blanks(indent, ' ');
  for (std::size_t i = 0; i < lines.size(); ++i)
    out_ << (i == 0 ? first : std::string_view(blanks)) << text(lines[i], style) << '\n';
}

}  // namespace chaintier
