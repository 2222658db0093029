#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include <fmt/format.h>

#include "reports/json_reader_parts.h"
#include "src/base/host_name.h"
#include "src/base/json_members.h"
#include "src/report/texts.h"

namespace chaintier {

namespace json = boost::json;
using namespace json_members;

namespace {

Code read_code(const std::string& text) {
  const auto code = code_of(text);
  if (!code) throw Wrong{fmt::format("there is no finding \"{}\"", printable(shorten(text, 60)))};
  return *code;
}

CertFingerprint fingerprint_of(const std::string& text) {
  const auto fingerprint = CertFingerprint::parse(text);
  if (!fingerprint) throw Wrong{"a fingerprint is no SHA-256 in hexadecimal"};
  return *fingerprint;
}

// --- chains ---

Sources read_sources(const json::value& value) {
  if (!value.is_array()) throw Wrong{"\"sources\" is no list of places"};
  Sources result = 0;
  for (const json::value& one : value.get_array()) {
    const std::string name = text_of(one, "sources");
    constexpr std::array all{Source::served, Source::pool,      Source::preloaded,
                             Source::aia,    Source::catalogue, Source::store};
    const auto source = std::ranges::find(all, name, [](Source known) { return id(known); });
    if (source == all.end()) none_of_its_values("sources", name);
    result = result | *source;
  }
  return result;
}

JudgedPath read_path(const json::object& in, const ReadCertificates& certificates) {
  JudgedPath result;
  for (const std::string& fingerprint : texts(in, "path"))
    result.path.certificates.push_back(certificates.readable(fingerprint));
  const std::size_t size = result.path.certificates.size();
  for (const json::value& one : list(in, "sources")) result.path.from.push_back(read_sources(one));
  if (size == 0 || result.path.from.size() != size)
    throw Wrong{"a path is empty, or \"sources\" is not as long as it"};
  for (const json::value& value : list(in, "problems")) {
    const json::object& problem = object_of(value, "a problem");
    const std::int64_t index =
        number_of(member(problem, "certificate"), "certificate", 0, static_cast<std::int64_t>(size) - 1);
    result.path.problems.push_back(
        {static_cast<std::size_t>(index), one_of(text(problem, "code"), Problem::revoked, "code")});
  }
  if ((text(in, "status") == "valid") != result.path.valid())
    throw Wrong{"the \"status\" of a path does not fit its problems"};
  result.name = text_or_null(in, "kind");
  if (result.name && !Texts::of(Language::en).find_word("path." + *result.name))
    none_of_its_values("kind", *result.name);
  result.anchor = text(in, "anchor");
  return result;
}

bool is_path(const Path& path, const std::vector<std::string>& fingerprints) {
  return std::ranges::equal(path.certificates, fingerprints, {},
                            [](const CertificatePtr& certificate) { return certificate->fingerprint.hex(); });
}

ClientResult read_client(const json::object& in, const std::vector<JudgedPath>& paths) {
  ClientResult client;
  client.client = text(in, "client");
  client.verdict = one_of(text(in, "verdict"), ClientVerdict::unjudged, "verdict");
  client.reasons = texts(in, "reasons");
  if (member(in, "path").is_null()) return client;
  const std::vector<std::string> wanted = texts(in, "path");
  const auto taken =
      std::ranges::find_if(paths, [&](const JudgedPath& one) { return is_path(one.path, wanted); });
  if (taken == paths.end()) throw Wrong{"a client takes a path that is not among \"paths\""};
  client.path = static_cast<std::size_t>(taken - paths.begin());
  return client;
}

std::vector<SeenAt> read_seen_at(const json::object& in) {
  std::vector<SeenAt> result;
  for (const json::value& value : list(in, "seen_at")) {
    const json::object& seen = object_of(value, "\"seen_at\"");
    result.push_back({text(seen, "address"), number_of(member(seen, "count"), "count", 0, INT64_MAX)});
  }
  return result;
}

std::optional<ExpectedComparison> read_expected(const json::value& value,
                                                const ReadCertificates& certificates) {
  if (value.is_null()) return std::nullopt;
  const json::object& in = object_of(value, "\"expected\"");
  ExpectedComparison expected;
  expected.applies = flag(in, "applies");
  for (const std::string& fingerprint : texts(in, "issued"))
    expected.issued.push_back(certificates.readable(fingerprint));
  for (const json::value& one : list(in, "differences")) {
    const json::object& difference = object_of(one, "a difference");
    Difference& read = expected.differences.emplace_back();
    read.kind = one_of(text(difference, "kind"), Deviation::other_issuer, "kind");
    if (const auto served = text_or_null(difference, "served")) read.served = fingerprint_of(*served);
    if (const auto issued = text_or_null(difference, "issued")) read.issued = fingerprint_of(*issued);
  }
  return expected;
}

std::shared_ptr<const ChainJudgement> read_chain(const json::object& in, bool from_file,
                                                 const ReadCertificates& certificates) {
  auto chain = std::make_shared<ChainJudgement>();
  for (const std::string& fingerprint : texts(in, "served")) {
    chain->served.push_back(certificates.sent(fingerprint));
    chain->certificates.push_back(certificates.parsed(fingerprint));
  }
  if (chain->served.empty()) throw Wrong{"\"served\" of a chain is empty"};
  if (from_file) chain->leaf_at = leaf_position(chain->certificates);
  chain->seen_at = read_seen_at(in);
  chain->expected = read_expected(member(in, "expected"), certificates);
  chain->without_sni_only = flag(in, "without_sni_only");
  chain->issued_by = text_or_null(in, "issued_by");
  for (const json::value& path : list(in, "paths"))
    chain->paths.push_back(read_path(object_of(path, "a path"), certificates));
  for (const json::value& client : list(in, "clients"))
    chain->clients.push_back(read_client(object_of(client, "a client"), chain->paths));
  if (!member(in, "should_send").is_null()) {
    chain->should_send.emplace();
    for (const std::string& fingerprint : texts(in, "should_send"))
      chain->should_send->push_back(certificates.readable(fingerprint));
  }
  for (const json::value& value : list(in, "advice")) {
    const json::object& advice = object_of(value, "an advice");
    chain->advice.push_back({one_of(text(advice, "action"), AdviceAction::move, "action"),
                             fingerprint_of(text(advice, "certificate"))});
  }
  return chain;
}

// --- findings ---

std::optional<double> read_share(const json::object& in) {
  const json::value& share = member(in, "excluded_share");
  if (share.is_null()) return std::nullopt;
  if (!share.is_double()) throw Wrong{"\"excluded_share\" is no share"};
  return share.get_double();
}

Balance read_balance(const json::object& in) {
  Balance balance;
  for (const json::value& value : list(in, "groups")) {
    const json::object& group = object_of(value, "a group");
    BalanceGroup& read = balance.groups.emplace_back();
    for (const std::string& fingerprint : texts(group, "served"))
      read.served.push_back(fingerprint_of(fingerprint));
    read.count = number_of(member(group, "count"), "count", 0, INT64_MAX);
    read.addresses = texts(group, "addresses");
    read.asked = one_of(text(group, "asked"), KeyType::ecdsa, "asked");
    read.seen_at = read_seen_at(group);
    read.stale = flag(group, "stale");
  }
  for (const json::value& value : list(in, "certainty")) {
    const json::object& kind = object_of(value, "\"certainty\"");
    balance.certainty.push_back({one_of(text(kind, "asked"), KeyType::ecdsa, "asked"),
                                 number_of(member(kind, "samples"), "samples", 1, INT64_MAX),
                                 number_of(member(kind, "stale"), "stale", 0, INT64_MAX), read_share(kind)});
  }
  balance.excluded_share = read_share(in);
  return balance;
}

Where read_where(const json::object& in) {
  Where where;
  if (in.contains("address")) where.address = text(in, "address");
  if (in.contains("certificate")) where.certificate = fingerprint_of(text(in, "certificate"));
  if (in.contains("client")) where.client = text(in, "client");
  if (in.contains("file")) where.file = text(in, "file");
  return where;
}

Fact read_fact(const json::value& value) {
  if (value.is_int64()) return value.get_int64();
  if (value.is_array()) {
    std::vector<std::string> items;
    for (const json::value& item : value.get_array()) items.push_back(text_of(item, "facts"));
    return items;
  }
  std::string text = text_of(value, "facts");
  // A time is written in one form only; no other fact of ours looks like that.
  if (const auto time = parse_rfc3339(text); time && format_rfc3339(*time) == text) return *time;
  return text;
}

Finding read_finding(const json::object& in) {
  Finding finding;
  finding.code = read_code(text(in, "code"));
  finding.severity = one_of(text(in, "severity"), Severity::error, "severity");
  for (const json::value& where : list(in, "where"))
    finding.where.push_back(read_where(object_of(where, "a place")));
  for (const auto& [name, fact] : object(in, "facts"))
    finding.facts.emplace(std::string(name), read_fact(fact));
  // The texts are made from them.
  for (const std::string_view name : split(facts_of(finding.code), ' '))
    if (!name.empty() && !finding.facts.contains(std::string(name)))
      throw Wrong{fmt::format("a finding {} lacks the fact \"{}\"", id(finding.code), name)};
  return finding;
}

std::optional<BadTarget> read_bad_target(const json::object& in, const Target& target) {
  const json::value& value = member(in, "input_error");
  if (value.is_null()) return std::nullopt;
  const json::object& error = object_of(value, "\"input_error\"");
  BadTarget bad{target.text, 0, input_error(Stage::parse, text(error, "detail")), target.tag};
  if (const json::value& line = member(error, "line"); !line.is_null())
    bad.line = static_cast<std::size_t>(number_of(line, "line", 1, INT64_MAX));
  return bad;
}

}  // namespace

TargetReport read_target_report(const json::object& in, const ReadCertificates& certificates) {
  TargetReport target;
  target.observation = read_observation_of(in, certificates, target.staples);
  target.verdict = one_of(text(in, "verdict"), Verdict::unjudged, "verdict");
  if (const auto headline = text_or_null(in, "headline")) target.headline = read_code(*headline);
  const bool from_file = std::ranges::any_of(target.observation.endpoints, [](const EndpointSeen& endpoint) {
    return endpoint.role == EndpointRole::file;
  });
  for (const json::value& chain : list(in, "chains"))
    target.chains.push_back(read_chain(object_of(chain, "a chain"), from_file, certificates));
  if (const json::value& balance = member(in, "balance"); !balance.is_null())
    target.balance = read_balance(object_of(balance, "\"balance\""));
  for (const json::value& finding : list(in, "findings"))
    target.findings.push_back(read_finding(object_of(finding, "a finding")));
  target.bad_target = read_bad_target(in, target.observation.target);
  return target;
}

}  // namespace chaintier
