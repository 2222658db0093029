#include "reports/json_parts.h"
#include "reports/view.h"
#include "src/base/base64.h"
#include "src/report/texts.h"
#include "src/x509/issuer_answer.h"

namespace chaintier {

namespace {

template <class Pointers>
JsonArray fingerprints(const Pointers& certificates) {
  JsonArray result;
  for (const auto& certificate : certificates) result.push_back(certificate->fingerprint.hex());
  return result;
}

JsonValue json_of(const std::optional<Error>& error) {
  if (!error) return nullptr;
  const std::string_view code = id(error->cause);
  JsonObject result;
  result["code"] = text_or_null(code);
  result["alert"] = error->alert;
  result["stage"] = id(error->stage);
  result["fault"] = id(error->fault);
  result["detail"] = error->detail;
  return result;
}

JsonValue json_of(const std::optional<TlsFacts>& tls) {
  if (!tls) return nullptr;
  return JsonObject{
      {"version", tls->version}, {"cipher", tls->cipher}, {"group", tls->group}, {"alpn", tls->alpn}};
}

using Staples = std::map<Bytes, StapleJudgement>;

JsonValue staple(const std::optional<Bytes>& response, const Staples& judged) {
  if (!response) return nullptr;
  JsonObject result;
  const auto known = judged.find(*response);
  result["status"] = known == judged.end() ? "unread" : std::string_view(known->second.status);
  result["size"] = response->size();
  result["response"] = to_base64(*response);
  if (known == judged.end()) return result;
  const StapleJudgement& staple = known->second;
  result["reason"] = text_or_null(staple.reason);
  result["this_update"] = or_null(staple.this_update, format_rfc3339);
  result["next_update"] = or_null(staple.next_update, format_rfc3339);
  result["revoked_at"] = or_null(staple.revoked_at, format_rfc3339);
  return result;
}

JsonObject json_of(const StageTimes& times) {
  const auto count = [](Milliseconds ms) { return std::int64_t{ms.count()}; };
  return {{"resolve", or_null(times.resolve, count)},
          {"connect", or_null(times.connect, count)},
          {"starttls", or_null(times.starttls, count)},
          {"handshake", or_null(times.handshake, count)}};
}

JsonObject json_of(const Sample& sample, const Staples& staples) {
  JsonObject result;
  result["at"] = format_rfc3339(sample.at);
  result["asked"] = JsonObject{{"sni", sample.asked.sni}, {"key_type", id(sample.asked.key_type)}};
  result["outcome"] = id(sample.outcome);
  result["key_proved"] = sample.key_proved;
  result["error"] = json_of(sample.error);
  result["tls"] = json_of(sample.tls);
  result["served"] = fingerprints(sample.served);
  result["staple"] = staple(sample.staple, staples);
  result["ms"] = json_of(sample.ms);
  return result;
}

JsonObject json_of(const EndpointSeen& endpoint, const Staples& staples) {
  JsonArray samples;
  for (const Sample& sample : endpoint.samples) samples.push_back(json_of(sample, staples));
  JsonObject result;
  result["address"] = or_null(endpoint.address, [](const IpAddress& address) { return address.text(); });
  result["port"] = endpoint.port;
  result["role"] = id(endpoint.role);
  result["this_machine"] = endpoint.this_machine;
  result["samples"] = samples;
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

JsonArray all_of(Sources sources) {
  JsonArray result;
  for (const Source source :
       {Source::served, Source::pool, Source::preloaded, Source::aia, Source::catalogue, Source::store})
    if (contains(sources, source)) result.push_back(id(source));
  return result;
}

JsonObject json_of(const JudgedPath& judged, const Texts& texts) {
  JsonArray from, all_sources, problems;
  for (const Sources sources : judged.path.from) {
    from.push_back(nearest(sources));
    all_sources.push_back(all_of(sources));
  }
  for (const PathProblem& problem : judged.path.problems)
    problems.push_back({{"certificate", problem.index}, {"code", id(problem.problem)}});
  JsonObject result;
  result["path"] = fingerprints(judged.path.certificates);
  result["tiers"] = judged.path.tiers();
  result["name"] =
      or_null(judged.name, [&texts](const std::string& name) { return texts.word("path." + name); });
  result["kind"] = judged.name;
  result["anchor"] = judged.anchor;
  result["from"] = from;
  result["sources"] = all_sources;
  result["status"] = judged.path.valid() ? "valid" : "invalid";
  result["problems"] = problems;
  return result;
}

bool is_trusted(ClientVerdict verdict) {
  return verdict == ClientVerdict::trusted || verdict == ClientVerdict::trusted_by_aia;
}

JsonObject json_of(const ClientResult& client, const ChainJudgement& chain) {
  JsonValue tiers = nullptr, path = nullptr;
  if (client.path) {
    const Path& taken = chain.paths.at(*client.path).path;
    path = fingerprints(taken.certificates);
    if (is_trusted(client.verdict)) tiers = taken.tiers();
  }
  JsonObject result;
  result["client"] = client.client;
  result["verdict"] = id(client.verdict);
  result["tiers"] = tiers;
  result["path"] = path;
  result["reasons"] = JsonArray::of(client.reasons);
  return result;
}

JsonArray json_of(const std::vector<SeenAt>& seen_at) {
  JsonArray result;
  for (const SeenAt& seen : seen_at) result.push_back({{"address", seen.address}, {"count", seen.count}});
  return result;
}

JsonValue json_of(const std::optional<ExpectedComparison>& expected) {
  if (!expected) return nullptr;
  const auto hex = [](const CertFingerprint& fingerprint) { return fingerprint.hex(); };
  JsonArray differences;
  for (const Difference& one : expected->differences)
    differences.push_back(
        {{"kind", id(one.kind)}, {"served", or_null(one.served, hex)}, {"issued", or_null(one.issued, hex)}});
  JsonObject result;
  result["applies"] = expected->applies;
  result["issued"] = fingerprints(expected->issued);
  result["differences"] = differences;
  return result;
}
}  // namespace

JsonObject json_of(const ChainJudgement& chain, const Texts& texts) {
  JsonArray paths, clients, advice;
  for (const JudgedPath& path : chain.paths) paths.push_back(json_of(path, texts));
  for (const ClientResult& client : chain.clients) clients.push_back(json_of(client, chain));
  for (const Advice& one : chain.advice)
    advice.push_back({{"action", id(one.action)}, {"certificate", one.certificate.hex()}});
  JsonObject result;
  result["served"] = fingerprints(chain.served);
  result["seen_at"] = json_of(chain.seen_at);
  result["without_sni_only"] = chain.without_sni_only;
  result["issued_by"] = chain.issued_by;
  result["expected"] = json_of(chain.expected);
  result["paths"] = paths;
  result["clients"] = clients;
  result["should_send"] = chain.should_send ? JsonValue(fingerprints(*chain.should_send)) : nullptr;
  result["advice"] = advice;
  return result;
}

namespace {

JsonValue json_of(const std::optional<Balance>& balance) {
  if (!balance) return nullptr;
  JsonArray groups;
  for (const BalanceGroup& group : balance->groups) {
    JsonArray served;
    for (const CertFingerprint& fingerprint : group.served) served.push_back(fingerprint.hex());
    groups.push_back({{"served", served},
                      {"count", group.count},
                      {"addresses", JsonArray::of(group.addresses)},
                      {"asked", id(group.asked)},
                      {"seen_at", json_of(group.seen_at)},
                      {"stale", group.stale}});
  }
  JsonArray certainty;
  for (const BalanceCertainty& kind : balance->certainty)
    certainty.push_back({{"asked", id(kind.asked)},
                         {"samples", kind.samples},
                         {"stale", kind.stale},
                         {"excluded_share", kind.excluded_share}});
  JsonObject result;
  result["groups"] = groups;
  result["certainty"] = certainty;
  result["excluded_share"] = balance->excluded_share;
  return result;
}

JsonObject json_of(const Fetched& fetched) {
  JsonValue error = nullptr;
  JsonArray certificates;
  if (fetched.error)
    error = fetched.error->detail;
  else if (const auto issuers = issuers_in(fetched.body))
    certificates = fingerprints(*issuers);
  else
    error = issuers.error().detail;
  JsonObject result;
  result["url"] = fetched.url;
  result["at"] = format_rfc3339(fetched.at);
  result["error"] = error;
  result["certificates"] = certificates;
  return result;
}

struct FactToJson {
  JsonValue operator()(std::int64_t number) const { return number; }
  JsonValue operator()(const std::string& text) const { return text; }
  JsonValue operator()(Time time) const { return JsonValue(format_rfc3339(time)); }
  JsonValue operator()(const std::vector<std::string>& texts) const { return JsonArray::of(texts); }
};

JsonObject json_of(const Where& where) {
  JsonObject result;
  if (where.address) result["address"] = *where.address;
  if (where.certificate) result["certificate"] = where.certificate->hex();
  if (where.client) result["client"] = *where.client;
  if (where.file) result["file"] = *where.file;
  return result;
}

}  // namespace

JsonObject json_of(const Finding& finding, const FindingText& text) {
  JsonArray where;
  for (const Where& place : finding.where) where.push_back(json_of(place));
  JsonObject result;
  result["code"] = id(finding.code);
  result["severity"] = id(finding.severity);
  result["where"] = where;
  result["facts"] = facts_json(finding.facts);
  result["title"] = text.title;
  result["why"] = text.why;
  result["fix"] = JsonArray::of(text.fix);
  result["manual"] = text.manual;
  return result;
}

namespace {

JsonValue json_of(const std::optional<BadTarget>& bad) {
  if (!bad) return nullptr;
  return JsonObject{{"line", bad->line ? JsonValue(bad->line) : nullptr}, {"detail", bad->error.detail}};
}

}  // namespace

JsonObject facts_json(const std::map<std::string, Fact>& facts) {
  JsonObject result;
  for (const auto& [name, fact] : facts) result[name] = std::visit(FactToJson{}, fact);
  return result;
}

JsonObject json_of(const TargetReport& target, const Report& report) {
  const Texts& texts = Texts::of(report.language);
  const Target& asked = target.observation.target;
  JsonArray endpoints, chains, fetched, findings;
  for (const EndpointSeen& endpoint : target.observation.endpoints)
    endpoints.push_back(json_of(endpoint, target.staples));
  for (const auto& chain : target.chains) chains.push_back(json_of(*chain, texts));
  for (const FetchedPtr& one : target.observation.fetched) fetched.push_back(json_of(*one));
  for (const Finding& finding : target.findings)
    findings.push_back(json_of(finding, texts_of(report, target, finding)));

  JsonObject result;
  result["target"] = asked.text;
  result["host"] = asked.host;
  result["port"] = asked.port;
  result["protocol"] = id(asked.protocol);
  result["connect_to"] = or_null(asked.connect_to, [](const IpAddress& address) { return address.text(); });
  result["name_checked"] = target.observation.name_checked;
  result["tag"] = asked.tag;
  result["cname"] = JsonArray::of(target.observation.cnames);
  result["verdict"] = id(target.verdict);
  result["headline"] = or_null(target.headline, [](Code code) { return id(code); });
  result["input_error"] = json_of(target.bad_target);
  result["endpoints"] = endpoints;
  result["chains"] = chains;
  result["balance"] = json_of(target.balance);
  result["fetched"] = fetched;
  result["findings"] = findings;
  return result;
}

}  // namespace chaintier
