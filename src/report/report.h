// The report: observation and judgement side by side, in final order. Writers show it and decide nothing.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/digest.h"
#include "src/base/shared_list.h"
#include "src/base/time.h"
#include "src/catalogue/catalogue.h"
#include "src/findings/finding.h"
#include "src/observe/given_option.h"
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

// How a served chain parts from the issued one (--expect).
enum class Deviation {
  missing,       // a certificate of the issued chain is not served
  extra,         // one is served that is no part of it
  order,         // the right ones, in another order
  leaf,          // another server certificate; which of the two is newer cannot be told
  older_leaf,    // an older one
  newer_leaf,    // a newer one
  other_issuer,  // another certificate of the same name stands in its place
};
std::string_view id(Deviation deviation);

struct Difference {
  Deviation kind{};
  std::optional<CertFingerprint> served, issued;  // those that it is about
  friend bool operator==(const Difference&, const Difference&) = default;
};

struct ExpectedComparison {
  bool applies = false;  // false: the issued certificates are for other names, or of another kind of key
  std::vector<CertificatePtr> issued;  // the chain compared with, as it should be served; empty without one
  std::vector<Difference> differences;
};

// One distinct list of certificates and what follows from it. What is long is shared by copies: targets of
// one host that serve the same differ in little more than `seen_at`.
struct ChainJudgement {
  std::vector<SentPtr> served;
  std::vector<CertificatePtr> certificates;  // parallel to `served`; null where it does not parse
  std::size_t leaf_at = 0;                   // position of the leaf: 0 but for a file in the wrong order
  std::vector<SeenAt> seen_at;
  bool without_sni_only = false;
  std::optional<std::string> issued_by;  // slug of the CA that signed the leaf
  SharedList<JudgedPath> paths;
  bool budget_hit = false;
  SharedList<ClientResult> clients;  // in the order of the client data
  std::optional<std::vector<CertificatePtr>> should_send;
  std::vector<Advice> advice;
  std::optional<ExpectedComparison> expected;  // nothing without --expect

  // Null when it does not parse. There is at least one certificate.
  const CertificatePtr& leaf() const { return certificates[leaf_at]; }
};

// Where the leaf stands in a file, which may hold it anywhere: the first certificate that is no CA, if the
// first of all is one; else 0.
std::size_t leaf_position(std::span<const CertificatePtr> certificates);

// What was answered to one kind of question: which chain, how often, and where how often.
struct BalanceGroup {
  std::vector<CertFingerprint> served;
  std::int64_t count = 0;
  std::vector<std::string> addresses;
  KeyType asked = KeyType::any;
  std::vector<SeenAt> seen_at;  // parallel to `addresses`
  bool stale = false;           // an older leaf than expected, or than another one seen
};
// What one kind of question says of all answers there could have been. A server may hold an RSA and an ECDSA
// certificate, so each kind of key asked for stands for itself.
struct BalanceCertainty {
  KeyType asked = KeyType::any;
  std::int64_t samples = 0, stale = 0;
  // With 95 % confidence fewer answers than this share are stale, so long as answers fall by chance. Set
  // where none was.
  std::optional<double> excluded_share;
};
struct Balance {
  std::vector<BalanceGroup> groups;
  std::vector<BalanceCertainty> certainty;  // one for each kind of key asked for
  std::optional<double> excluded_share;     // where all answers of a kind agree: the largest of theirs
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
  bool of_twca = true;                        // whether texts may speak of TWCA's manual and files
  std::optional<std::string> catalogue_path;  // of --catalogue, as given
  std::optional<std::string> expect_path;     // of --expect, as given
  std::vector<GivenOption> options;           // the others that change what is asked or judged
  std::vector<ClientInfo> clients;
  std::shared_ptr<const Catalogue> catalogue;  // for slugs and names; never null
  std::vector<TargetReport> targets;
  std::shared_ptr<const LocalReport> local;  // what "local" read; null for every other command
};

}  // namespace chaintier
