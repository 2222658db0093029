#include "src/paths/path.h"

#include <array>
#include <cstdlib>

namespace chaintier {

std::string_view id(Source source) {
  switch (source) {
    case Source::served:
      return "served";
    case Source::pool:
      return "pool";
    case Source::preloaded:
      return "preloaded";
    case Source::aia:
      return "aia";
    case Source::catalogue:
      return "catalogue";
    case Source::store:
      return "store";
  }
  std::abort();
}

namespace {

struct Row {
  Problem problem;
  std::string_view id, clause;
};
constexpr std::array rows{
    Row{Problem::expired, "expired", "RFC 5280 6.1.3 (a)(2)"},
    Row{Problem::not_yet_valid, "not_yet_valid", "RFC 5280 6.1.3 (a)(2)"},
    Row{Problem::signature_unsupported, "signature_unsupported", "RFC 5280 6.1.3 (a)(1)"},
    Row{Problem::not_a_ca, "not_a_ca", "RFC 5280 6.1.4 (k)"},
    Row{Problem::no_cert_sign, "no_cert_sign", "RFC 5280 6.1.4 (n)"},
    Row{Problem::path_length, "path_length", "RFC 5280 6.1.4 (m)"},
    Row{Problem::name_constraints, "name_constraints", "RFC 5280 6.1.3 (b), (c)"},
    Row{Problem::bad_name_constraints, "bad_name_constraints", "RFC 5280 4.2.1.10"},
    Row{Problem::unknown_critical, "unknown_critical", "RFC 5280 6.1.4 (o), 6.1.5 (f)"},
    Row{Problem::policy, "policy", "RFC 5280 6.1.3 (f), 6.1.5 (g)"},
    Row{Problem::key_usage, "key_usage", "RFC 5280 4.2.1.3, RFC 8446 4.4.2.2"},
    Row{Problem::no_server_auth, "no_server_auth", "RFC 5280 4.2.1.12"},
    Row{Problem::issuer_eku, "issuer_eku", "BR 7.1.2.10.6"},
    Row{Problem::host_mismatch, "host_mismatch", "RFC 9525 6"},
    Row{Problem::weak_key, "weak_key", "BR 6.1.5"},
    Row{Problem::weak_signature, "weak_signature", "BR 7.1.3.2"},
    Row{Problem::malformed, "malformed", "RFC 5280 4.1"},
    Row{Problem::missing_subject_key_id, "missing_subject_key_id", "RFC 5280 4.2.1.2"},
    Row{Problem::missing_authority_key_id, "missing_authority_key_id", "RFC 5280 4.2.1.1"},
    Row{Problem::missing_key_usage, "missing_key_usage", "RFC 5280 4.2.1.3"},
    Row{Problem::missing_basic_constraints_critical, "missing_basic_constraints_critical",
        "RFC 5280 4.2.1.9"},
    Row{Problem::anchor_date, "anchor_date", "root programme"},
    Row{Problem::lifetime, "lifetime", "root programme; BR 6.3.2"},
    Row{Problem::revoked, "revoked", "RFC 5280 6.1.3 (a)(3)"},
};

const Row& row_of(Problem problem) {
  for (const Row& row : rows)
    if (row.problem == problem) return row;
  std::abort();
}

}  // namespace

std::string_view id(Problem problem) { return row_of(problem).id; }
std::string_view problem_clause(Problem problem) { return row_of(problem).clause; }

}  // namespace chaintier
