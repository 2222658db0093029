#include "src/findings/codes.h"

#include <array>
#include <cstdlib>
#include <string>

namespace chaintier {

namespace {

struct Row {
  Code code;
  std::string_view id;
  std::string_view facts;  // names, separated by blanks
};

// In the order of what a reader should hear first: see rank().
constexpr std::array rows{
    Row{Code::key_mismatch, "key.mismatch", "subject file key_file"},
    Row{Code::key_missing, "key.missing", "subject file"},
    Row{Code::server_serves_other, "server.serves_other",
        "host here_not_after served_not_after addresses because"},
    Row{Code::leaf_expired, "leaf.expired", "subject not_after days"},
    Row{Code::leaf_not_yet_valid, "leaf.not_yet_valid", "subject not_before"},
    Row{Code::leaf_name_mismatch, "leaf.name_mismatch", "host names"},
    Row{Code::leaf_weak_key, "leaf.weak_key", "subject key"},
    Row{Code::leaf_weak_signature, "leaf.weak_signature", "subject algorithm"},
    Row{Code::leaf_no_server_auth, "leaf.no_server_auth", "subject usages"},
    Row{Code::leaf_self_signed, "leaf.self_signed", "subject"},
    Row{Code::pfx_no_key, "pfx.no_key", "subject file"},
    Row{Code::csr_mismatch, "csr.mismatch", "subject file other"},
    Row{Code::key_exposed, "key.exposed", "file"},
    Row{Code::pfx_chain_incomplete, "pfx.chain_incomplete", "file missing"},
    Row{Code::csr_rule, "csr.rule", "file rules"},
    Row{Code::pfx_old_encryption, "pfx.old_encryption", "file algorithms"},
    Row{Code::pfx_new_encryption, "pfx.new_encryption", "file algorithms"},
    Row{Code::store_root_missing, "store.root_missing", "store missing"},
    Row{Code::store_issuer_missing, "store.issuer_missing", "store missing"},
    Row{Code::leaf_renewal_due, "leaf.renewal_due", "subject not_after days"},
    Row{Code::leaf_client_auth, "leaf.client_auth", "subject"},
    Row{Code::leaf_lifetime, "leaf.lifetime", "subject days limit not_before"},
    Row{Code::issuer_expired, "issuer.expired", "subject not_after"},
    Row{Code::issuer_not_yet_valid, "issuer.not_yet_valid", "subject not_before"},
    Row{Code::issuer_not_ca, "issuer.not_ca", "subject"},
    Row{Code::issuer_constraint, "issuer.constraint", "subject problem clause"},
    Row{Code::issuer_weak, "issuer.weak", "subject algorithm"},
    Row{Code::signature_invalid, "signature.invalid", "subject issuer"},
    Row{Code::cert_malformed, "cert.malformed", "subject position defects"},
    Row{Code::revocation_revoked, "revocation.revoked", "subject by"},
    Row{Code::revocation_unknown, "revocation.unknown", "subject"},
    Row{Code::staple_invalid, "staple.invalid", "subject reason"},
    Row{Code::chain_leaf_only, "chain.leaf_only", "served_count issuer clients"},
    Row{Code::chain_issuer_missing, "chain.issuer_missing", "subject missing clients"},
    Row{Code::chain_wrong_issuer, "chain.wrong_issuer", "subject missing present"},
    Row{Code::chain_cross_missing, "chain.cross_missing", "missing clients"},
    Row{Code::chain_root_instead_of_cross, "chain.root_instead_of_cross", "present missing clients"},
    Row{Code::chain_foreign, "chain.foreign", "subjects"},
    Row{Code::chain_order, "chain.order", "served right"},
    Row{Code::chain_duplicate, "chain.duplicate", "subject count"},
    Row{Code::chain_root_served, "chain.root_served", "subject"},
    Row{Code::chain_superseded, "chain.superseded", "subject not_after newer_not_after"},
    Row{Code::chain_old_hierarchy, "chain.old_hierarchy", "issuer generation"},
    Row{Code::chain_new_hierarchy, "chain.new_hierarchy", "issuer generation"},
    Row{Code::chain_unexpected, "chain.unexpected", "differences"},
    Row{Code::chain_not_compared, "chain.not_compared", "host names"},
    Row{Code::chain_unknown_ca, "chain.unknown_ca", "issuer"},
    Row{Code::balance_stale, "balance.stale", "stale_not_after fresh_not_after addresses seen total"},
    Row{Code::balance_differs, "balance.differs", "groups addresses"},
    Row{Code::balance_edge_behind_origin, "balance.edge_behind_origin", "edge_not_after origin_not_after"},
    Row{Code::balance_unreachable, "balance.unreachable", "unreachable reachable"},
    Row{Code::path_tiers_differ, "path.tiers_differ", "short_tiers short_clients long_tiers long_clients"},
    Row{Code::path_client_untrusted, "path.client_untrusted", "clients reasons"},
    Row{Code::path_aia_only, "path.aia_only", "missing works fails"},
    Row{Code::path_strict_rejects, "path.strict_rejects", "clients subject problem"},
    Row{Code::path_ends_ahead, "path.ends_ahead", "subject date clients"},
    Row{Code::paths_budget, "paths.budget", "paths"},
    Row{Code::net_resolve, "net.resolve", "host detail"},
    Row{Code::net_refused, "net.refused", "host port detail"},
    Row{Code::net_timeout, "net.timeout", "host port stage detail"},
    Row{Code::net_not_tls, "net.not_tls", "host port detail"},
    Row{Code::net_alert, "net.alert", "host port alert detail"},
    Row{Code::net_reset, "net.reset", "host port stage detail"},
    Row{Code::net_unreachable, "net.unreachable", "host port detail"},
    Row{Code::net_starttls, "net.starttls", "host port detail"},
    Row{Code::net_no_certificate, "net.no_certificate", "host port detail"},
    Row{Code::net_limit, "net.limit", "host port detail"},
    Row{Code::store_cyber_root_active, "store.cyber_root_active", "store subject"},
    Row{Code::sni_default_differs, "sni.default_differs", "names"},
    Row{Code::server_is_this_machine, "server.is_this_machine", "host addresses"},
};

// The row of each code, by the code's number.
constexpr auto positions = [] {
  std::array<std::size_t, rows.size()> all{};
  for (std::size_t i = 0; i < rows.size(); ++i) all.at(static_cast<std::size_t>(rows[i].code)) = i;
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows[all[i]].code != static_cast<Code>(i)) throw "a code without a row, or with two";
  return all;
}();

std::size_t index_of(Code code) { return positions[static_cast<std::size_t>(code)]; }

constexpr auto codes = [] {
  std::array<Code, rows.size()> all{};
  for (std::size_t i = 0; i < rows.size(); ++i) all[i] = rows[i].code;
  return all;
}();

}  // namespace

std::string_view id(Severity severity) {
  switch (severity) {
    case Severity::note:
      return "note";
    case Severity::warning:
      return "warning";
    case Severity::error:
      return "error";
  }
  std::abort();
}

std::string_view id(Code code) { return rows[index_of(code)].id; }

std::optional<Code> code_of(std::string_view id) {
  for (const Row& row : rows)
    if (row.id == id) return row.code;
  return std::nullopt;
}

std::span<const Code> all_codes() { return codes; }

std::string_view facts_of(Code code) { return rows[index_of(code)].facts; }

bool is_effect(Code code) { return id(code).starts_with("path"); }

int rank(Code code) { return static_cast<int>(index_of(code)); }

}  // namespace chaintier
