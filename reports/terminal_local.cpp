#include "reports/terminal_local.h"

#include <algorithm>

#include <fmt/format.h>

#include "reports/local_view.h"
#include "reports/view.h"

namespace chaintier {

namespace {

constexpr std::size_t shown_items = 12, shown_steps = 3;

class LocalWriter {
 public:
  LocalWriter(const Report& report, bool quiet, Screen& screen)
      : report_(report),
        local_(*report.local),
        texts_(Texts::of(report.language)),
        quiet_(quiet),
        screen_(screen) {}

  void write() {
    if (!local_.files.empty()) title("title.files");
    for (const LocalFile& file : local_.files) write(file);
    if (!local_.servers.empty()) title("title.servers");
    for (const ServerSite& site : local_.servers)
      block(verdict_of(site), site_place(site), {}, site_notes(report_, site), site.findings);
    if (!local_.stores.empty()) title("title.stores");
    for (const TrustStore& store : local_.stores)
      block(verdict_of(store), store.path, texts_.word("local.store." + store.kind),
            store_notes(report_, store), store.findings);
    if (!local_.comparisons.empty()) title("title.comparisons");
    for (const Comparison& one : local_.comparisons)
      screen_.paragraph("  ", 2, one.target + " · " + texts_.word("local.against." + one.result),
                        Style::plain, 3);
    if (!local_.comparisons.empty()) screen_.line();
    if (local_.limit) {
      const Sign sign = screen_.sign(Verdict::unjudged);
      screen_.paragraph(screen_.mark(sign) + " ", 2,
                        texts_.phrase("local.limit." + local_.limit->id, local_.limit->facts), sign.style, 3);
    }
    summary();
  }

 private:
  void title(std::string_view key) {
    if (quiet_) return;
    screen_.line(screen_.text(texts_.word(key), Style::bold));
    screen_.line();
  }

  void heading(Verdict verdict, const std::string& name, const std::string& what) {
    const Sign sign = screen_.sign(verdict);
    screen_.paragraph(screen_.mark(sign) + " ", 2, what.empty() ? name : name + " · " + what,
                      verdict == Verdict::ok ? Style::bold : sign.style, 3);
  }

  void write(const LocalFile& file) {
    heading(verdict_of(file), file.path, texts_.word("local.kind." + std::string(id(file.kind))));
    if (quiet_) return;
    if (file.reason) screen_.paragraph("  ", 2, reason_text(texts_, *file.reason), Style::warning, 4);
    std::size_t shown = 0;
    for (const LocalItem& item : file.items) {
      if (++shown > shown_items) break;
      screen_.paragraph("  ", 2, item_text(texts_, item), Style::plain, 2);
      for (const std::string& note : item_notes(report_, file, item))
        screen_.paragraph("    ", 4, note, Style::dim, 4);
    }
    if (file.items.size() > shown_items)
      screen_.paragraph(
          "  ", 2,
          texts_.phrase("say.clients_more",
                        {{"count", static_cast<std::int64_t>(file.items.size() - shown_items)}}),
          Style::dim, 1);
    findings(file.findings);
    screen_.line();
  }

  void block(Verdict verdict, const std::string& name, const std::string& what,
             const std::vector<std::string>& notes, const std::vector<Finding>& found) {
    heading(verdict, name, what);
    if (quiet_) return;
    for (const std::string& note : notes) screen_.paragraph("  ", 2, note, Style::dim, 4);
    findings(found);
    screen_.line();
  }

  void findings(const std::vector<Finding>& found) {
    for (const Finding& finding : found) {
      const FindingText text = local_texts(report_, finding);
      const Sign sign = screen_.sign(finding.severity);
      const bool in_full = finding.severity != Severity::note;
      screen_.paragraph("  " + screen_.mark(sign) + " ", 4, text.title, in_full ? sign.style : Style::plain,
                        3);
      screen_.paragraph("    ", 4, std::string(id(finding.code)), Style::dim, 1);
      screen_.paragraph("    ", 4, text.why, Style::plain, 6);
      if (!in_full) continue;
      const std::size_t count = std::min(text.fix.size(), shown_steps);
      for (std::size_t i = 0; i < count; ++i)
        screen_.paragraph(fmt::format("    {}. ", i + 1), 7, text.fix[i], Style::plain, 5);
      if (text.fix.size() > count)
        screen_.paragraph(
            "    ", 4,
            texts_.phrase("say.more_steps", {{"count", static_cast<std::int64_t>(text.fix.size() - count)},
                                             {"code", std::string(id(finding.code))}}),
            Style::dim, 1);
      if (text.manual)
        screen_.paragraph("    ", 4, texts_.word("label.manual") + " " + *text.manual, Style::dim, 1);
    }
  }

  void summary() {
    std::int64_t certificates = 0, keys = 0, requests = 0;
    for (const LocalFile& file : local_.files)
      for (const LocalItem& item : file.items) {
        certificates += item.kind == ItemKind::certificate;
        keys += item.kind == ItemKind::private_key;
        requests += item.kind == ItemKind::csr;
      }
    if (local_.files.size() < 2 || quiet_) return;
    screen_.paragraph(
        "", 0,
        texts_.phrase("local.summary", {{"files", static_cast<std::int64_t>(local_.files.size())},
                                        {"certificates", certificates},
                                        {"keys", keys},
                                        {"requests", requests}}),
        Style::bold, 3);
  }

  const Report& report_;
  const LocalReport& local_;
  const Texts& texts_;
  bool quiet_;
  Screen& screen_;
};

}  // namespace

void write_local(const Report& report, bool quiet, Screen& screen) {
  LocalWriter(report, quiet, screen).write();
}

}  // namespace chaintier
