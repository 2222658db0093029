#include <boost/json.hpp>

#include "reports/json_parts.h"
#include "reports/view.h"
#include "src/base/base64.h"
#include "src/report/texts.h"
#include "src/x509/issuer_answer.h"

namespace chaintier {

namespace json = boost::json;

namespace {

template <class T, class Show>
json::value or_null(const std::optional<T>& value, const Show& show) {
  if (!value) return nullptr;
  return json::value(show(*value));
}

json::value text_or_null(const std::optional<std::string>& text) { return or_null(text, json_text); }

template <class Pointers>
json::array fingerprints(const Pointers& certificates) {
  json::array result;
  for (const auto& certificate : certificates) result.emplace_back(certificate->fingerprint.hex());
  return result;
}

json::value json_of(const std::optional<Error>& error) {
  if (!error) return nullptr;
  const std::string_view code = id(error->cause);
  json::object result;
  result.reserve(5);
  result["code"] = code.empty() ? json::value(nullptr) : json::value(code);
  result["alert"] = error->alert ? json::value(*error->alert) : json::value(nullptr);
  result["stage"] = id(error->stage);
  result["fault"] = id(error->fault);
  result["detail"] = json_text(error->detail);
  return result;
}

json::value json_of(const std::optional<TlsFacts>& tls) {
  if (!tls) return nullptr;
  return json::object{{"version", json_text(tls->version)},
                      {"cipher", json_text(tls->cipher)},
                      {"group", json_text(tls->group)},
                      {"alpn", json_text(tls->alpn)}};
}

using Staples = std::map<Bytes, StapleJudgement>;

json::value staple(const std::optional<Bytes>& response, const Staples& judged) {
  if (!response) return nullptr;
  json::object result;
  result.reserve(8);
  result["status"] = "unread";
  result["size"] = response->size();
  result["response"] = to_base64(*response);
  const auto known = judged.find(*response);
  if (known == judged.end()) return result;
  const StapleJudgement& staple = known->second;
  result["status"] = staple.status;
  result["reason"] = staple.reason.empty() ? json::value(nullptr) : json::value(json_text(staple.reason));
  result["this_update"] = or_null(staple.this_update, format_rfc3339);
  result["next_update"] = or_null(staple.next_update, format_rfc3339);
  result["revoked_at"] = or_null(staple.revoked_at, format_rfc3339);
  return result;
}

json::object json_of(const StageTimes& times) {
  const auto count = [](Milliseconds ms) { return std::int64_t{ms.count()}; };
  return {{"resolve", or_null(times.resolve, count)},
          {"connect", or_null(times.connect, count)},
          {"starttls", or_null(times.starttls, count)},
          {"handshake", or_null(times.handshake, count)}};
}

json::object json_of(const Sample& sample, const Staples& staples) {
  json::object result;
  result.reserve(9);
  result["at"] = format_rfc3339(sample.at);
  result["asked"] = {{"sni", text_or_null(sample.asked.sni)}, {"key_type", id(sample.asked.key_type)}};
  result["outcome"] = id(sample.outcome);
  result["key_proved"] = sample.key_proved;
  result["error"] = json_of(sample.error);
  result["tls"] = json_of(sample.tls);
  result["served"] = fingerprints(sample.served);
  result["staple"] = staple(sample.staple, staples);
  result["ms"] = json_of(sample.ms);
  return result;
}

json::object json_of(const EndpointSeen& endpoint, const Staples& staples) {
  json::array samples;
  for (const Sample& sample : endpoint.samples) samples.push_back(json_of(sample, staples));
  json::object result;
  result.reserve(5);
  result["address"] = or_null(endpoint.address, [](const IpAddress& address) { return address.text(); });
  result["port"] = endpoint.port;
  result["role"] = id(endpoint.role);
  result["this_machine"] = endpoint.this_machine;
  result["samples"] = std::move(samples);
  return result;
}

// One word for each certificate: the nearest place that it came from. An anchor is taken from a store,
// wherever else it could be had; the catalogue counts last, because nobody would hand a client a certificate
// from there.
std::string_view nearest(Sources from) {
  for (const Source source :
       {Source::served, Source::store, Source::pool, Source::preloaded, Source::aia, Source::catalogue})
    if (contains(from, source)) return id(source);
  return id(Source::catalogue);
}

json::array all_of(Sources sources) {
  json::array result;
  for (const Source source :
       {Source::served, Source::pool, Source::preloaded, Source::aia, Source::catalogue, Source::store})
    if (contains(sources, source)) result.emplace_back(id(source));
  return result;
}

json::object json_of(const JudgedPath& judged, const Texts& texts) {
  json::array from, all_sources, problems;
  for (const Sources sources : judged.path.from) {
    from.emplace_back(nearest(sources));
    all_sources.push_back(all_of(sources));
  }
  for (const PathProblem& problem : judged.path.problems)
    problems.push_back({{"certificate", problem.index}, {"code", id(problem.problem)}});
  json::object result;
  result.reserve(9);
  result["path"] = fingerprints(judged.path.certificates);
  result["tiers"] = judged.path.tiers();
  result["name"] = or_null(
      judged.name, [&texts](const std::string& name) { return json_text(texts.word("path." + name)); });
  result["kind"] = text_or_null(judged.name);
  result["anchor"] = json_text(judged.anchor);
  result["from"] = std::move(from);
  result["sources"] = std::move(all_sources);
  result["status"] = judged.path.valid() ? "valid" : "invalid";
  result["problems"] = std::move(problems);
  return result;
}

bool is_trusted(ClientVerdict verdict) {
  return verdict == ClientVerdict::trusted || verdict == ClientVerdict::trusted_by_aia;
}

json::object json_of(const ClientResult& client, const ChainJudgement& chain) {
  json::value tiers = nullptr, path = nullptr;
  if (client.path) {
    const Path& taken = chain.paths.at(*client.path).path;
    path = fingerprints(taken.certificates);
    if (is_trusted(client.verdict)) tiers = taken.tiers();
  }
  json::object result;
  result.reserve(5);
  result["client"] = json_text(client.client);
  result["verdict"] = id(client.verdict);
  result["tiers"] = std::move(tiers);
  result["path"] = std::move(path);
  result["reasons"] = json_texts(client.reasons);
  return result;
}

json::array json_of(const std::vector<SeenAt>& seen_at) {
  json::array result;
  for (const SeenAt& seen : seen_at)
    result.push_back({{"address", json_text(seen.address)}, {"count", seen.count}});
  return result;
}

json::value json_of(const std::optional<ExpectedComparison>& expected) {
  if (!expected) return nullptr;
  const auto hex = [](const CertFingerprint& fingerprint) { return fingerprint.hex(); };
  json::array differences;
  for (const Difference& one : expected->differences)
    differences.push_back(
        {{"kind", id(one.kind)}, {"served", or_null(one.served, hex)}, {"issued", or_null(one.issued, hex)}});
  json::object result;
  result["applies"] = expected->applies;
  result["issued"] = fingerprints(expected->issued);
  result["differences"] = std::move(differences);
  return result;
}
}  // namespace

json::object json_of(const ChainJudgement& chain, const Texts& texts) {
  json::array paths, clients, advice;
  for (const JudgedPath& path : chain.paths) paths.push_back(json_of(path, texts));
  for (const ClientResult& client : chain.clients) clients.push_back(json_of(client, chain));
  for (const Advice& one : chain.advice)
    advice.push_back({{"action", id(one.action)}, {"certificate", one.certificate.hex()}});
  json::object result;
  result.reserve(9);
  result["served"] = fingerprints(chain.served);
  result["seen_at"] = json_of(chain.seen_at);
  result["without_sni_only"] = chain.without_sni_only;
  result["issued_by"] = text_or_null(chain.issued_by);
  result["expected"] = json_of(chain.expected);
  result["paths"] = std::move(paths);
  result["clients"] = std::move(clients);
  result["should_send"] =
      chain.should_send ? json::value(fingerprints(*chain.should_send)) : json::value(nullptr);
  result["advice"] = std::move(advice);
  return result;
}

namespace {

json::value json_of(const std::optional<Balance>& balance) {
  if (!balance) return nullptr;
  json::array groups;
  for (const BalanceGroup& group : balance->groups) {
    json::array served;
    for (const CertFingerprint& fingerprint : group.served) served.emplace_back(fingerprint.hex());
    groups.push_back({{"served", std::move(served)},
                      {"count", group.count},
                      {"addresses", json_texts(group.addresses)},
                      {"asked", id(group.asked)},
                      {"seen_at", json_of(group.seen_at)},
                      {"stale", group.stale}});
  }
  const auto number = [](double share) { return share; };
  json::array certainty;
  for (const BalanceCertainty& kind : balance->certainty)
    certainty.push_back({{"asked", id(kind.asked)},
                         {"samples", kind.samples},
                         {"stale", kind.stale},
                         {"excluded_share", or_null(kind.excluded_share, number)}});
  json::object result;
  result["groups"] = std::move(groups);
  result["certainty"] = std::move(certainty);
  result["excluded_share"] = or_null(balance->excluded_share, number);
  return result;
}

json::object json_of(const Fetched& fetched) {
  json::object result;
  result.reserve(7);
  result["url"] = json_text(fetched.url);
  result["at"] = format_rfc3339(fetched.at);
  result["error"] = nullptr;
  result["certificates"] = json::array{};
  if (fetched.error) {
    result["error"] = json_text(fetched.error->detail);
  } else if (const auto issuers = issuers_in(fetched.body)) {
    result["certificates"] = fingerprints(*issuers);
  } else {
    result["error"] = json_text(issuers.error().detail);
  }
  return result;
}

struct FactToJson {
  json::value operator()(std::int64_t number) const { return number; }
  json::value operator()(const std::string& text) const { return json_text(text); }
  json::value operator()(Time time) const { return json::value(format_rfc3339(time)); }
  json::value operator()(const std::vector<std::string>& texts) const { return json_texts(texts); }
};

json::object json_of(const Where& where) {
  json::object result;
  result.reserve(4);
  if (where.address) result["address"] = json_text(*where.address);
  if (where.certificate) result["certificate"] = where.certificate->hex();
  if (where.client) result["client"] = json_text(*where.client);
  if (where.file) result["file"] = json_text(*where.file);
  return result;
}

}  // namespace

json::object json_of(const Finding& finding, const FindingText& text) {
  json::array where;
  for (const Where& place : finding.where) where.push_back(json_of(place));
  json::object result;
  result.reserve(8);
  result["code"] = id(finding.code);
  result["severity"] = id(finding.severity);
  result["where"] = std::move(where);
  result["facts"] = facts_json(finding.facts);
  result["title"] = json_text(text.title);
  result["why"] = json_text(text.why);
  result["fix"] = json_texts(text.fix);
  result["manual"] = text_or_null(text.manual);
  return result;
}

namespace {

json::value json_of(const std::optional<BadTarget>& bad) {
  if (!bad) return nullptr;
  return json::object{{"line", bad->line ? json::value(bad->line) : json::value(nullptr)},
                      {"detail", json_text(bad->error.detail)}};
}

}  // namespace

json::object facts_json(const std::map<std::string, Fact>& facts) {
  json::object result;
  for (const auto& [name, fact] : facts) result[name] = std::visit(FactToJson{}, fact);
  return result;
}

json::object json_of(const TargetReport& target, const Report& report) {
  const Texts& texts = Texts::of(report.language);
  const Target& asked = target.observation.target;
  json::array endpoints, chains, fetched, findings;
  for (const EndpointSeen& endpoint : target.observation.endpoints)
    endpoints.push_back(json_of(endpoint, target.staples));
  for (const auto& chain : target.chains) chains.push_back(json_of(*chain, texts));
  for (const FetchedPtr& one : target.observation.fetched) fetched.push_back(json_of(*one));
  for (const Finding& finding : target.findings)
    findings.push_back(json_of(finding, texts_of(report, target, finding)));

  json::object result;
  result.reserve(16);
  result["target"] = json_text(asked.text);
  result["host"] = json_text(asked.host);
  result["port"] = asked.port;
  result["protocol"] = id(asked.protocol);
  result["connect_to"] = or_null(asked.connect_to, [](const IpAddress& address) { return address.text(); });
  result["name_checked"] = target.observation.name_checked;
  result["tag"] = json_text(asked.tag);
  result["cname"] = json_texts(target.observation.cnames);
  result["verdict"] = id(target.verdict);
  result["headline"] = or_null(target.headline, [](Code code) { return id(code); });
  result["input_error"] = json_of(target.bad_target);
  result["endpoints"] = std::move(endpoints);
  result["chains"] = std::move(chains);
  result["balance"] = json_of(target.balance);
  result["fetched"] = std::move(fetched);
  result["findings"] = std::move(findings);
  return result;
}

}  // namespace chaintier
