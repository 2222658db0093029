// The pieces of the HTML report; html.cpp and html_fleet.cpp put them together.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "reports/certificate_table.h"
#include "reports/safe_html.h"
#include "reports/view.h"
#include "src/report/report.h"
#include "src/report/texts.h"

namespace chaintier {

struct PageContext {
  const Report& report;
  const Texts& texts;
  int level = 2;                                         // of the headings of sections: 2 to 5
  std::size_t number = 0;                                // of the target: keeps ids apart
  const std::set<CertFingerprint>* described = nullptr;  // certificates that the page shows in full
  Markup ids = "";  // before every id: a page may hold the report twice, in two languages
};

SafeHtml word(const PageContext& page, std::string_view key);
SafeHtml say(const PageContext& page, std::string_view key, const std::map<std::string, Fact>& facts);
SafeHtml heading(int level, const SafeHtml& content);
// A table in a box of its own that scrolls sideways on narrow screens.
SafeHtml table_box(const SafeHtml& label, const SafeHtml& table);

// Symbol and word, never colour alone.
SafeHtml badge(const PageContext& page, Verdict verdict);
SafeHtml badge(const PageContext& page, Severity severity);
SafeHtml badge(const PageContext& page, ClientVerdict verdict);
SafeHtml badge(const PageContext& page, AdviceAction action);
SafeHtml badge(const PageContext& page, Outcome outcome);
SafeHtml icon(Verdict verdict);
SafeHtml css_class(Verdict verdict);  // the verdict's id is the name of its class
Verdict as_verdict(Severity severity);
SafeHtml icons();  // the drawings that icon() refers to, once a page

// A name that leads to the certificate's own section where there is one.
SafeHtml certificate_link(const PageContext& page, const CertFingerprint& fingerprint, const SafeHtml& name);
SafeHtml certificate_id(const PageContext& page, const CertFingerprint& fingerprint);

// "new chain … · 4 tiers", each once; empty when no client trusts the chain.
SafeHtml chain_names_html(const PageContext& page, const ChainJudgement& chain);
// Chain n: addresses that it was seen at.
SafeHtml chain_caption(const PageContext& page, const TargetReport& target, std::size_t chain);

SafeHtml verdict_panel(const PageContext& page, const TargetReport& target);
SafeHtml findings_section(const PageContext& page, const TargetReport& target);
SafeHtml clients_section(const PageContext& page, const TargetReport& target);
SafeHtml paths_section(const PageContext& page, const TargetReport& target);
SafeHtml sent_section(const PageContext& page, const TargetReport& target);
SafeHtml addresses_section(const PageContext& page, const TargetReport& target);
SafeHtml path_picture(const PageContext& page, const TargetReport& target, std::size_t chain,
                      const std::vector<std::size_t>& paths);
SafeHtml certificates_section(const PageContext& page, const CertificateTable& certificates);

// Where a finding of that code is explained in full; findings that are more than notes are.
SafeHtml explanation_id(const PageContext& page, Code code);
bool is_explained(const PageContext& page, const TargetReport& target, const Finding& finding);
SafeHtml explanations_section(const PageContext& page);

// Of several targets: ends of certificates by month, and how many are on which product chain.
// Targets without a row of their own are named without a link.
SafeHtml calendar_section(const PageContext& page, const std::vector<bool>& has_row);
SafeHtml adoption_section(const PageContext& page, const std::vector<bool>& has_row);
// What "local" read; only where report.local is set.
SafeHtml local_sections(const PageContext& page);

// Everything of one target but its certificates.
SafeHtml target_sections(const PageContext& page, const TargetReport& target);
// Overview, table and details of several targets, with their certificates.
SafeHtml fleet_page(const PageContext& page);

}  // namespace chaintier
