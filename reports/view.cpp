#include "reports/view.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "reports/certificate_table.h"

namespace chaintier {

namespace {

int reading_order(ClientVerdict verdict) {
  switch (verdict) {
    case ClientVerdict::untrusted:
      return 0;
    case ClientVerdict::trusted_by_aia:
      return 1;
    case ClientVerdict::trusted:
      return 2;
    case ClientVerdict::unjudged:
      return 3;
  }
  return 4;
}

bool is_trusted(ClientVerdict verdict) {
  return verdict == ClientVerdict::trusted || verdict == ClientVerdict::trusted_by_aia;
}

std::optional<AdviceAction> advice_on(const ChainJudgement& chain, const CertFingerprint& fingerprint) {
  for (const Advice& advice : chain.advice)
    if (advice.certificate == fingerprint) return advice.action;
  return std::nullopt;
}

bool should_be_sent(const ChainJudgement& chain, const CertFingerprint& fingerprint) {
  return chain.should_send &&
         std::any_of(chain.should_send->begin(), chain.should_send->end(),
                     [&](const auto& wanted) { return wanted->fingerprint == fingerprint; });
}

}  // namespace

std::vector<ClientGroup> group_clients(const Report& report, const ChainJudgement& chain) {
  std::vector<ClientGroup> groups;
  for (const ClientResult& result : chain.clients) {
    const auto info = std::find_if(report.clients.begin(), report.clients.end(),
                                   [&](const ClientInfo& client) { return client.id == result.client; });
    if (info == report.clients.end()) continue;
    const auto alike = std::find_if(groups.begin(), groups.end(), [&](const ClientGroup& group) {
      return group.verdict == result.verdict && group.path == result.path && group.reasons == result.reasons;
    });
    if (alike != groups.end())
      alike->clients.push_back(&*info);
    else
      groups.push_back({result.verdict, result.path, result.reasons, {&*info}});
  }
  std::stable_sort(groups.begin(), groups.end(), [](const ClientGroup& a, const ClientGroup& b) {
    return reading_order(a.verdict) < reading_order(b.verdict);
  });
  return groups;
}

std::string client_label(const Report& report, const ClientInfo& client) {
  const auto label = client.label.find(std::string(id(report.language)));
  return label == client.label.end() ? client.id : label->second;
}

std::string client_label(const Report& report, std::string_view client) {
  for (const ClientInfo& info : report.clients)
    if (info.id == client) return client_label(report, info);
  return std::string(client);
}

std::string reason_text(const Texts& texts, const std::string& reason) {
  const std::string* word = texts.find_word("reason." + reason);
  return word ? *word : reason;
}

std::optional<std::string> path_name(const Texts& texts, const JudgedPath& path) {
  if (!path.name) return std::nullopt;
  return texts.word("path." + *path.name);
}

std::string tiers_text(const Texts& texts, std::size_t tiers) {
  return texts.phrase("say.tiers", {{"tiers", static_cast<std::int64_t>(tiers)}});
}

std::string group_result(const Texts& texts, const ClientGroup& group, const ChainJudgement& chain) {
  std::vector<std::string> parts;
  if (is_trusted(group.verdict) && group.path) {
    const JudgedPath& path = chain.paths.at(*group.path);
    if (const auto name = path_name(texts, path)) parts.push_back(*name);
    parts.push_back(tiers_text(texts, path.path.tiers()));
    return joined(parts, " · ");
  }
  for (const std::string& reason : group.reasons) parts.push_back(reason_text(texts, reason));
  return joined(parts, comma(texts.language()));
}

const ChainJudgement* main_chain(const TargetReport& target) {
  for (const auto& chain : target.chains)
    if (!chain->without_sni_only) return chain.get();
  return nullptr;
}

std::vector<std::string> chain_names(const Texts& texts, const ChainJudgement& chain) {
  std::vector<std::string> names;
  std::set<std::pair<std::string, std::size_t>> seen;
  for (const ClientResult& client : chain.clients) {
    if (!is_trusted(client.verdict) || !client.path) continue;
    const JudgedPath& path = chain.paths.at(*client.path);
    const std::string name = path_name(texts, path).value_or("");
    if (!seen.emplace(name, path.path.tiers()).second) continue;
    const std::string tiers = tiers_text(texts, path.path.tiers());
    names.push_back(name.empty() ? tiers : name + " · " + tiers);
  }
  return names;
}

CertificateKind kind_of(const CertificatePtr& certificate, const Catalogue& catalogue) {
  if (!certificate) return CertificateKind::unreadable;
  if (const KnownCa* known = catalogue.find(certificate->fingerprint)) {
    switch (known->role) {
      case CaRole::root:
        return CertificateKind::root;
      case CaRole::cross:
        return CertificateKind::cross;
      case CaRole::intermediate:
        return CertificateKind::intermediate;
    }
  }
  if (!certificate->is_ca()) return CertificateKind::leaf;
  return certificate->self_issued() ? CertificateKind::root : CertificateKind::intermediate;
}

std::string kind_text(const Texts& texts, CertificateKind kind) {
  switch (kind) {
    case CertificateKind::leaf:
      return texts.word("kind.leaf");
    case CertificateKind::intermediate:
      return texts.word("kind.intermediate");
    case CertificateKind::cross:
      return texts.word("kind.cross");
    case CertificateKind::root:
      return texts.word("kind.root");
    case CertificateKind::unreadable:
      return texts.word("kind.unreadable");
  }
  return {};
}

std::string short_name(const Texts& texts, const CertificatePtr& certificate) {
  if (!certificate) return texts.word("kind.unreadable");
  std::string name = certificate->subject.short_text();
  const auto& names = certificate->subject_alt_name;
  if (name.empty() && names && !names->dns.empty()) name = names->dns.front();
  return name.empty() ? texts.word("label.unknown") : name;
}

std::vector<ChainRow> served_rows(const ChainJudgement& chain) {
  std::vector<ChainRow> rows;
  std::set<CertFingerprint> seen;
  for (std::size_t i = 0; i < chain.served.size(); ++i) {
    const CertFingerprint& fingerprint = chain.served[i]->fingerprint;
    std::optional<AdviceAction> mark = advice_on(chain, fingerprint);
    // Advice to drop a certificate that should stay is about its repetitions.
    if (mark == AdviceAction::drop && !seen.contains(fingerprint) && should_be_sent(chain, fingerprint))
      mark.reset();
    seen.insert(fingerprint);
    rows.push_back({fingerprint, chain.certificates.at(i), mark});
  }
  return rows;
}

std::vector<ChainRow> should_rows(const ChainJudgement& chain) {
  std::vector<ChainRow> rows;
  if (!chain.should_send) return rows;
  for (const CertificatePtr& certificate : *chain.should_send) {
    std::optional<AdviceAction> mark = advice_on(chain, certificate->fingerprint);
    if (mark == AdviceAction::drop) mark.reset();
    rows.push_back({certificate->fingerprint, certificate, mark});
  }
  return rows;
}

bool served_as_should_be(const ChainJudgement& chain) {
  return chain.should_send && std::equal(chain.served.begin(), chain.served.end(), chain.should_send->begin(),
                                         chain.should_send->end(), [](const auto& sent, const auto& wanted) {
                                           return sent->fingerprint == wanted->fingerprint;
                                         });
}

std::string unjudged_text(const Report& report, const TargetReport& target) {
  const Texts& texts = Texts::of(report.language);
  if (target.bad_target) {
    const auto line = static_cast<std::int64_t>(target.bad_target->line);
    const std::string& detail = target.bad_target->error.detail;
    return line ? texts.phrase("say.bad_target", {{"line", line}, {"detail", detail}}) : detail;
  }
  std::vector<std::string> reasons;
  for (const EndpointSeen& endpoint : target.observation.endpoints)
    if (const Error* error = failure_of(endpoint)) {
      std::string reason = is_local(target) ? error->detail : error_text(texts, *error);
      if (std::ranges::find(reasons, reason) == reasons.end()) reasons.push_back(std::move(reason));
    }
  return reasons.empty() ? headline_text(report, target) : joined(reasons, comma(report.language));
}

bool not_started(const TargetReport& target) {
  const auto& endpoints = target.observation.endpoints;
  return !target.bad_target && !endpoints.empty() &&
         std::ranges::all_of(endpoints, [](const EndpointSeen& endpoint) {
           return std::ranges::all_of(
               endpoint.samples, [](const Sample& sample) { return sample.outcome == Outcome::not_started; });
         });
}

bool is_local(const TargetReport& target) {
  const auto& endpoints = target.observation.endpoints;
  return !endpoints.empty() && endpoints.front().role == EndpointRole::file &&
         !target.observation.target.tag.empty();
}

std::string headline_text(const Report& report, const TargetReport& target) {
  const Texts& texts = Texts::of(report.language);
  if (target.bad_target) return texts.word("headline.bad_target");
  if (target.headline)
    for (const Finding& finding : target.findings)
      if (finding.code == *target.headline) return texts_of(report, target, finding).title;
  if (is_local(target))  // the reason, in the report's language
    if (const Error* why = failure_of(target.observation.endpoints.front())) return why->detail;
  if (not_started(target)) return texts.word("headline.not_started");
  return texts.word("headline." + std::string(id(target.verdict)));
}

std::string address_text(const EndpointSeen& endpoint) {
  if (!endpoint.address) return {};
  const std::string address = endpoint.address->text();
  return endpoint.address->is_v6() ? fmt::format("[{}]:{}", address, endpoint.port)
                                   : fmt::format("{}:{}", address, endpoint.port);
}

std::string error_text(const Texts& texts, const Error& error) {
  const std::string_view code = id(error.cause);
  const std::string stage = texts.word("stage." + std::string(id(error.stage)));
  if (code.empty()) return stage;
  const std::map<std::string, Fact> facts{{"alert", static_cast<std::int64_t>(error.alert.value_or(0))}};
  return texts.phrase(code, facts);
}

bool was_captured(const EndpointSeen& endpoint) {
  return std::any_of(endpoint.samples.begin(), endpoint.samples.end(),
                     [](const Sample& sample) { return !sample.served.empty(); });
}

const Error* failure_of(const EndpointSeen& endpoint) {
  if (was_captured(endpoint)) return nullptr;
  for (const Sample& sample : endpoint.samples)
    if (sample.error) return &*sample.error;
  return nullptr;
}

bool speaks_of_twca(const Report& report, const TargetReport& target) {
  if (!report.of_twca || report.expect_path) return report.of_twca;
  const bool others = std::ranges::any_of(
      target.findings, [](const Finding& finding) { return finding.code == Code::chain_unknown_ca; });
  return !others ||
         std::ranges::any_of(target.chains, [](const auto& chain) { return chain->issued_by.has_value(); });
}

FindingText texts_of(const Report& report, const TargetReport& target, const Finding& finding) {
  // That it is another CA's is said to those who have TWCA's in mind.
  const bool of_twca =
      finding.code == Code::chain_unknown_ca ? report.of_twca : speaks_of_twca(report, target);
  FindingText text = Texts::of(report.language).finding(finding, report.clients, of_twca);
  if (is_local(target)) return text;
  for (std::string& step : text.fix) put_command(step, report, target);
  return text;
}

std::vector<std::string> certainty_texts(const Texts& texts, const Balance& balance) {
  std::vector<std::string> result;
  for (const BalanceCertainty& kind : balance.certainty) {
    std::map<std::string, Fact> facts{{"stale", kind.stale}, {"total", kind.samples}};
    std::string_view key = kind.stale > 0 ? "say.certainty_stale" : "say.certainty_differs";
    if (kind.excluded_share) {
      key = "say.certainty";
      // Rounded up: "fewer than" has to stay true.
      facts["percent"] = fmt::format("{:.1f}", std::ceil(*kind.excluded_share * 1000) / 10);
    }
    std::string text = texts.phrase(key, facts);
    if (balance.certainty.size() > 1) {
      std::string name(id(kind.asked));
      std::ranges::transform(name, name.begin(),
                             [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
      text = texts.phrase("say.certainty_asked", {{"key", name}}) + text;
    }
    result.push_back(std::move(text));
  }
  return result;
}

std::string days_text(const Texts& texts, Time now, Time end) {
  const std::int64_t days = days_between(now, end);
  if (end >= now) return texts.phrase("say.days_left", {{"days", days}});
  return texts.phrase("say.days_over", {{"days", -days}});
}

std::string joined(const std::vector<std::string>& parts, std::string_view separator) {
  std::string result;
  for (const std::string& part : parts) {
    if (!result.empty()) result += separator;
    result += part;
  }
  return result;
}

std::string_view comma(Language language) { return language == Language::zh_tw ? "、" : ", "; }
std::string_view colon(Language language) { return language == Language::zh_tw ? "：" : ": "; }

}  // namespace chaintier
