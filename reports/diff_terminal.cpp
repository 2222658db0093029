#include <algorithm>

#include "reports/diff.h"
#include "reports/terminal_style.h"
#include "src/report/texts.h"

namespace chaintier {

namespace {

constexpr std::size_t named_addresses = 4;
constexpr std::size_t named_targets = 20;  // added or gone; the others are counted

class DiffWriter {
 public:
  DiffWriter(const Diff& diff, const DiffText& text, const TerminalOptions& options, Screen& screen)
      : diff_(diff), text_(text), options_(options), screen_(screen), texts_(Texts::of(text.language)) {}

  void write() {
    if (options_.quiet) {
      for (const Change& change : diff_.changes) quiet_line(change);
      return;
    }
    side("diff.old", text_.before_file, diff_.before);
    side("diff.new", text_.after_file, diff_.after);
    for (const ChangeKind kind :
         {ChangeKind::fresh, ChangeKind::changed, ChangeKind::unjudged, ChangeKind::gone, ChangeKind::fixed})
      section(kind);
    targets("diff.targets_added", diff_.added);
    targets("diff.targets_gone", diff_.removed);
    screen_.line();
    summary();
  }

 private:
  static std::int64_t count(std::size_t number) { return static_cast<std::int64_t>(number); }

  void side(std::string_view key, const std::string& file, const DiffSide& facts) {
    screen_.paragraph("", 0,
                      texts_.phrase(key, {{"file", file},
                                          {"time", format_rfc3339(facts.judged_at)},
                                          {"targets", count(facts.targets)}}),
                      Style::dim, 2);
  }

  static const Finding& shown(const Change& change) {
    const auto& findings = change.after.empty() ? change.before : change.after;
    return *std::ranges::max_element(findings, {}, &Finding::severity);
  }

  // Green for what is over; what cannot be told is no relief.
  Sign sign(const Change& change) const {
    if (change.kind == ChangeKind::fixed) return screen_.sign(Verdict::ok);
    if (change.kind == ChangeKind::unjudged || change.kind == ChangeKind::gone)
      return screen_.sign(Verdict::unjudged);
    return screen_.sign(shown(change).severity);
  }

  static std::string name(const Change& change) {
    return change.target.text.empty() ? change.target.host : change.target.text;
  }
  static std::string place(const Change& change) {
    return change.address.empty() ? name(change) : name(change) + " · " + change.address;
  }

  std::string word(ChangeKind kind) const { return texts_.word("diff.kind." + std::string(id(kind))); }

  void quiet_line(const Change& change) {
    const Sign mark = sign(change);
    screen_.line(screen_.mark(mark) + " " + screen_.text(word(change.kind), mark.style) + "  " +
                 screen_.text(id(shown(change).code)) + "  " + screen_.text(place(change)));
  }

  void section(ChangeKind kind) {
    const auto number = std::ranges::count(diff_.changes, kind, &Change::kind);
    if (number == 0) return;
    screen_.line();
    screen_.paragraph("", 0, texts_.phrase("diff.section." + std::string(id(kind)), {{"number", number}}),
                      Style::bold, 2);
    const std::vector<Change>& all = diff_.changes;
    for (std::size_t i = 0; i < all.size();) {
      if (all[i].kind != kind) {
        ++i;
        continue;
      }
      // The same at several addresses of a target is said once.
      const Entry entry = entry_of(all[i]);
      std::vector<std::string> addresses;
      for (; i < all.size() && all[i].kind == kind && entry_of(all[i]) == entry; ++i)
        if (!all[i].address.empty()) addresses.push_back(all[i].address);
      write_entry(entry, sign(all[i - 1]), addresses);
    }
  }

  struct Entry {
    std::string target, title, code_and_past;
    friend bool operator==(const Entry&, const Entry&) = default;
  };
  Entry entry_of(const Change& change) const {
    const Finding& finding = shown(change);
    return {name(change), texts_.finding(finding, diff_.clients).title,
            std::string(id(finding.code)) + was(change)};
  }
  void write_entry(const Entry& entry, const Sign& mark, const std::vector<std::string>& addresses) {
    screen_.paragraph("  " + screen_.mark(mark) + " ", 4, entry.target, Style::bold, 2);
    screen_.paragraph("    ", 4, entry.title, Style::plain, 3);
    std::string where;
    for (std::size_t i = 0; i < std::min(addresses.size(), named_addresses); ++i)
      where += " · " + addresses[i];
    if (addresses.size() > named_addresses)
      where +=
          " " + texts_.phrase("say.clients_more", {{"count", count(addresses.size() - named_addresses)}});
    screen_.paragraph("    ", 4, entry.code_and_past + where, Style::dim, 3);
  }

  // What it was before: another code or another severity, or the same with other facts.
  std::string was(const Change& change) const {
    if (change.kind != ChangeKind::changed) return {};
    const auto& first = *std::ranges::max_element(change.before, {}, &Finding::severity);
    const std::string title = texts_.finding(first, diff_.clients).title;
    return " · " + texts_.phrase("diff.was",
                                 {{"severity", texts_.word("severity." + std::string(id(first.severity)))},
                                  {"title", title}});
  }

  void targets(std::string_view key, const std::vector<ChangedTarget>& list) {
    if (list.empty()) return;
    screen_.line();
    screen_.paragraph("", 0, texts_.phrase(key, {{"number", count(list.size())}}), Style::bold, 2);
    for (std::size_t i = 0; i < std::min(list.size(), named_targets); ++i)
      screen_.paragraph("  ", 2, list[i].text, Style::plain, 1);
    if (list.size() > named_targets)
      screen_.paragraph("  ", 2,
                        texts_.phrase("say.clients_more", {{"count", count(list.size() - named_targets)}}),
                        Style::dim, 1);
  }

  void summary() {
    std::string line;
    for (const ChangeKind kind : {ChangeKind::fresh, ChangeKind::changed, ChangeKind::unjudged,
                                  ChangeKind::gone, ChangeKind::fixed}) {
      const auto number = std::ranges::count(diff_.changes, kind, &Change::kind);
      line += (line.empty() ? "" : " · ") + word(kind) + " " + std::to_string(number);
    }
    line += " · " + texts_.word("diff.unchanged") + " " + std::to_string(diff_.unchanged);
    screen_.paragraph("", 0, line, Style::bold, 2);
  }

  const Diff& diff_;
  const DiffText& text_;
  const TerminalOptions& options_;
  Screen& screen_;
  const Texts& texts_;
};

}  // namespace

void write_diff_terminal(const Diff& diff, const DiffText& text, const TerminalOptions& options,
                         std::ostream& out) {
  Screen screen(options, out);
  DiffWriter(diff, text, options, screen).write();
}

}  // namespace chaintier
