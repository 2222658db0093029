#include <boost/json.hpp>

#include "reports/json_parts.h"
#include "reports/local_view.h"
#include "reports/view.h"
#include "src/local/local_report.h"

namespace chaintier {

namespace json = boost::json;

namespace {

template <class T, class Show>
json::value or_null(const std::optional<T>& value, const Show& show) {
  if (!value) return nullptr;
  return json::value(show(*value));
}

json::value reason_json(const std::optional<Reason>& reason, const Texts& texts) {
  if (!reason) return nullptr;
  return json_text(reason_text(texts, *reason));
}

json::array findings_json(const std::vector<Finding>& findings, const Report& report) {
  json::array result;
  for (const Finding& finding : findings) result.push_back(json_of(finding, local_texts(report, finding)));
  return result;
}

// The table that TWCA's page echoes (manual 5.2.6).
json::value request_json(const std::optional<CsrFacts>& request) {
  if (!request) return nullptr;
  json::object subject;
  for (const Name::Attribute& attribute : request->subject.attributes) {
    json::value& values = subject[json_text(attribute.type)];
    if (!values.is_array()) values = json::array{};
    values.as_array().push_back(json_text(attribute.value));
  }
  json::object result;
  result["subject"] = std::move(subject);
  result["dns_names"] = json_texts(request->dns_names);
  result["signature"] = json_text(request->signature);
  result["signature_good"] = request->signature_good;
  return result;
}

json::object item_json(const LocalItem& item, const Texts& texts) {
  json::array matches, chain;
  for (const CertFingerprint& fingerprint : item.matches) matches.emplace_back(fingerprint.hex());
  for (const LocalItem::Link& link : item.chain)
    chain.push_back({{"certificate", link.certificate ? json::value(link.certificate->fingerprint.hex())
                                                      : json::value(nullptr)},
                     {"name", json_text(link.name)},
                     {"file", link.file.empty() ? json::value(nullptr) : json::value(json_text(link.file))}});
  json::object result;
  result["item"] = id(item.kind);
  result["sha256"] = item.sent ? json::value(item.sent->fingerprint.hex()) : json::value(nullptr);
  result["spki_sha256"] = or_null(item.spki, [](const KeyFingerprint& spki) { return spki.hex(); });
  result["alias"] = or_null(item.alias, json_text);
  result["key"] = item.key.empty() ? json::value(nullptr) : json::value(json_text(item.key));
  result["encrypted"] = item.encrypted;
  result["checked"] = item.checked;
  result["problem"] = reason_json(item.problem, texts);
  result["matches"] = std::move(matches);
  result["key_state"] =
      item.key_state.empty() ? json::value(nullptr) : json::value(json_text(item.key_state));
  result["key_files"] = json_texts(item.key_files);
  result["chain"] = std::move(chain);
  result["request"] = request_json(item.csr);
  return result;
}

json::object file_json(const LocalFile& file, const Report& report) {
  const Texts& texts = Texts::of(report.language);
  json::array items;
  for (const LocalItem& item : file.items) items.push_back(item_json(item, texts));
  json::object result;
  result["path"] = json_text(file.path);
  result["kind"] = id(file.kind);
  result["readable"] = file.readable;
  result["reason"] = reason_json(file.reason, texts);
  result["items"] = std::move(items);
  result["findings"] = findings_json(file.findings, report);
  return result;
}

json::value path_or_null(const std::string& path) {
  return path.empty() ? json::value(nullptr) : json::value(json_text(path));
}

json::object site_json(const ServerSite& site, const Report& report) {
  const Texts& texts = Texts::of(report.language);
  json::array findings, served;
  for (const Finding& finding : site.findings)
    findings.push_back(json_of(finding, local_texts(report, finding)));
  const ChainJudgement* chain = site.judged ? main_chain(*site.judged) : nullptr;
  if (chain)
    for (const SentPtr& sent : chain->served) served.emplace_back(sent->fingerprint.hex());
  json::object result;
  result["kind"] = json_text(site.kind);
  result["path"] = json_text(site.file);
  result["line"] = site.line;
  result["names"] = json_texts(site.names);
  result["listen"] = json_texts(site.listen);
  result["certificate_file"] = path_or_null(site.certificate_file);
  result["key_file"] = path_or_null(site.key_file);
  result["chain_file"] = path_or_null(site.chain_file);
  result["alias"] = or_null(site.alias, json_text);
  result["verdict"] = id(verdict_of(site));
  result["reason"] = reason_json(site.reason, texts);
  result["served"] = std::move(served);
  result["key_matches"] = site.key_matches ? json::value(*site.key_matches) : json::value(nullptr);
  result["covered"] = json_texts(site.covered);
  result["not_covered"] = json_texts(site.not_covered);
  result["chain"] = chain ? json::value(json_of(*chain, texts)) : json::value(nullptr);
  result["findings"] = std::move(findings);
  return result;
}

json::object store_json(const TrustStore& store, const Report& report) {
  json::array known;
  for (const TrustStore::Known& one : store.known)
    known.push_back({{"slug", json_text(one.slug)}, {"enabled", one.enabled}});
  json::object result;
  result["kind"] = json_text(store.kind);
  result["path"] = json_text(store.path);
  result["readable"] = store.readable;
  result["reason"] = reason_json(store.reason, Texts::of(report.language));
  result["certificates"] = store.certificates;
  result["known"] = std::move(known);
  result["findings"] = findings_json(store.findings, report);
  return result;
}

template <class Items, class Show>
json::array all_of(const Report& report, const Items& items, const Show& show) {
  json::array result;
  for (const auto& item : items) result.push_back(show(item, report));
  return result;
}

}  // namespace

json::array files_json(const Report& report) {
  return report.local ? all_of(report, report.local->files, file_json) : json::array{};
}
json::array servers_json(const Report& report) {
  return report.local ? all_of(report, report.local->servers, site_json) : json::array{};
}
json::array stores_json(const Report& report) {
  return report.local ? all_of(report, report.local->stores, store_json) : json::array{};
}

}  // namespace chaintier
