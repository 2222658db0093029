#include "reports/local_targets.h"

#include <fmt/format.h>

#include "reports/local_view.h"
#include "reports/view.h"
#include "src/base/text.h"
#include "src/findings/diagnose.h"
#include "src/local/local_report.h"

namespace chaintier {

namespace {

// What all three have: a name, a verdict, findings, perhaps a reason why more could not be said.
TargetReport target_of(const Report& report, std::string_view tag, const std::string& name, Verdict verdict,
                       const std::vector<Finding>& findings, const std::optional<Reason>& reason) {
  TargetReport target;
  Target& asked = target.observation.target;
  asked.text = name;
  asked.tag = tag;
  asked.port = 0;
  target.observation.name_checked = false;
  Sample sample;
  sample.at = report.judged_at;
  sample.outcome = Outcome::partial;
  if (verdict == Verdict::unjudged) {
    const Texts& texts = Texts::of(report.language);
    sample.error =
        input_error(Stage::read, reason ? reason_text(texts, *reason) : texts.word("local.could_not_tell"));
  }
  target.observation.endpoints.push_back({std::nullopt, 0, EndpointRole::file, {std::move(sample)}});
  target.findings = findings;
  target.verdict = verdict;
  target.headline = headline_of(findings);
  return target;
}

// A server certificate by itself: nobody says what is sent with it.
std::shared_ptr<const ChainJudgement> chain_of(const LocalItem& leaf, const std::string& path) {
  auto chain = std::make_shared<ChainJudgement>();
  chain->served = {leaf.sent};
  chain->certificates = {leaf.certificate};
  chain->seen_at = {{path, 1}};
  return chain;
}

TargetReport target_of(const Report& report, const LocalFile& file) {
  std::optional<Reason> reason = file.reason;
  for (const LocalItem& item : file.items)
    if (!reason && !item.checked) reason = item.problem;
  TargetReport target = target_of(report, "file", file.path, verdict_of(file), file.findings, reason);
  for (const LocalItem& item : file.items)
    if (item.certificate && !item.certificate->is_ca()) target.chains.push_back(chain_of(item, file.path));
  return target;
}

TargetReport target_of(const Report& report, const ServerSite& site) {
  TargetReport target =
      target_of(report, "server", site_place(site), verdict_of(site), site.findings, site.reason);
  target.observation.target.shown_host = joined(site.names, " ");
  if (site.judged) target.chains = site.judged->chains;
  return target;
}

TargetReport target_of(const Report& report, const TrustStore& store) {
  return target_of(report, "store", store.path, verdict_of(store), store.findings, store.reason);
}

// A key for SSH in a folder that was walked through is nothing that anybody asked about.
bool is_told(const LocalFile& file) {
  return file.named || file.kind != FileKind::other || !file.findings.empty();
}

}  // namespace

Report with_local_targets(const Report& report) {
  Report result = report;
  if (!report.local) return result;
  for (const LocalFile& file : report.local->files)
    if (is_told(file)) result.targets.push_back(target_of(report, file));
  for (const ServerSite& site : report.local->servers) result.targets.push_back(target_of(report, site));
  for (const TrustStore& store : report.local->stores) result.targets.push_back(target_of(report, store));
  return result;
}

const ServerSite* site_of(const Report& report, std::size_t target) {
  if (!report.local) return nullptr;
  const std::size_t behind = report.targets.size() - target;  // 1 for the last one
  const std::size_t stores = report.local->stores.size(), sites = report.local->servers.size();
  if (behind <= stores || behind > stores + sites ||
      report.targets[target].observation.target.tag != "server")
    return nullptr;
  return &report.local->servers[sites - (behind - stores)];
}

}  // namespace chaintier
