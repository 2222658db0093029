// The report: observation and judgement side by side, in final order. Writers show it and decide nothing.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/digest.h"
#include "src/base/time.h"
#include "src/catalogue/catalogue.h"
#include "src/findings/finding.h"
#include "src/observe/observation.h"
#include "src/paths/path.h"
#include "src/x509/certificate.h"

namespace chaintier {

enum class Language { zh_tw, en };
std::string_view id(Language language);  // "zh-TW", "en"
std::optional<Language> language_of(std::string_view tag);

enum class ClientVerdict { trusted, trusted_by_aia, untrusted, unjudged };
std::string_view id(ClientVerdict verdict);  // "trusted-by-aia" ...

struct ClientResult {
  std::string client;  // client id
  ClientVerdict verdict = ClientVerdict::unjudged;
  // Index into ChainJudgement::paths: the path taken, or for a refusal the nearest one.
  std::optional<std::size_t> path;
  // Ids: of a Problem, or "no_path", "store_unknown" ...; empty when trusted.
  std::vector<std::string> reasons;
};

struct JudgedPath {
  Path path;
  // Id of the chain's name, see texts "path.<name>": "new.cross", "new.short", "old", "other".
  std::optional<std::string> name;
  std::string anchor;  // slug, or SHA-256 in hexadecimal
};

enum class AdviceAction { add, drop, move };
std::string_view id(AdviceAction action);
struct Advice {
  AdviceAction action{};
  CertFingerprint certificate;
};

struct SeenAt {
  std::string address;  // "192.0.2.1:443"; the file's name for a file
  std::int64_t count = 0;
};

// One distinct list of certificates and what follows from it.
struct ChainJudgement {
  std::vector<SentPtr> served;
  std::vector<CertificatePtr> certificates;  // parallel to `served`; null where it does not parse
  std::vector<SeenAt> seen_at;
  bool without_sni_only = false;
  std::optional<std::string> issued_by;  // slug of the CA that signed the leaf
  std::vector<JudgedPath> paths;
  bool budget_hit = false;
  std::vector<ClientResult> clients;  // in the order of the client data
  std::optional<std::vector<CertificatePtr>> should_send;
  std::vector<Advice> advice;
};

struct BalanceGroup {
  std::vector<CertFingerprint> served;
  std::int64_t count = 0;
  std::vector<std::string> addresses;
};
struct Balance {
  std::vector<BalanceGroup> groups;
  std::optional<double> excluded_share;
};

// What a stapled OCSP response says of the leaf it came with (RFC 6066 8, RFC 6960).
struct StapleJudgement {
  std::string status;  // "good", "revoked", "unknown", "invalid", or "unread" when the issuer is not known
  std::string reason;  // why it is invalid or unread; empty otherwise
  std::optional<Time> this_update, next_update, revoked_at;
};

enum class Verdict { ok, note, warning, error, unjudged };
std::string_view id(Verdict verdict);

struct TargetReport {
  Observation observation;
  Verdict verdict = Verdict::unjudged;
  std::optional<Code> headline;
  std::vector<std::shared_ptr<const ChainJudgement>> chains;  // by count, most seen first
  std::optional<Balance> balance;
  std::map<Bytes, StapleJudgement> staples;  // by the response's octets
  std::vector<Finding> findings;             // by rank, then severity
  std::optional<BadTarget> bad_target;  // a line that was not a target; `observation.target.text` holds it
};

struct ClientInfo {
  std::string id, store, store_date;
  bool current = false;
  std::map<std::string, std::string> label;  // by language tag
};

struct LocalReport;  // src/local/local_report.h

struct Report {
  std::string tool_name, tool_version;
  Time judged_at{};
  Language language = Language::zh_tw;
  std::string catalogue_date;
  std::vector<ClientInfo> clients;
  std::shared_ptr<const Catalogue> catalogue;  // for slugs and names; never null
  std::vector<TargetReport> targets;
  std::shared_ptr<const LocalReport> local;  // what "local" read; null for every other command
};

}  // namespace chaintier
