#include "src/findings/codes.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "src/base/text.h"

using namespace chaintier;

TEST_CASE("codes: the ids that scripts rely on") {
  const std::vector<std::string> promised{"chain.leaf_only",
                                          "chain.issuer_missing",
                                          "chain.wrong_issuer",
                                          "chain.cross_missing",
                                          "chain.foreign",
                                          "chain.order",
                                          "chain.duplicate",
                                          "chain.root_instead_of_cross",
                                          "chain.root_served",
                                          "chain.superseded",
                                          "chain.old_hierarchy",
                                          "chain.new_hierarchy",
                                          "chain.unexpected",
                                          "chain.unknown_ca",
                                          "path.tiers_differ",
                                          "path.client_untrusted",
                                          "path.aia_only",
                                          "path.strict_rejects",
                                          "path.ends_ahead",
                                          "paths.budget",
                                          "leaf.expired",
                                          "leaf.not_yet_valid",
                                          "leaf.name_mismatch",
                                          "leaf.weak_key",
                                          "leaf.weak_signature",
                                          "leaf.no_server_auth",
                                          "leaf.self_signed",
                                          "issuer.expired",
                                          "issuer.not_yet_valid",
                                          "issuer.not_ca",
                                          "issuer.constraint",
                                          "issuer.weak",
                                          "signature.invalid",
                                          "cert.malformed",
                                          "leaf.renewal_due",
                                          "leaf.client_auth",
                                          "leaf.lifetime",
                                          "balance.stale",
                                          "balance.differs",
                                          "balance.edge_behind_origin",
                                          "balance.unreachable",
                                          "sni.default_differs",
                                          "revocation.revoked",
                                          "revocation.unknown",
                                          "staple.invalid",
                                          "net.resolve",
                                          "net.refused",
                                          "net.timeout",
                                          "net.not_tls",
                                          "net.alert",
                                          "net.reset",
                                          "net.unreachable",
                                          "net.starttls",
                                          "net.no_certificate",
                                          "net.limit",
                                          "key.missing",
                                          "key.mismatch",
                                          "key.exposed",
                                          "pfx.no_key",
                                          "pfx.chain_incomplete",
                                          "pfx.old_encryption",
                                          "pfx.new_encryption",
                                          "csr.rule",
                                          "csr.mismatch",
                                          "store.root_missing",
                                          "store.issuer_missing",
                                          "store.cyber_root_active",
                                          "server.serves_other",
                                          "server.is_this_machine"};
  for (const std::string& id : promised) {
    CAPTURE(id);
    CHECK(code_of(id));
  }
}

TEST_CASE("codes: id and code lead to each other, and each code is listed once") {
  std::set<std::string_view> ids;
  std::set<Code> codes;
  for (const Code code : all_codes()) {
    CAPTURE(id(code));
    CHECK(ids.insert(id(code)).second);
    CHECK(codes.insert(code).second);
    CHECK(code_of(id(code)) == code);
    CHECK(id(code).find('.') != std::string_view::npos);
    CHECK(lower_ascii(id(code)) == id(code));
  }
  CHECK(codes.size() == static_cast<std::size_t>(Code::net_limit) + 1);  // the last of the enumeration
  for (const char* text : {"", "chain", "chain.", "chain.leaf_onl", "CHAIN.LEAF_ONLY", "chain.leaf_only "})
    CHECK_FALSE(code_of(text));
}

TEST_CASE("codes: each fact is named once") {
  for (const Code code : all_codes()) {
    CAPTURE(id(code));
    std::set<std::string_view> names;
    for (const auto name : split(facts_of(code), ' ')) {
      CHECK_FALSE(name.empty());
      CHECK(names.insert(name).second);
    }
  }
}

TEST_CASE("codes: causes come before effects, and what surrounds them last") {
  const auto before = [](Code a, Code b) { return rank(a) < rank(b); };
  const Code order[] = {Code::leaf_expired,          Code::issuer_expired,  Code::signature_invalid,
                        Code::cert_malformed,        Code::chain_leaf_only, Code::balance_stale,
                        Code::path_client_untrusted, Code::net_refused,     Code::sni_default_differs};
  CHECK(std::ranges::is_sorted(order, before));
  for (const Code code : all_codes())
    CHECK(is_effect(code) == (id(code).starts_with("path.") || id(code).starts_with("paths.")));
  std::set<int> ranks;
  for (const Code code : all_codes()) CHECK(ranks.insert(rank(code)).second);
}

TEST_CASE("severities") {
  CHECK(id(Severity::note) == "note");
  CHECK(id(Severity::warning) == "warning");
  CHECK(id(Severity::error) == "error");
  CHECK(Severity::note < Severity::warning);
  CHECK(Severity::warning < Severity::error);
}
