// What the reports for people have in common: names, groups, marks. No markup and no colour.
//
// Texts that come from certificates and servers are returned as they are; each writer makes them safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/report/report.h"
#include "src/report/texts.h"

namespace chaintier {

// Clients that do the same with a chain.
struct ClientGroup {
  ClientVerdict verdict{};
  std::optional<std::size_t> path;
  std::vector<std::string> reasons;
  std::vector<const ClientInfo*> clients;  // in the order of the client data
};
// Refusals first, then what had to be fetched, then trust, then what was not judged.
std::vector<ClientGroup> group_clients(const Report& report, const ChainJudgement& chain);

// The label in the report's language; the id of a client that the data does not hold.
std::string client_label(const Report& report, std::string_view client);
std::string client_label(const Report& report, const ClientInfo& client);

// The text of "reason.<id>", or the id itself.
std::string reason_text(const Texts& texts, const std::string& reason);

// "new chain, through the cross certificate"; nothing for a path without a name.
std::optional<std::string> path_name(const Texts& texts, const JudgedPath& path);
// "4 tiers", in words of the language.
std::string tiers_text(const Texts& texts, std::size_t tiers);
// What a group of clients ends at: name and tiers of the chain, or the reasons of a refusal.
std::string group_result(const Texts& texts, const ClientGroup& group, const ChainJudgement& chain);

// The chain that speaks for a target: the most seen one that was not seen without SNI only; null when none
// was.
const ChainJudgement* main_chain(const TargetReport& target);
// Names and tiers of the paths that trusting clients take, each once, in the order of the client data.
std::vector<std::string> chain_names(const Texts& texts, const ChainJudgement& chain);

enum class CertificateKind { leaf, intermediate, cross, root, unreadable };
// The catalogue's word where it knows the certificate; else what the certificate says of itself.
CertificateKind kind_of(const CertificatePtr& certificate, const Catalogue& catalogue);
std::string kind_text(const Texts& texts, CertificateKind kind);
std::string short_name(const Texts& texts, const CertificatePtr& certificate);

// One certificate of a list, with what the advice says about it.
struct ChainRow {
  CertFingerprint fingerprint;
  CertificatePtr certificate;  // null where it does not parse
  std::optional<AdviceAction> mark;
};
std::vector<ChainRow> served_rows(const ChainJudgement& chain);
std::vector<ChainRow> should_rows(const ChainJudgement& chain);  // empty when there is no advice
// Nothing would have to change.
bool served_as_should_be(const ChainJudgement& chain);

// The sentence for a target: its headline finding's title, or the general one of its verdict.
std::string headline_text(const Report& report, const TargetReport& target);

std::string address_text(
    const EndpointSeen& endpoint);  // "192.0.2.1:443", "[2001:db8::1]:443"; empty without one
std::string error_text(const Texts& texts, const Error& error);
// The first failure of an endpoint that nothing was captured from; null for every other one.
const Error* failure_of(const EndpointSeen& endpoint);
bool was_captured(const EndpointSeen& endpoint);

// Why a target could not be judged, without its name: what befell its addresses, or what is wrong with the
// line.
std::string unjudged_text(const Report& report, const TargetReport& target);
// The run ended before anything of the target was done: it was interrupted.
bool not_started(const TargetReport& target);

// A file, a site or a store: see local_targets.h.
bool is_local(const TargetReport& target);

// The command that looks at the same thing again, with the options that change what is asked and judged as
// they were given, quoted for a POSIX shell; of --resolve what is about this target.
std::string check_again(const Report& report, const TargetReport& target);
// What it begins with: up to the target.
std::string check_again_start(const TargetReport& target);
// Puts that command where a text has the general one ("chaintier scan HOST"); an option that follows there is
// not said twice.
void put_command(std::string& text, const Report& report, const TargetReport& target);
// Whether the texts of a target may speak of TWCA's manual and files: not where the certificate is another
// CA's, unless something was expected.
bool speaks_of_twca(const Report& report, const TargetReport& target);
// The texts of a finding, with that command where the steps have the general one ("chaintier scan HOST").
FindingText texts_of(const Report& report, const TargetReport& target, const Finding& finding);

// What the samples of a target exclude, one sentence for each kind of key asked for.
std::vector<std::string> certainty_texts(const Texts& texts, const Balance& balance);

// "113 days left" or "ended 3 days ago".
std::string days_text(const Texts& texts, Time now, Time end);

std::string joined(const std::vector<std::string>& parts, std::string_view separator);
// What separates the items of a list in this language. Clients have names with commas: word "list.clients".
std::string_view comma(Language language);
std::string_view colon(Language language);

}  // namespace chaintier
