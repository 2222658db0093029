#include "reports/terminal_rows.h"

#include <algorithm>

#include <fmt/format.h>

#include "reports/target_uri.h"
#include "reports/view.h"
#include "src/base/text.h"

namespace chaintier {

namespace {

constexpr std::size_t narrowest_sentence = 20, most_lines = 16;

// A name as it was written, with its port where that was left out.
std::string name_of(const TargetReport& target) {
  const Target& asked = target.observation.target;
  const bool bare = asked.text == asked.host || asked.text == asked.shown_host;
  if (target.bad_target || asked.port == 0 || asked.host_address || !bare) return asked.text;
  return fmt::format("{}:{}", asked.text, asked.port);
}

// What is wrong with a line tells its text too.
bool tells_name(const TargetReport& target, const std::string& sentence) {
  const std::string text = shorten(printable(target.observation.target.text), 80);
  return target.bad_target && sentence.find(text) != std::string::npos;
}

class Rows {
 public:
  Rows(const Report& report, Screen& screen)
      : report_(report), texts_(Texts::of(report.language)), screen_(screen) {
    for (const Verdict each :
         {Verdict::ok, Verdict::note, Verdict::warning, Verdict::error, Verdict::unjudged})
      verdict_columns_ = std::max(verdict_columns_, display_width(word(each)));
    for (const TargetReport& target : report.targets)
      name_columns_ = std::max(name_columns_, display_width(printable(name_of(target))));
    name_columns_ = std::min(name_columns_, screen.width() / 3);
  }

  void line(const TargetReport& target) {
    const std::size_t used = indent() + name_columns_ + 2;
    if (screen_.width() > used + 8)
      screen_.line(begin(target) + name(target, name_columns_) + "  " +
                   screen_.text(sentence(target), Style::dim, screen_.width() - used));
    else
      screen_.line(begin(target) + screen_.text(name_of(target), Style::plain, name_columns_));
  }

  void whole(const TargetReport& target) {
    const std::string why = sentence(target);
    if (tells_name(target, why)) {
      screen_.paragraph(begin(target), indent(), why, Style::dim, most_lines);
      return;
    }
    const std::size_t own_columns = display_width(printable(name_of(target)));
    const std::size_t columns = std::max(own_columns, name_columns_);
    if (indent() + columns + 2 + display_width(printable(why)) <= screen_.width()) {
      screen_.line(begin(target) + name(target, columns) + "  " + screen_.text(why, Style::dim));
      return;
    }
    const std::size_t used = indent() + name_columns_ + 2;
    if (own_columns <= name_columns_ && screen_.width() >= used + narrowest_sentence) {
      screen_.paragraph(begin(target) + name(target, name_columns_) + "  ", used, why, Style::dim,
                        most_lines);
      return;
    }
    screen_.paragraph(begin(target), indent(), name_of(target), Style::plain, most_lines);
    screen_.paragraph(std::string(indent(), ' '), indent(), why, Style::dim, most_lines);
  }

 private:
  std::string word(Verdict verdict) const { return texts_.word("verdict." + std::string(id(verdict))); }
  std::size_t indent() const { return 2 + verdict_columns_ + 2; }

  std::string begin(const TargetReport& target) const {
    const Sign sign = screen_.sign(target.verdict);
    return screen_.mark(sign) + " " + screen_.cell(word(target.verdict), sign.style, verdict_columns_) + "  ";
  }
  std::string name(const TargetReport& target, std::size_t columns) const {
    return screen_.link(screen_.cell(name_of(target), Style::plain, columns), site_of(target));
  }
  std::string sentence(const TargetReport& target) const {
    return target.verdict == Verdict::unjudged ? unjudged_text(report_, target)
                                               : headline_text(report_, target);
  }

  const Report& report_;
  const Texts& texts_;
  Screen& screen_;
  std::size_t verdict_columns_ = 0, name_columns_ = 8;
};

}  // namespace

std::string site_of(const TargetReport& target) {
  const std::string uri = target.bad_target ? std::string() : target_uri(target);
  return uri.starts_with("https://") ? uri.substr(0, uri.find('?')) : std::string();
}

void write_rows(const Report& report, bool one_line_each, Screen& screen) {
  Rows rows(report, screen);
  for (const TargetReport& target : report.targets)
    if (target.verdict == Verdict::unjudged && !one_line_each)
      rows.whole(target);
    else
      rows.line(target);
}

}  // namespace chaintier
