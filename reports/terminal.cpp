#include "reports/terminal.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "reports/impact.h"
#include "reports/terminal_local.h"
#include "reports/terminal_rows.h"
#include "reports/terminal_style.h"
#include "reports/view.h"
#include "src/base/text.h"

namespace chaintier {

namespace {

constexpr std::size_t full_targets = 10;  // more than these, and only the faulty ones are shown in full
constexpr std::size_t full_findings = 4;  // the others of a target get one line each
constexpr std::size_t first_steps = 3, further_steps = 2;  // of the first finding, and of each further one
constexpr std::size_t step_lines = 4;
constexpr std::size_t command_lines = 12;  // a command is no use when something is missing
constexpr std::size_t shown_chains = 2;
constexpr std::size_t shown_places = 4;

class TargetWriter {
 public:
  TargetWriter(const Report& report, const TargetReport& target, Screen& screen)
      : report_(report), target_(target), texts_(Texts::of(report.language)), screen_(screen) {}

  void write() {
    heading();
    findings();
    std::size_t shown = 0;
    for (std::size_t i = 0; i < target_.chains.size(); ++i) {
      const ChainJudgement& chain = *target_.chains[i];
      if (chain.without_sni_only || shown == shown_chains) continue;
      ++shown;
      if (target_.chains.size() > 1) chain_heading(i);
      clients(chain);
      sent(chain);
    }
    balance();
    if (target_.verdict == Verdict::error || target_.verdict == Verdict::warning) {
      screen_.line();
      screen_.paragraph(
          "  ", 2,
          word("label.check_again") + std::string(colon(report_.language)) + check_again(report_, target_),
          Style::dim, command_lines);
    }
    screen_.line();
  }

 private:
  std::string word(std::string_view key) const { return texts_.word(key); }
  void section(std::string_view title) {
    screen_.line();
    screen_.line("  " + screen_.text(title, Style::bold));
  }

  void heading() {
    const Sign sign = screen_.sign(target_.verdict);
    const std::string verdict = word("verdict." + std::string(id(target_.verdict)));
    const std::size_t used = 2 + display_width(verdict) + 2;
    screen_.line(screen_.mark(sign) + " " + screen_.text(verdict, sign.style) + "  " +
                 screen_.link(screen_.text(target_.observation.target.text, Style::bold,
                                           screen_.width() > used + 10 ? screen_.width() - used : 10),
                              site_of(target_)));
    const std::string impact = impact_text(report_, target_);
    if (!impact.empty()) screen_.paragraph("  ", 2, impact, Style::bold, 3);
    // The first finding follows below, and says the same.
    if ((target_.findings.empty() && impact.empty()) || target_.bad_target)
      screen_.paragraph("  ", 2, headline_text(report_, target_), Style::bold, 3);
    if (target_.bad_target) screen_.paragraph("  ", 2, unjudged_text(report_, target_), Style::plain, 3);
    const std::string leaf = leaf_line();
    if (!leaf.empty()) screen_.paragraph("  ", 2, leaf, Style::plain, 2);
    addresses();
  }

  std::string leaf_line() const {
    const ChainJudgement* chain = main_chain(target_);
    if (!chain || chain->certificates.empty() || !chain->leaf()) return {};
    const Certificate& leaf = *chain->leaf();
    const std::map<std::string, Fact> facts{{"issuer", leaf.issuer.short_text()}, {"date", leaf.not_after}};
    return texts_.phrase("say.leaf_facts", facts) + " · " +
           days_text(texts_, report_.judged_at, leaf.not_after);
  }

  void addresses() {
    std::vector<std::string> answered, silent;
    for (const EndpointSeen& endpoint : target_.observation.endpoints) {
      std::string address = address_text(endpoint);
      if (endpoint.role == EndpointRole::origin) address += " (" + word("role.origin") + ")";
      if (was_captured(endpoint)) {
        if (!address.empty()) answered.push_back(address);
        continue;
      }
      const Error* error = failure_of(endpoint);
      const std::string why = error ? error_text(texts_, *error) : word("outcome.not_started");
      silent.push_back(address.empty() ? why : address + " " + why);
    }
    const auto list = [&](const std::vector<std::string>& items, const Sign& sign) {
      if (items.empty()) return;
      screen_.paragraph("  " + screen_.mark(sign) + " ", 4, some(items), Style::dim, 2);
    };
    list(answered, screen_.sign(Verdict::ok));
    list(silent, screen_.sign(Verdict::unjudged));
  }

  std::string some(const std::vector<std::string>& items) const {
    const std::size_t count = std::min(items.size(), shown_places);
    std::string text =
        joined({items.begin(), items.begin() + static_cast<std::ptrdiff_t>(count)}, comma(report_.language));
    if (items.size() > count)
      text += " " +
              texts_.phrase("say.clients_more", {{"count", static_cast<std::int64_t>(items.size() - count)}});
    return text;
  }

  void findings() {
    std::size_t full = 0;
    for (const Finding& finding : target_.findings) {
      const FindingText text = texts_of(report_, target_, finding);
      const Sign sign = screen_.sign(finding.severity);
      const bool in_full = finding.severity != Severity::note && full < full_findings;
      if (in_full) screen_.line();
      screen_.paragraph("  " + screen_.mark(sign) + " ", 4, text.title, in_full ? sign.style : Style::plain,
                        2);
      if (!in_full) continue;
      screen_.paragraph("    ", 4, std::string(id(finding.code)) + places(finding), Style::dim, 1);
      screen_.paragraph("    ", 4, text.why, Style::plain, 3);
      steps(finding, text, full == 0 ? first_steps : further_steps);
      ++full;
    }
  }

  std::string places(const Finding& finding) const {
    std::vector<std::string> items;
    for (const Where& where : finding.where) {
      const std::string place = where.address ? *where.address : where.file ? *where.file : std::string();
      if (!place.empty() && std::find(items.begin(), items.end(), place) == items.end())
        items.push_back(place);
    }
    return items.empty() ? "" : " · " + some(items);
  }

  void steps(const Finding& finding, const FindingText& text, std::size_t most) {
    // The page that has the rest is about TWCA's files.
    const std::size_t count =
        speaks_of_twca(report_, target_) ? std::min(text.fix.size(), most) : text.fix.size();
    for (std::size_t i = 0; i < count; ++i)
      screen_.paragraph(fmt::format("    {}. ", i + 1), 7, text.fix[i], Style::plain, step_lines);
    if (text.fix.size() > count) {
      const std::map<std::string, Fact> facts{{"count", static_cast<std::int64_t>(text.fix.size() - count)},
                                              {"code", std::string(id(finding.code))}};
      screen_.paragraph("    ", 4, texts_.phrase("say.more_steps", facts), Style::dim, 1);
    }
    if (text.manual) screen_.paragraph("    ", 4, word("label.manual") + " " + *text.manual, Style::dim, 1);
  }

  void chain_heading(std::size_t index) {
    const ChainJudgement& chain = *target_.chains[index];
    std::vector<std::string> seen;
    for (const SeenAt& at : chain.seen_at) seen.push_back(fmt::format("{} ×{}", at.address, at.count));
    screen_.line();
    screen_.paragraph("  ", 2,
                      texts_.phrase("say.chain_number", {{"number", static_cast<std::int64_t>(index + 1)}}) +
                          std::string(colon(report_.language)) + some(seen),
                      Style::bold, 2);
  }

  void clients(const ChainJudgement& chain) {
    const std::vector<ClientGroup> groups = group_clients(report_, chain);
    if (groups.empty()) return;
    section(word("title.clients"));
    std::size_t verdict_columns = 0;
    for (const ClientGroup& group : groups)
      verdict_columns = std::max(verdict_columns, display_width(verdict_word(group)));
    verdict_columns = std::min(verdict_columns, screen_.width() / 3);
    for (const ClientGroup& group : groups) {
      const Sign sign = screen_.sign(group.verdict);
      const std::size_t indent = 2 + 2 + verdict_columns + 2;
      const std::string first = "  " + screen_.mark(sign) + " " +
                                screen_.cell(verdict_word(group), sign.style, verdict_columns) + "  ";
      const std::string result = group_result(texts_, group, chain);
      if (!result.empty()) screen_.paragraph(first, indent, result, Style::plain, 2);
      std::vector<std::string> names;
      for (const ClientInfo* client : group.clients) names.push_back(client_label(report_, *client));
      screen_.paragraph(result.empty() ? first : std::string(indent, ' '), indent,
                        joined(names, word("list.clients")), result.empty() ? Style::plain : Style::dim, 3);
    }
  }

  std::string verdict_word(const ClientGroup& group) const {
    return word("client.verdict." + std::string(id(group.verdict)));
  }

  std::string row_text(const ChainRow& row) const {
    const CertificateKind kind = kind_of(row.certificate, *report_.catalogue);
    if (kind == CertificateKind::unreadable) return kind_text(texts_, kind);
    // The name first: of a name without end, something has to be cut.
    const std::string name = shorten(printable(short_name(texts_, row.certificate)), screen_.width() / 2);
    return fmt::format("{} · {}", name, kind_text(texts_, kind));
  }

  void sent(const ChainJudgement& chain) {
    if (served_as_should_be(chain)) return;
    const std::vector<ChainRow> now = served_rows(chain), then = should_rows(chain);
    section(word("title.served"));
    if (then.empty()) {
      for (std::size_t i = 0; i < now.size(); ++i)
        screen_.line("  " + row_cell(now[i], i, screen_.width() - 2, false));
      return;
    }
    const std::size_t columns = (screen_.width() - 6) / 2;
    screen_.line("  " + screen_.cell(word("label.served"), Style::dim, columns) + "  " +
                 screen_.text(word("label.should_send"), Style::dim, columns));
    for (std::size_t i = 0; i < std::max(now.size(), then.size()); ++i)
      screen_.line("  " + (i < now.size() ? row_cell(now[i], i, columns, true) : std::string(columns, ' ')) +
                   "  " + (i < then.size() ? row_cell(then[i], i, columns, false) : std::string()));
  }

  std::string row_cell(const ChainRow& row, std::size_t index, std::size_t columns, bool fill) const {
    const Sign sign = row.mark ? screen_.sign(*row.mark) : Sign{" ", Style::plain};
    const std::string number = fmt::format(" {} ", index + 1);
    const std::string action = row.mark ? word("advice." + std::string(id(*row.mark))) : std::string();
    const std::size_t action_columns = action.empty() ? 0 : display_width(action) + 1;
    const std::size_t fixed = 1 + number.size() + action_columns;
    const std::size_t rest = columns > fixed ? columns - fixed : 1;
    return screen_.mark(sign) + number + (action.empty() ? "" : screen_.text(action, sign.style) + " ") +
           (fill ? screen_.cell(row_text(row), Style::plain, rest)
                 : screen_.text(row_text(row), Style::plain, rest));
  }

  void balance() {
    if (!target_.balance) return;
    const std::vector<std::string> certainty = certainty_texts(texts_, *target_.balance);
    if (target_.balance->groups.size() < 2) {
      screen_.line();
      for (const std::string& sentence : certainty) screen_.paragraph("  ", 2, sentence, Style::dim, 2);
      return;
    }
    section(word("title.balance"));
    for (const BalanceGroup& group : target_.balance->groups) {
      std::string text;
      if (const CertificatePtr leaf = find_leaf(group))
        text = texts_.phrase("say.leaf_facts",
                             {{"issuer", leaf->issuer.short_text()}, {"date", leaf->not_after}});
      std::vector<std::string> places;
      for (const SeenAt& at : group.seen_at) places.push_back(fmt::format("{} ×{}", at.address, at.count));
      screen_.paragraph(fmt::format("  {:>4}× ", group.count), 8, text.empty() ? some(places) : text,
                        Style::plain, 2);
      if (!text.empty()) screen_.paragraph("        ", 8, some(places), Style::dim, 2);
    }
    for (const std::string& sentence : certainty) screen_.paragraph("  ", 2, sentence, Style::dim, 2);
  }

  CertificatePtr find_leaf(const BalanceGroup& group) const {
    if (group.served.empty()) return nullptr;
    for (const auto& chain : target_.chains)
      for (const CertificatePtr& certificate : chain->certificates)
        if (certificate && certificate->fingerprint == group.served.front()) return certificate;
    return nullptr;
  }

  const Report& report_;
  const TargetReport& target_;
  const Texts& texts_;
  Screen& screen_;
};

void write_summary(const Report& report, Screen& screen) {
  const Texts& texts = Texts::of(report.language);
  const std::string all =
      texts.phrase("say.targets", {{"count", static_cast<std::int64_t>(report.targets.size())}});
  std::string line = screen.text(all, Style::bold);
  std::size_t used = display_width(all);
  for (const Verdict verdict :
       {Verdict::error, Verdict::warning, Verdict::note, Verdict::ok, Verdict::unjudged}) {
    const auto count = std::count_if(report.targets.begin(), report.targets.end(),
                                     [&](const TargetReport& target) { return target.verdict == verdict; });
    if (count == 0) continue;
    const Sign sign = screen.sign(verdict);
    const std::string item = fmt::format("{} {}", texts.word("verdict." + std::string(id(verdict))), count);
    const std::size_t columns = 5 + display_width(item);
    if (used + columns > screen.width()) {
      screen.line(line);
      line.clear();
      used = 0;
    }
    line += (used ? "   " : "") + screen.mark(sign) + " " + screen.text(item, sign.style);
    used += columns;
  }
  screen.line(line);
}

}  // namespace

void write_terminal(const Report& report, const TerminalOptions& options, std::ostream& out) {
  Screen screen(options, out);
  if (report.local) write_local(report, options.quiet, screen);
  const bool many = report.targets.size() > full_targets;
  if (!options.quiet)
    for (const TargetReport& target : report.targets)
      if (!many || target.verdict == Verdict::error || target.verdict == Verdict::warning)
        TargetWriter(report, target, screen).write();
  if (options.quiet || many) write_rows(report, options.quiet, screen);
  if (report.targets.size() > 1 && !options.quiet) {
    if (many) screen.line();
    write_summary(report, screen);
    screen.paragraph("", 0, impact_text(report), Style::bold, 3);
  }
}

}  // namespace chaintier
