#include "reports/prometheus.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <set>

#include <fmt/format.h>

#include "reports/view.h"
#include "src/base/text.h"

namespace chaintier {

namespace {

constexpr std::size_t label_columns = 300;

// Of a label's value backslash, quote and line feed are escaped; it is UTF-8.
std::string label(std::string_view raw) {
  std::string result;
  for (const char c : shorten(printable(raw), label_columns)) {
    if (c == '\\' || c == '"') result += '\\';
    if (c == '\n')
      result += "\\n";
    else
      result += c;
  }
  return result;
}

using Labels = std::vector<std::pair<std::string_view, std::string_view>>;

// One metric: HELP and TYPE, then its series. A series that was written already is left out.
class Metric {
 public:
  Metric(std::ostream& out, std::string_view name, std::string_view help) : out_(out), name_(name) {
    out_ << "# HELP " << name << " " << help << "\n# TYPE " << name << " gauge\n";
  }
  void add(const Labels& labels, const std::string& value) {
    std::string line(name_);
    for (std::size_t i = 0; i < labels.size(); ++i)
      line += fmt::format("{}{}=\"{}\"", i ? "," : "{", labels[i].first, label(labels[i].second));
    if (!labels.empty()) line += '}';
    if (seen_.insert(line).second) out_ << line << " " << value << "\n";
  }
  void add(const Labels& labels, std::int64_t value) { add(labels, std::to_string(value)); }

 private:
  std::ostream& out_;
  std::string_view name_;
  std::set<std::string> seen_;
};

std::int64_t seconds(Time time) { return time.time_since_epoch().count(); }

int severity_number(Verdict verdict) {
  switch (verdict) {
    case Verdict::ok:
      return 0;
    case Verdict::note:
      return 1;
    case Verdict::warning:
      return 2;
    case Verdict::error:
      return 3;
    case Verdict::unjudged:
      return -1;
  }
  std::abort();
}

using Targets = std::vector<const TargetReport*>;

std::string_view name_of(const TargetReport* target) { return target->observation.target.text; }

Targets distinct(const Report& report) {
  std::map<std::string_view, std::size_t> places;
  Targets targets;
  for (const TargetReport& target : report.targets) {
    if (target.bad_target) continue;
    const auto [at, fresh] = places.emplace(target.observation.target.text, targets.size());
    if (fresh)
      targets.push_back(&target);
    else
      targets[at->second] = &target;
  }
  return targets;
}

void write_run(const Report& report, const Targets& targets, std::ostream& out) {
  Metric(out, "chaintier_build_info", "Version of the program and date of its CA catalogue; always 1.")
      .add({{"version", report.tool_version}, {"catalogue_date", report.catalogue_date}}, 1);
  Metric(out, "chaintier_judged_timestamp_seconds", "When the report was judged as of.")
      .add({}, seconds(report.judged_at));
  Metric by_verdict(out, "chaintier_targets", "Targets by verdict.");
  for (const Verdict verdict :
       {Verdict::ok, Verdict::note, Verdict::warning, Verdict::error, Verdict::unjudged})
    by_verdict.add({{"verdict", id(verdict)}},
                   std::ranges::count_if(
                       targets, [&](const TargetReport* target) { return target->verdict == verdict; }));
  Metric(out, "chaintier_bad_targets", "Lines and arguments that could not be read as a target.")
      .add({}, std::ranges::count_if(
                   report.targets, [](const TargetReport& target) { return target.bad_target.has_value(); }));
  std::map<std::pair<Code, Severity>, std::int64_t> counts;
  for (const TargetReport* target : targets) {
    std::set<std::pair<Code, Severity>> own;
    for (const Finding& finding : target->findings) own.emplace(finding.code, finding.severity);
    for (const auto& key : own) ++counts[key];
  }
  Metric by_code(out, "chaintier_targets_with_finding", "Targets that have a finding, by code and severity.");
  for (const auto& [key, count] : counts)
    by_code.add({{"code", id(key.first)}, {"severity", id(key.second)}}, count);
}

void write_targets(const Targets& targets, std::ostream& out) {
  Metric verdicts(out, "chaintier_target_verdict",
                  "Verdict of a target: 0 ok, 1 note, 2 warning, 3 error, -1 could not be judged.");
  for (const TargetReport* target : targets)
    verdicts.add({{"target", name_of(target)}, {"tag", target->observation.target.tag}},
                 severity_number(target->verdict));
  Metric findings(out, "chaintier_target_findings", "Findings of a target, by code and severity.");
  for (const TargetReport* target : targets) {
    std::map<std::pair<Code, Severity>, std::int64_t> counts;
    for (const Finding& finding : target->findings) ++counts[{finding.code, finding.severity}];
    for (const auto& [key, count] : counts)
      findings.add({{"target", name_of(target)}, {"code", id(key.first)}, {"severity", id(key.second)}},
                   count);
  }
}

// The earliest end of what is served: a chain is no longer good when one of its certificates has ended.
std::optional<Time> chain_end(const ChainJudgement& chain) {
  std::optional<Time> end;
  for (const CertificatePtr& certificate : chain.certificates)
    if (certificate && (!end || certificate->not_after < *end)) end = certificate->not_after;
  return end;
}

void write_ends(const Targets& targets, std::ostream& out) {
  Metric leaves(out, "chaintier_leaf_not_after_timestamp_seconds",
                "End of each server certificate seen, by the first 16 digits of its SHA-256.");
  for (const TargetReport* target : targets)
    for (const auto& chain : target->chains)
      if (!chain->certificates.empty() && chain->leaf() && !chain->without_sni_only) {
        const Certificate& leaf = *chain->leaf();
        const std::string fingerprint = leaf.fingerprint.hex().substr(0, 16);
        leaves.add({{"target", name_of(target)}, {"leaf", fingerprint}}, seconds(leaf.not_after));
      }
  Metric chains(out, "chaintier_chain_not_after_timestamp_seconds",
                "The earliest end of a certificate in any chain served.");
  for (const TargetReport* target : targets) {
    std::optional<Time> end;
    for (const auto& chain : target->chains)
      if (const auto own = chain_end(*chain); own && !chain->without_sni_only && (!end || *own < *end))
        end = own;
    if (end) chains.add({{"target", name_of(target)}}, seconds(*end));
  }
}

int reluctance(ClientVerdict verdict) {
  switch (verdict) {
    case ClientVerdict::trusted:
      return 0;
    case ClientVerdict::trusted_by_aia:
      return 1;
    case ClientVerdict::unjudged:
      return 2;
    case ClientVerdict::untrusted:
      return 3;
  }
  std::abort();
}

void write_clients(const Report& report, const Targets& targets, std::ostream& out) {
  Metric metric(out, "chaintier_client_verdict",
                "What a client does with the worst chain of a target, as the label verdict; always 1.");
  for (const TargetReport* target : targets)
    for (const ClientInfo& client : report.clients) {
      std::optional<ClientVerdict> worst;
      for (const auto& chain : target->chains) {
        if (chain->without_sni_only) continue;
        for (const ClientResult& result : chain->clients)
          if (result.client == client.id && (!worst || reluctance(result.verdict) > reluctance(*worst)))
            worst = result.verdict;
      }
      if (worst) metric.add({{"target", name_of(target)}, {"client", client.id}, {"verdict", id(*worst)}}, 1);
    }
}

void write_times(const Targets& targets, std::ostream& out) {
  Metric scanned(out, "chaintier_target_scanned_timestamp_seconds",
                 "When the last sample of a target was begun.");
  for (const TargetReport* target : targets) {
    std::optional<Time> last;
    for (const EndpointSeen& endpoint : target->observation.endpoints)
      for (const Sample& sample : endpoint.samples)
        if (sample.outcome != Outcome::not_started && (!last || sample.at > *last)) last = sample.at;
    if (last) scanned.add({{"target", name_of(target)}}, seconds(*last));
  }
  Metric handshakes(out, "chaintier_handshake_seconds",
                    "Connecting and TLS handshake, the mean of an address's samples that brought a chain.");
  for (const TargetReport* target : targets)
    for (const EndpointSeen& endpoint : target->observation.endpoints) {
      std::int64_t sum = 0, count = 0;
      for (const Sample& sample : endpoint.samples) {
        if (sample.served.empty() || !sample.ms.handshake) continue;
        ++count;
        for (const auto& stage : {sample.ms.connect, sample.ms.starttls, sample.ms.handshake})
          if (stage) sum += stage->count();
      }
      if (count)
        handshakes.add(
            {{"target", name_of(target)}, {"address", address_text(endpoint)}, {"role", id(endpoint.role)}},
            fmt::format("{:.6f}", static_cast<double>(sum) / static_cast<double>(count) / 1000));
    }
}

}  // namespace

void write_prometheus(const Report& report, std::ostream& out) {
  const Targets targets = distinct(report);
  write_run(report, targets, out);
  write_targets(targets, out);
  write_ends(targets, out);
  write_clients(report, targets, out);
  write_times(targets, out);
}

}  // namespace chaintier
