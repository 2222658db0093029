#include "reports/csv.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "reports/view.h"
#include "src/base/text.h"

namespace chaintier {

namespace {

constexpr std::array columns{
    "target",   "tag",    "host",      "port",      "protocol", "verdict",  "code",
    "severity", "title",  "why",       "fix",       "manual",   "where",    "client_refusals",
    "leaf",     "issuer", "not_after", "days_left", "sha256",   "judged_at"};

// What Excel, LibreOffice and Google Sheets take for the start of a formula; the wide forms are those of an
// East Asian keyboard, which Excel reads alike.
bool looks_like_formula(std::string_view cell) {
  for (const std::string_view start : {"=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"})
    if (cell.starts_with(start)) return true;
  return false;
}

// RFC 4180 2: quotes around it, and doubled within.
std::string in_quotes(std::string_view cell) {
  std::string result = "\"";
  for (const char c : cell) {
    if (c == '"') result += '"';
    result += c;
  }
  return result + "\"";
}

// A cell that Excel cannot hold is cut there: 32767 characters are its limit.
constexpr std::size_t cell_columns = 8000;

class Row {
 public:
  void text(std::string_view raw) {
    const std::string cell = shorten(printable(raw), cell_columns);
    add(in_quotes(looks_like_formula(cell) ? "'" + cell : cell));
  }
  void lines(const std::vector<std::string>& raw) {
    std::string cell;
    for (const std::string& line : raw)
      cell += (cell.empty() ? "" : "\n") + shorten(printable(line), cell_columns);
    add(in_quotes(looks_like_formula(cell) ? "'" + cell : cell));
  }
  void number(std::int64_t value) { add(std::to_string(value)); }
  void nothing() { add(""); }
  void end(std::ostream& out) { out << row_ << "\r\n"; }

 private:
  void add(const std::string& cell) {
    if (!first_) row_ += ',';
    first_ = false;
    row_ += cell;
  }
  std::string row_;
  bool first_ = true;
};

std::string place_text(const Report& report, const Where& where) {
  std::vector<std::string> parts;
  if (where.address) parts.push_back(*where.address);
  if (where.file) parts.push_back(*where.file);
  if (where.client) parts.push_back(client_label(report, *where.client));
  if (where.certificate) parts.push_back(where.certificate->hex());
  return joined(parts, " ");
}

void finding_cells(const Report& report, const TargetReport& target, const Finding& finding, Row& row) {
  const FindingText words = texts_of(report, target, finding);
  row.text(id(finding.code));
  row.text(id(finding.severity));
  row.text(words.title);
  row.text(words.why);
  std::vector<std::string> steps;
  for (const std::string& step : words.fix) steps.push_back(fmt::format("{}. {}", steps.size() + 1, step));
  row.lines(steps);
  row.text(words.manual.value_or(""));
  std::vector<std::string> places;
  for (const Where& where : finding.where) places.push_back(place_text(report, where));
  row.text(joined(places, "; "));
}

void chain_cells(const Report& report, const ChainJudgement* chain, Row& row) {
  std::vector<std::string> refusals;
  if (chain)
    for (const ClientResult& client : chain->clients)
      if (client.verdict == ClientVerdict::untrusted) refusals.push_back(client.client);
  row.text(joined(refusals, " "));
  if (!chain || chain->certificates.empty() || !chain->leaf()) {
    for (int i = 0; i < 5; ++i) row.nothing();
    return;
  }
  const Certificate& leaf = *chain->leaf();
  row.text(leaf.subject.short_text());
  row.text(leaf.issuer.short_text());
  row.text(format_rfc3339(leaf.not_after));
  row.number(days_between(report.judged_at, leaf.not_after));
  row.text(leaf.fingerprint.hex());
}

void write_row(const Report& report, const TargetReport& target, const Finding* finding, std::ostream& out) {
  const Target& asked = target.observation.target;
  Row row;
  row.text(asked.text);
  row.text(asked.tag);
  row.text(asked.shown_host);
  if (target.bad_target || asked.port == 0)
    row.nothing();
  else
    row.number(asked.port);
  row.text(target.bad_target || is_local(target) ? "" : id(asked.protocol));
  row.text(id(target.verdict));
  if (finding) {
    finding_cells(report, target, *finding, row);
  } else {
    row.nothing();
    row.nothing();
    const Error* why = is_local(target) ? failure_of(target.observation.endpoints.front()) : nullptr;
    row.text(why ? Texts::of(report.language).word("headline.unjudged") : headline_text(report, target));
    row.text(target.bad_target ? target.bad_target->error.detail : why ? why->detail : "");
    for (int i = 0; i < 3; ++i) row.nothing();
  }
  chain_cells(report, main_chain(target), row);
  row.text(format_rfc3339(report.judged_at));
  row.end(out);
}

}  // namespace

void write_csv(const Report& report, std::ostream& out) {
  out << "\xEF\xBB\xBF";
  Row head;
  for (const std::string_view column : columns) head.text(column);
  head.end(out);
  for (const TargetReport& target : report.targets) {
    for (const Finding& finding : target.findings) write_row(report, target, &finding, out);
    // Why a file could not be judged stands beside what was found nevertheless.
    const bool open = is_local(target) && failure_of(target.observation.endpoints.front());
    if (target.findings.empty() || open) write_row(report, target, nullptr, out);
  }
}

}  // namespace chaintier
