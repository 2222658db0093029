// Every finding code there is. The dotted id is what JSON, texts and `explain` use; it never changes.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace chaintier {

enum class Severity { note, warning, error };
std::string_view id(Severity severity);

enum class Code {
  // chain.*: what is served
  chain_leaf_only,
  chain_issuer_missing,
  chain_wrong_issuer,
  chain_cross_missing,
  chain_root_instead_of_cross,
  chain_foreign,
  chain_order,
  chain_duplicate,
  chain_root_served,
  chain_superseded,
  chain_old_hierarchy,
  chain_new_hierarchy,
  chain_unexpected,
  chain_not_compared,
  chain_unknown_ca,
  // path.*: what clients make of it
  path_tiers_differ,
  path_client_untrusted,
  path_aia_only,
  path_strict_rejects,
  path_ends_ahead,
  paths_budget,
  // leaf.*
  leaf_expired,
  leaf_not_yet_valid,
  leaf_name_mismatch,
  leaf_weak_key,
  leaf_weak_signature,
  leaf_no_server_auth,
  leaf_self_signed,
  leaf_renewal_due,
  leaf_client_auth,
  leaf_lifetime,
  // issuer.*, signature.*, cert.*
  issuer_expired,
  issuer_not_yet_valid,
  issuer_not_ca,
  issuer_constraint,
  issuer_weak,
  signature_invalid,
  cert_malformed,
  // balance.*, sni.*
  balance_stale,
  balance_differs,
  balance_edge_behind_origin,
  balance_unreachable,
  sni_default_differs,
  // server.*
  server_is_this_machine,
  // revocation.*, staple.*
  revocation_revoked,
  revocation_unknown,
  staple_invalid,
  // key.*, pfx.*, csr.*: keys and files at hand
  key_missing,
  key_mismatch,
  key_exposed,
  pfx_no_key,
  pfx_chain_incomplete,
  pfx_old_encryption,
  pfx_new_encryption,
  csr_rule,
  csr_mismatch,
  // store.*, server.*: this machine's trust stores and servers
  store_root_missing,
  store_issuer_missing,
  store_cyber_root_active,
  server_serves_other,
  // net.*: why nothing was captured
  net_resolve,
  net_refused,
  net_timeout,
  net_not_tls,
  net_alert,
  net_reset,
  net_unreachable,
  net_starttls,
  net_no_certificate,
  net_limit,
};

std::string_view id(Code code);  // "chain.leaf_only"
std::optional<Code> code_of(std::string_view id);
std::span<const Code> all_codes();

// path.*, paths.*: what follows from the other ones.
bool is_effect(Code code);

// Names of the facts that a finding of this code carries, separated by blanks: the placeholders of its texts.
// It may carry others, which choose among texts ("cases" in data/texts) and which an older report may lack.
std::string_view facts_of(Code code);

// What a reader should hear first: smaller is earlier. Causes (leaf, issuer, signature, cert, chain, balance)
// come before effects (path), and notes about the surroundings last.
int rank(Code code);

}  // namespace chaintier
