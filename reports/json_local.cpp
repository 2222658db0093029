#include <algorithm>
#include <utility>
#include <vector>

#include "reports/json_parts.h"
#include "reports/local_view.h"
#include "reports/view.h"
#include "src/local/local_report.h"

namespace chaintier {

namespace {

JsonValue reason_json(const std::optional<Reason>& reason, const Texts& texts) {
  if (!reason) return nullptr;
  return reason_text(texts, *reason);
}

JsonArray findings_json(const std::vector<Finding>& findings, const Report& report) {
  JsonArray result;
  for (const Finding& finding : findings) result.push_back(json_of(finding, local_texts(report, finding)));
  return result;
}

// The table that TWCA's page echoes (manual 5.2.6).
JsonValue request_json(const std::optional<CsrFacts>& request) {
  if (!request) return nullptr;
  // Values by type, in the order of their first.
  std::vector<std::pair<std::string_view, JsonArray>> values;
  for (const Name::Attribute& attribute : request->subject.attributes) {
    auto known = std::ranges::find(values, attribute.type, &std::pair<std::string_view, JsonArray>::first);
    if (known == values.end()) known = values.insert(known, {attribute.type, {}});
    known->second.push_back(attribute.value);
  }
  JsonObject subject;
  for (const auto& [type, of_type] : values) subject[type] = of_type;
  JsonObject result;
  result["subject"] = subject;
  result["dns_names"] = JsonArray::of(request->dns_names);
  result["signature"] = request->signature;
  result["signature_good"] = request->signature_good;
  return result;
}

JsonObject item_json(const LocalItem& item, const Texts& texts) {
  JsonArray matches, chain;
  for (const CertFingerprint& fingerprint : item.matches) matches.push_back(fingerprint.hex());
  for (const LocalItem::Link& link : item.chain)
    chain.push_back(
        {{"certificate", link.certificate ? JsonValue(link.certificate->fingerprint.hex()) : nullptr},
         {"name", link.name},
         {"file", text_or_null(link.file)}});
  JsonObject result;
  result["item"] = id(item.kind);
  result["sha256"] = item.sent ? JsonValue(item.sent->fingerprint.hex()) : nullptr;
  result["spki_sha256"] = or_null(item.spki, [](const KeyFingerprint& spki) { return spki.hex(); });
  result["alias"] = item.alias;
  result["key"] = text_or_null(item.key);
  result["encrypted"] = item.encrypted;
  result["checked"] = item.checked;
  result["problem"] = reason_json(item.problem, texts);
  result["matches"] = matches;
  result["key_state"] = text_or_null(item.key_state);
  result["key_files"] = JsonArray::of(item.key_files);
  result["chain"] = chain;
  result["request"] = request_json(item.csr);
  return result;
}

JsonObject file_json(const LocalFile& file, const Report& report) {
  const Texts& texts = Texts::of(report.language);
  JsonArray items;
  for (const LocalItem& item : file.items) items.push_back(item_json(item, texts));
  JsonObject result;
  result["path"] = file.path;
  result["kind"] = id(file.kind);
  result["readable"] = file.readable;
  result["reason"] = reason_json(file.reason, texts);
  result["items"] = items;
  result["findings"] = findings_json(file.findings, report);
  return result;
}

JsonObject site_json(const ServerSite& site, const Report& report) {
  const Texts& texts = Texts::of(report.language);
  JsonArray findings, served;
  for (const Finding& finding : site.findings)
    findings.push_back(json_of(finding, local_texts(report, finding)));
  const ChainJudgement* chain = site.judged ? main_chain(*site.judged) : nullptr;
  if (chain)
    for (const SentPtr& sent : chain->served) served.push_back(sent->fingerprint.hex());
  JsonObject result;
  result["kind"] = site.kind;
  result["path"] = site.file;
  result["line"] = site.line;
  result["names"] = JsonArray::of(site.names);
  result["listen"] = JsonArray::of(site.listen);
  result["certificate_file"] = text_or_null(site.certificate_file);
  result["key_file"] = text_or_null(site.key_file);
  result["chain_file"] = text_or_null(site.chain_file);
  result["alias"] = site.alias;
  result["verdict"] = id(verdict_of(site));
  result["reason"] = reason_json(site.reason, texts);
  result["served"] = served;
  result["key_matches"] = site.key_matches;
  result["covered"] = JsonArray::of(site.covered);
  result["not_covered"] = JsonArray::of(site.not_covered);
  result["chain"] = chain ? JsonValue(json_of(*chain, texts)) : nullptr;
  result["findings"] = findings;
  return result;
}

JsonObject store_json(const TrustStore& store, const Report& report) {
  JsonArray known;
  for (const TrustStore::Known& one : store.known)
    known.push_back({{"slug", one.slug}, {"enabled", one.enabled}});
  JsonObject result;
  result["kind"] = store.kind;
  result["path"] = store.path;
  result["readable"] = store.readable;
  result["reason"] = reason_json(store.reason, Texts::of(report.language));
  result["certificates"] = store.certificates;
  result["known"] = known;
  result["findings"] = findings_json(store.findings, report);
  return result;
}

template <class Items, class Show>
JsonArray all_of(const Report& report, const Items& items, const Show& show) {
  JsonArray result;
  for (const auto& item : items) result.push_back(show(item, report));
  return result;
}

}  // namespace

JsonArray files_json(const Report& report) {
  return report.local ? all_of(report, report.local->files, file_json) : JsonArray{};
}
JsonArray servers_json(const Report& report) {
  return report.local ? all_of(report, report.local->servers, site_json) : JsonArray{};
}
JsonArray stores_json(const Report& report) {
  return report.local ? all_of(report, report.local->stores, store_json) : JsonArray{};
}

}  // namespace chaintier
