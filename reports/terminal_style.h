// Colours, symbols and columns of the terminal report.
#pragma once

#include <ostream>
#include <string>
#include <string_view>

#include "reports/terminal.h"

namespace chaintier {

enum class Style { plain, bold, dim, good, note, warning, bad, unknown };

struct Sign {
  std::string_view symbol;  // one column
  Style style = Style::plain;
};

// Writes lines. Text is made safe here, so that no writer can forget it.
class Screen {
 public:
  Screen(const TerminalOptions& options, std::ostream& out);

  std::size_t width() const { return width_; }

  // Foreign text in a style: printable, and cut to `columns` columns (0 for as it is).
  std::string text(std::string_view raw, Style style = Style::plain, std::size_t columns = 0) const;
  // The same, filled with blanks up to `columns`.
  std::string cell(std::string_view raw, Style style, std::size_t columns) const;

  // Text that is already styled, as a link where the terminal takes them. `uri` is ASCII and holds no control
  // character.
  std::string link(const std::string& styled, std::string_view uri) const;

  Sign sign(Verdict verdict) const;
  Sign sign(Severity severity) const;
  Sign sign(ClientVerdict verdict) const;
  Sign sign(AdviceAction action) const;
  std::string mark(const Sign& sign) const { return text(sign.symbol, sign.style); }

  // A line of parts that are already styled.
  void line(std::string_view styled = {});
  // Raw text, wrapped: `first` (already styled, `indent` columns wide) starts the first line, and blanks the
  // others.
  void paragraph(std::string_view first, std::size_t indent, std::string_view raw, Style style,
                 std::size_t max_lines);

 private:
  const TerminalOptions& options_;
  std::size_t width_;
  std::ostream& out_;
};

}  // namespace chaintier
