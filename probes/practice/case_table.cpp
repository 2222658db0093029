#include "probes/practice/case_table.h"

namespace chaintier {
namespace {

constexpr auto leaf = practice_leaf;
constexpr std::string_view ssl_2023 = "twca-ssl-ca-2023";
constexpr std::string_view ssl_2024 = "twca-ssl-ca-2024";
constexpr std::string_view evssl_2023 = "twca-evssl-ca-2023";
constexpr std::string_view secure_2014 = "twca-secure-ssl-ca-2014";
constexpr std::string_view secure_g2 = "twca-secure-ssl-ca-2023g2";
constexpr std::string_view secure_g3 = "twca-secure-ssl-ca-2023g3";
constexpr std::string_view cross = "twca-cyber-root-ca.by-global-root";
constexpr std::string_view cyber_root = "twca-cyber-root-ca.self-signed";
constexpr std::string_view global_root = "twca-global-root-ca.self-signed";
constexpr std::string_view foreign = "foreign-intermediate";

using enum PracticeDates;
using enum PracticeBehaviour;

}  // namespace

// clang-format off
std::vector<PracticeRow> practice_rows() {
  return {
      // Right, in every form.
      {"new-right", "新架構，四層齊全", "new hierarchy, four tiers, right",
       ssl_2023, {leaf, ssl_2023, cross},
       {"chain.new_hierarchy", "path.ends_ahead", "path.tiers_differ"}, "note"},
      {"new-right-2024", "新架構 2024 世代，四層齊全", "new hierarchy, generation of 2024, right",
       ssl_2024, {leaf, ssl_2024, cross},
       {"chain.new_hierarchy", "path.ends_ahead", "path.tiers_differ"}, "note"},
      {"new-right-ev", "新架構 EV，四層齊全", "new hierarchy, EV, right",
       evssl_2023, {leaf, evssl_2023, cross},
       {"chain.new_hierarchy", "path.ends_ahead", "path.tiers_differ"}, "note"},
      {"wildcard", "萬用字元憑證，四層齊全", "a wildcard certificate, right",
       ssl_2023, {leaf, ssl_2023, cross},
       {"chain.new_hierarchy", "path.ends_ahead", "path.tiers_differ"}, "note", usual, tls, "*.practice.test"},
      {"old-tls", "只支援 TLS 1.0，鏈正確", "nothing above TLS 1.0, chain right",
       ssl_2023, {leaf, ssl_2023, cross},
       {"chain.new_hierarchy", "path.ends_ahead", "path.tiers_differ"}, "note", usual, old_tls},
      {"asks-client", "要求用戶端憑證，鏈正確", "requests a client certificate, chain right",
       ssl_2023, {leaf, ssl_2023, cross},
       {"chain.new_hierarchy", "path.ends_ahead", "path.tiers_differ"}, "note", usual, asks_client},
      {"smtp", "SMTP STARTTLS，鏈正確", "SMTP with STARTTLS, chain right",
       ssl_2023, {leaf, ssl_2023, cross},
       {"chain.new_hierarchy", "path.ends_ahead", "path.tiers_differ"}, "note", usual, smtp},
      {"old-right", "舊架構，三層齊全", "old hierarchy, three tiers, right",
       secure_g3, {leaf, secure_g3},
       {"chain.old_hierarchy", "path.ends_ahead", "path.strict_rejects"}, "warning", before_deadline},
      {"foreign-ca", "別家 CA 的憑證，鏈正確", "another CA's chain, right",
       foreign, {leaf, foreign},
       {"chain.unknown_ca"}, "note"},

      // Something is missing, or stands in the place of something else.
      {"cross-missing", "缺少交互憑證", "the cross certificate is missing",
       ssl_2023, {leaf, ssl_2023},
       {"chain.cross_missing", "chain.new_hierarchy", "path.client_untrusted"}, "error"},
      {"root-instead-of-cross", "以自簽根憑證代替交互憑證", "the self-signed root in place of the cross certificate",
       ssl_2023, {leaf, ssl_2023, cyber_root},
       {"chain.new_hierarchy", "chain.root_instead_of_cross", "path.client_untrusted"}, "error"},
      {"leaf-only", "只送出伺服器憑證", "nothing but the leaf",
       ssl_2023, {leaf},
       {"chain.leaf_only", "chain.new_hierarchy", "path.aia_only", "path.client_untrusted"}, "error"},
      {"leaf-leaf-root", "伺服器憑證送了兩次，再加根憑證", "the leaf twice and a root, no intermediate",
       secure_g3, {leaf, leaf, global_root},
       {"chain.duplicate", "chain.issuer_missing", "chain.old_hierarchy", "chain.root_served", "path.aia_only", "path.client_untrusted", "path.ends_ahead"}, "error", before_deadline},
      {"wrong-branch", "新架構的憑證配上舊架構的中繼憑證", "the other branch's intermediate",
       ssl_2023, {leaf, secure_g3},
       {"chain.new_hierarchy", "chain.wrong_issuer", "path.aia_only", "path.client_untrusted"}, "error"},
      {"wrong-generation", "中繼憑證名稱相同，但屬另一世代", "an intermediate of the right name with another key",
       secure_g2, {leaf, secure_2014},
       {"chain.old_hierarchy", "chain.wrong_issuer", "path.aia_only", "path.client_untrusted", "path.ends_ahead"}, "error",
       before_deadline},
      {"foreign-intermediate", "配上別家 CA 的中繼憑證", "another CA's intermediate",
       ssl_2023, {leaf, foreign},
       {"chain.foreign", "chain.issuer_missing", "chain.new_hierarchy", "path.aia_only", "path.client_untrusted"},
       "error"},

      // Everything is there, and something is out of place.
      {"wrong-order", "憑證齊全，但順序不對", "the right certificates in the wrong order",
       ssl_2023, {leaf, cross, ssl_2023},
       {"chain.new_hierarchy", "chain.order", "path.ends_ahead", "path.tiers_differ"}, "warning"},
      {"root-served", "多送了根憑證", "the root is served too",
       ssl_2023, {leaf, ssl_2023, cross, global_root},
       {"chain.new_hierarchy", "chain.root_served", "path.ends_ahead", "path.tiers_differ"}, "note"},

      // The certificates themselves.
      {"expired", "伺服器憑證已過期", "the leaf has expired",
       ssl_2023, {leaf, ssl_2023, cross},
       {"chain.new_hierarchy", "leaf.expired"}, "error", expired},
      {"renewal-due", "伺服器憑證即將到期", "the leaf is due for renewal",
       ssl_2023, {leaf, ssl_2023, cross},
       {"chain.new_hierarchy", "leaf.renewal_due", "path.ends_ahead", "path.tiers_differ"}, "warning", due},
      {"name-mismatch", "憑證上是別的名稱", "the leaf is for another name",
       ssl_2023, {leaf, ssl_2023, cross},
       {"chain.new_hierarchy", "leaf.name_mismatch"}, "error", usual, tls, "another.example.test"},
      {"issuer-expired", "中繼憑證已過期", "the intermediate has expired",
       secure_2014, {leaf, secure_2014},
       {"chain.old_hierarchy", "issuer.expired", "path.client_untrusted"}, "error", before_deadline},
      {"self-signed", "自簽憑證", "a self-signed leaf",
       "", {leaf},
       {"chain.unknown_ca", "leaf.self_signed"}, "error"},

      // Nothing to judge.
      {"smtp-without-tls", "SMTP 不提供 STARTTLS", "SMTP without STARTTLS",
       "", {}, {"net.starttls"}, "unjudged", usual, smtp_without_tls},
      {"stall", "連線後毫無回應", "accepts and stays silent",
       "", {}, {"net.timeout"}, "unjudged", usual, stall},
      {"plain-http", "連接埠上是未加密的 HTTP", "plain HTTP on the port",
       "", {}, {"net.not_tls"}, "unjudged", usual, plain_http},
      {"ssh", "連接埠上是 SSH", "SSH on the port",
       "", {}, {"net.not_tls"}, "unjudged", usual, ssh_banner},
      {"alert", "以 TLS 警示拒絕", "refuses with a TLS alert",
       ssl_2023, {leaf, ssl_2023, cross}, {"net.alert"}, "unjudged", usual, alert},
      {"reset", "連線被切斷", "cuts the connection",
       "", {}, {"net.reset"}, "unjudged", usual, reset},
      {"refused", "連接埠沒有開", "the port is closed",
       "", {}, {"net.refused"}, "unjudged", usual, closed},
  };
}

PracticePairRows practice_pair_rows() {
  return {
      {"two-certificates", "兩個位址送出不同的憑證", "two addresses, two certificates",
       ssl_2023, {leaf, ssl_2023, cross},
       {"balance.differs", "chain.new_hierarchy", "path.ends_ahead", "path.tiers_differ"}, "warning"},
      {"stale-address", "兩個位址之一還是舊憑證", "one of two addresses still has the old certificate",
       ssl_2023, {leaf, ssl_2023, cross},
       {"balance.stale", "chain.new_hierarchy", "path.ends_ahead", "path.tiers_differ"}, "error"},
      {"one-address-down", "兩個位址之一拒絕連線", "one of two addresses refuses",
       ssl_2023, {leaf, ssl_2023, cross},
       {"balance.unreachable", "chain.new_hierarchy", "path.ends_ahead", "path.tiers_differ"}, "warning"},
      {"by-name", "依 SNI 送出各自的憑證", "the right chain for its name only (SNI)",
       ssl_2023, {leaf, ssl_2023, cross},
       {"chain.new_hierarchy", "path.ends_ahead", "path.tiers_differ"}, "note"},
      {"both-families", "IPv4 與 IPv6 都正確", "right at IPv4 and at IPv6",
       ssl_2023, {leaf, ssl_2023, cross},
       {"chain.new_hierarchy", "path.ends_ahead", "path.tiers_differ"}, "note"},
      {"stale-at-v6", "IPv6 還是舊憑證", "IPv6 still has the old certificate",
       ssl_2023, {leaf, ssl_2023, cross},
       {"balance.stale", "chain.new_hierarchy", "path.ends_ahead", "path.tiers_differ"}, "error"},
  };
}

PracticeRow practice_late_row() {
  return {"old-after-deadline", "舊架構，SCT 晚於 Chrome 的期限", "old hierarchy, SCTs later than Chrome allows",
          secure_g3, {leaf, secure_g3},
          {"chain.old_hierarchy", "path.client_untrusted", "path.ends_ahead", "path.strict_rejects"}, "error"};
}
// clang-format on

}  // namespace chaintier
