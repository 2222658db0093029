// chain.*: what the server sends, compared with what the leaf needs.
#include <algorithm>
#include <array>
#include <set>

#include "src/clients/client_verdict.h"
#include "src/findings/judge_chain.h"
#include "src/findings/rules.h"
#include "src/x509/key_ids.h"

namespace chaintier {

namespace {

using Member = ServedSet::Member;

// Clients that refuse this chain, whatever the reason.
std::vector<std::string> refusing(const ChainView& view) {
  std::vector<std::string> ids;
  for (const ClientResult& result : view.chain.clients)
    if (result.verdict == ClientVerdict::untrusted) ids.push_back(result.client);
  return ids;
}

bool is_self_signed_leaf(const ChainView& view) { return view.set.members.front().self_signed; }

bool only_the_leaf(const ChainView& view) {
  return view.set.members.size() == 1 && view.chain.certificates.size() == view.set.members.front().count;
}

Checked leaf_only(const ChainView& view) {
  if (!view.leaf()) return CouldNotCheck{"a leaf that can be read"};
  if (is_self_signed_leaf(view) || view.set.members.front().anchor) return NotApplicable{};
  if (!only_the_leaf(view) || view.set.complete) return Passed{};
  const KnownCa* issuer = issuing_ca(view.chain, view.catalogue());
  return found({{Code::chain_leaf_only,
                 Severity::error,
                 {at_certificate(*view.leaf())},
                 {{"served_count", static_cast<std::int64_t>(view.chain.served.size())},
                  {"issuer", issuer ? issuer->full_name() : view.leaf()->issuer.short_text()},
                  {"clients", refusing(view)}}}});
}

// A CA certificate of the catalogue that has no business in this chain while the right one is absent; or one
// of the right name with another key.
const Member* in_its_place(const ChainView& view) {
  const Member* by_name = nullptr;
  const Member* stranger = nullptr;
  for (const Member& member : view.set.members) {
    if (member.related) continue;
    if (member.certificate->subject.canonical == view.set.gap->child->issuer.canonical) by_name = &member;
    // Of the same catalogue as the one that is missing.
    if (member.known && !stranger && view.set.gap->issuer &&
        view.catalogue().find(view.set.gap->issuer->fingerprint))
      stranger = &member;
  }
  return by_name ? by_name : stranger;
}

// One of the right name that should have signed, by all it says: then the signature is at fault, not the
// choice.
bool looks_right(const ChainView& view, const Member& member) {
  const Certificate& child = *view.set.gap->child;
  return !view.set.gap->issuer && member.certificate->subject.canonical == child.issuer.canonical &&
         compare_key_ids(child, *member.certificate) != KeyIds::different;
}

Checked wrong_issuer(const ChainView& view) {
  if (!view.leaf()) return CouldNotCheck{"a leaf that can be read"};
  if (!view.set.gap) return Passed{};
  const Member* present = in_its_place(view);
  if (!present || looks_right(view, *present)) return Passed{};
  const Certificate& child = *view.set.gap->child;
  return found(
      {{Code::chain_wrong_issuer,
        Severity::error,
        {at_certificate(*present->certificate)},
        {{"subject", shown(view, child)},
         {"missing", view.set.gap->issuer ? shown(view, *view.set.gap->issuer) : child.issuer.short_text()},
         {"present", shown(view, *present->certificate)}}}});
}

// The cross certificate whose absence alone keeps clients from a path, and who they are.
struct MissingCross {
  const KnownCa* cross = nullptr;
  bool current = false;  // a judged, current client fails
  std::vector<std::string> clients;
};

// For a catalogue that the client data know nothing of: the cross certificate of the root that the served
// part leads to, if nothing else is missing.
const KnownCa* cross_by_shape(const ChainView& view) {
  if (view.ground.data_apply()) return nullptr;
  for (const JudgedPath& path : view.chain.paths)
    for (std::size_t i = 1; i + 1 < path.path.tiers(); ++i) {
      const KnownCa* ca = view.catalogue().find(path.path.certificates[i]->fingerprint);
      const bool absent =
          !contains(path.path.from[i], Source::served) && !contains(path.path.from[i], Source::pool);
      if (ca && ca->role == CaRole::cross && absent && i + 2 == path.path.tiers()) return ca;
    }
  return nullptr;
}

bool is_cross(const ChainView& view, const Certificate& certificate) {
  const KnownCa* known = view.catalogue().find(certificate.fingerprint);
  return known && known->role == CaRole::cross;
}

const ClientResult* result_of(const ChainView& view, std::string_view client) {
  const auto found = std::ranges::find(view.chain.clients, client, &ClientResult::client);
  return found == view.chain.clients.end() ? nullptr : &*found;
}

struct Lacking {
  const ClientModel* client;
  std::vector<CertFingerprint> any_of;  // ClientJudge::lacks
};

// Of all clients, those asked about and the others, that one more certificate would help.
std::vector<Lacking> clients_that_lack(const ChainView& view) {
  VerdictContext context = view.ground.context(true);
  context.served = view.chain.certificates;
  std::vector<Lacking> result;
  const auto ask = [&](const ClientJudge& client) {
    const ClientResult* known = result_of(view, client.client().id);
    if (known && known->verdict == ClientVerdict::trusted) return;
    if (auto lacks = client.lacks(view.chain.paths, context); !lacks.empty())
      result.push_back({&client.client(), std::move(lacks)});
  };
  for (const ClientJudge& client : view.ground.clients()) ask(client);
  for (const ClientJudge& client : view.ground.all_clients())
    if (!result_of(view, client.client().id)) ask(client);
  return result;
}

std::optional<MissingCross> missing_cross(const ChainView& view) {
  const bool cross_only = view.set.gap && view.set.gap->issuer && is_cross(view, *view.set.gap->issuer);
  if (!view.leaf() || !(view.set.complete || cross_only)) return std::nullopt;
  const auto lacking = clients_that_lack(view);
  for (const KnownCa& ca : view.catalogue().all()) {
    if (ca.role != CaRole::cross) continue;
    MissingCross result{&ca, false, {}};
    bool any = false;
    for (const auto& [client, lacks] : lacking) {
      if (std::ranges::find(lacks, ca.certificate->fingerprint) == lacks.end()) continue;
      any = true;
      if (!result_of(view, client->id)) continue;  // not asked about
      result.clients.push_back(client->id);
      result.current = result.current || client->current;
    }
    if (any) return result;
  }
  if (const KnownCa* ca = cross_by_shape(view)) return MissingCross{ca, false, {}};
  return std::nullopt;
}

const Member* self_signed_twin(const ChainView& view, const KnownCa& cross) {
  for (const Member& member : view.set.members)
    if (member.self_signed && member.certificate->key.fingerprint == cross.certificate->key.fingerprint &&
        member.certificate->subject.canonical == cross.certificate->subject.canonical)
      return &member;
  return nullptr;
}

// A self-signed root among the certificates does no harm, unless it stands where the cross certificate
// should.
void tell_roots(const ChainView& view, const Member* instead, std::vector<Finding>& findings) {
  for (std::size_t i = 1; i < view.set.members.size(); ++i) {
    const Member& member = view.set.members[i];
    if (!member.self_signed || !member.related || &member == instead) continue;
    findings.push_back({Code::chain_root_served,
                        Severity::note,
                        {at_certificate(*member.certificate)},
                        {{"subject", shown(view, *member.certificate)}}});
  }
}

Finding tell_cross(const ChainView& view, const MissingCross& missing, const Member* instead) {
  const Severity severity = missing.current ? Severity::error : Severity::warning;
  std::vector<Where> where{at_certificate(*missing.cross->certificate)};
  for (const std::string& client : missing.clients)
    where.push_back({std::nullopt, std::nullopt, client, std::nullopt});
  if (!instead)
    return {Code::chain_cross_missing,
            severity,
            where,
            {{"missing", missing.cross->name}, {"clients", missing.clients}}};
  where.insert(where.begin(), at_certificate(*instead->certificate));
  return {Code::chain_root_instead_of_cross,
          severity,
          where,
          {{"present", shown(view, *instead->certificate)},
           {"missing", missing.cross->name},
           {"clients", missing.clients}}};
}

Checked cross_and_roots(const ChainView& view) {
  if (!view.leaf()) return CouldNotCheck{"a leaf that can be read"};
  std::vector<Finding> findings;
  const auto missing = missing_cross(view);
  const Member* instead = missing ? self_signed_twin(view, *missing->cross) : nullptr;
  if (missing) findings.push_back(tell_cross(view, *missing, instead));
  tell_roots(view, instead, findings);
  return found(std::move(findings));
}

Checked issuer_missing(const ChainView& view) {
  if (!view.leaf()) return CouldNotCheck{"a leaf that can be read"};
  if (is_self_signed_leaf(view)) return NotApplicable{};
  if (!view.set.gap || only_the_leaf(view)) return Passed{};
  if (const Member* present = in_its_place(view); present)
    return Passed{};  // wrong_issuer or signature.invalid
  const Certificate& child = *view.set.gap->child;
  // An issuer that nobody knows may be a root that every client of this site holds: only the leaf's own
  // issuer, absent while other CA certificates are sent, is a fault for certain.
  if (!view.set.gap->issuer && child.fingerprint != view.leaf()->fingerprint)
    return CouldNotCheck{"the issuer of " + child.subject.short_text()};
  if (view.set.gap->issuer) {
    const KnownCa* known = view.catalogue().find(view.set.gap->issuer->fingerprint);
    // A root need not be sent; a cross certificate is told by chain.cross_missing; and an issuer that is
    // there with a signature that does not fit, by signature.invalid.
    if (known && known->role != CaRole::intermediate) return Passed{};
    if (std::ranges::any_of(view.set.members, [&](const Member& member) {
          return member.certificate->key.fingerprint == view.set.gap->issuer->key.fingerprint;
        }))
      return Passed{};
  }
  std::vector<Where> where{at_certificate(child)};
  if (view.set.gap->issuer) where.push_back(at_certificate(*view.set.gap->issuer));
  return found(
      {{Code::chain_issuer_missing,
        Severity::error,
        where,
        {{"subject", shown(view, child)},
         {"missing", view.set.gap->issuer ? shown(view, *view.set.gap->issuer) : child.issuer.short_text()},
         {"clients", refusing(view)}}}});
}

Checked foreign(const ChainView& view) {
  if (!view.leaf()) return CouldNotCheck{"a leaf that can be read"};
  const Member* replaced = view.set.gap ? in_its_place(view) : nullptr;
  std::vector<Where> where;
  std::vector<std::string> subjects;
  for (const Member& member : view.set.members) {
    // Of the same catalogue and in the place of the right issuer: that is chain.wrong_issuer's to tell.
    if (member.related || (replaced && (&member == replaced || member.known))) continue;
    // The leaf may stand behind its issuer: then the order is at fault.
    if (std::ranges::find(view.set.members.front().issued,
                          static_cast<std::size_t>(&member - view.set.members.data())) !=
        view.set.members.front().issued.end())
      continue;
    where.push_back(at_certificate(*member.certificate));
    subjects.push_back(shown(view, *member.certificate));
  }
  if (where.empty()) return Passed{};
  return found({{Code::chain_foreign, Severity::warning, where, {{"subjects", subjects}}}});
}

// A certificate may certify any of those before it (RFC 8446 4.4.2 lets cross certificates stand side by
// side); one that stands before everything it signed is in the wrong place (RFC 5246 7.4.2).
Checked order(const ChainView& view) {
  if (!view.leaf()) return CouldNotCheck{"a leaf that can be read"};
  const auto& members = view.set.members;
  bool wrong = false;
  for (const Member& member : members)
    wrong = wrong || (!member.issued.empty() && std::ranges::all_of(member.issued, [&](std::size_t child) {
              return members[child].first > member.first;
            }));
  if (!wrong) return Passed{};
  std::vector<const Member*> in_order;
  for (const Member& member : members) in_order.push_back(&member);
  std::ranges::sort(in_order, {}, &Member::first);
  std::vector<std::string> served;
  for (const Member* member : in_order) served.push_back(shown(view, *member->certificate));
  std::vector<std::string> right;
  if (view.chain.should_send)
    for (const CertificatePtr& certificate : *view.chain.should_send)
      right.push_back(shown(view, *certificate));
  return found({{Code::chain_order, Severity::warning, {}, {{"served", served}, {"right", right}}}});
}

Checked duplicate(const ChainView& view) {
  std::vector<Finding> findings;
  for (const Member& member : view.set.members)
    if (member.count > 1)
      findings.push_back({Code::chain_duplicate,
                          Severity::note,
                          {at_certificate(*member.certificate)},
                          {{"subject", shown(view, *member.certificate)},
                           {"count", static_cast<std::int64_t>(member.count)}}});
  return found(std::move(findings));
}

// Re-issued by the same issuer for the same key and name; a cross certificate is no such twin.
Checked superseded(const ChainView& view) {
  std::vector<Finding> findings;
  const auto newer_than = [&](const Certificate& old, const Certificate& other) {
    return other.fingerprint != old.fingerprint && other.issuer.canonical == old.issuer.canonical &&
           other.subject.canonical == old.subject.canonical && other.key.fingerprint == old.key.fingerprint &&
           other.not_before > old.not_before && other.not_before <= view.knowledge.at &&
           other.not_after >= view.knowledge.at;
  };
  for (const Member& member : view.set.members) {
    const Certificate& old = *member.certificate;
    if (!old.is_ca() || member.self_signed) continue;
    const Certificate* newer = nullptr;
    for (const KnownCa* twin : view.catalogue().twins_of(old))
      if (newer_than(old, *twin->certificate)) newer = twin->certificate.get();
    for (const Member& other : view.set.members)
      if (newer_than(old, *other.certificate)) newer = other.certificate.get();
    if (newer)
      findings.push_back({Code::chain_superseded,
                          Severity::warning,
                          {at_certificate(old), at_certificate(*newer)},
                          {{"subject", shown(view, old)},
                           {"not_after", old.not_after},
                           {"newer_not_after", newer->not_after}}});
  }
  return found(std::move(findings));
}

Checked hierarchy(const ChainView& view) {
  if (!view.leaf()) return CouldNotCheck{"a leaf that can be read"};
  const KnownCa* issuer = issuing_ca(view.chain, view.catalogue());
  if (!issuer || issuer->hierarchy == Hierarchy::none) return NotApplicable{};
  const Code code =
      issuer->hierarchy == Hierarchy::new_hierarchy ? Code::chain_new_hierarchy : Code::chain_old_hierarchy;
  return found({{code,
                 Severity::note,
                 {at_certificate(*issuer->certificate)},
                 {{"issuer", issuer->name}, {"generation", issuer->generation}}}});
}

Checked unknown_ca(const ChainView& view) {
  if (!view.leaf()) return CouldNotCheck{"a leaf that can be read"};
  const bool catalogued = issuing_ca(view.chain, view.catalogue()) ||
                          view.catalogue().names_issuer_of(*view.leaf()) ||
                          std::ranges::any_of(view.chain.paths, [&](const JudgedPath& path) {
                            return view.catalogue().find(path.path.anchor().fingerprint) != nullptr;
                          });
  if (catalogued) return Passed{};
  return found({{Code::chain_unknown_ca,
                 Severity::note,
                 {at_certificate(*view.leaf())},
                 {{"issuer", view.leaf()->issuer.short_text()}}}});
}

constexpr std::array rules{
    ChainRule{"chain.cross_and_roots", "TWCA manual 5.4.10; RFC 8446 4.4.2: the anchor may be left out",
              cross_and_roots},
    ChainRule{"chain.duplicate", "RFC 8446 4.4.2", duplicate},
    ChainRule{"chain.foreign", "RFC 8446 4.4.2", foreign},
    ChainRule{"chain.hierarchy", "TWCA notice of 2025-07-01", hierarchy},
    ChainRule{"chain.issuer_missing", "RFC 8446 4.4.2: everything but the anchor is sent", issuer_missing},
    ChainRule{"chain.leaf_only", "RFC 8446 4.4.2: everything but the anchor is sent", leaf_only},
    ChainRule{"chain.order", "RFC 5246 7.4.2", order},
    ChainRule{"chain.superseded", "RFC 5280 6.1: any certificate of the key will do, so the newest should",
              superseded},
    ChainRule{"chain.unknown_ca", "the catalogue", unknown_ca},
    ChainRule{"chain.wrong_issuer", "RFC 5280 6.1.3 (a)(4)", wrong_issuer},
};
static_assert(std::ranges::is_sorted(rules, {}, &ChainRule::name));

}  // namespace

std::span<const ChainRule> chain_rules() { return rules; }

}  // namespace chaintier
