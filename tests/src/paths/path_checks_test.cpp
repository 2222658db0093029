#include "src/paths/path_checks.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/chain_builder.h"

using namespace chaintier;

namespace {

const TestCa& top() {
  static const TestCa ca{"Root"};
  return ca;
}
const TestCa& middle() {
  static const TestCa ca{"Middle"};
  return ca;
}

// Leaf, intermediate, root; each may be changed.
struct Shape {
  Change leaf{}, intermediate{}, anchor{};
};

Path path_of(std::vector<CertificatePtr> certificates) {
  Path path;
  path.from.assign(certificates.size(), static_cast<Sources>(Source::served));
  path.certificates = std::move(certificates);
  return path;
}

Path path_of(const Shape& shape) {
  return path_of({leaf_by(middle(), "www.example.tw", shape.leaf),
                  ca_certificate(middle(), top(), shape.intermediate), root(top(), shape.anchor)});
}

PathContext context() { return {judging_day(), ReferenceName{"www.example.tw", std::nullopt}, true}; }

using Problems = std::vector<PathProblem>;

void weak_rsa(Draft& draft) {
  static const Bytes spki = TestKey::rsa(1024).spki();
  draft.spki = spki;
}
void tls_12_only_usage(Draft& draft) { draft.set(extended_key_usage({oids::client_auth})); }
void unknown_critical(Draft& draft) { draft.set({"1.2.3.4.5", true, der::null()}); }
void sha1(Draft& draft) { draft.digest = "SHA1"; }

}  // namespace

TEST_CASE("path checks: a good path has no problem, strictly looked at either") {
  const Path path = path_of(Shape{});
  CHECK(check_path(path, context()).empty());
  CHECK(strict_problems(path).empty());
}

TEST_CASE("path checks: one thing wrong, one problem, at the right certificate") {
  struct Row {
    const char* what;
    Shape shape;
    Problems problems;
  };
  const auto old = [](Draft& d) { d.not_after = day(2026, 8, 31); };
  const auto early = [](Draft& d) { d.not_before = day(2026, 9, 2); };
  const std::vector<Row> rows{
      {"leaf expired", {.leaf = old}, {{0, Problem::expired}}},
      {"intermediate expired", {.intermediate = old}, {{1, Problem::expired}}},
      {"anchor expired", {.anchor = old}, {{2, Problem::expired}}},
      {"leaf too early", {.leaf = early}, {{0, Problem::not_yet_valid}}},
      {"intermediate too early", {.intermediate = early}, {{1, Problem::not_yet_valid}}},
      {"intermediate says that it is no CA",
       {.intermediate = [](Draft& d) { d.set(basic_constraints(false)); }},
       {{1, Problem::not_a_ca}}},
      {"intermediate says nothing of being a CA",
       {.intermediate = [](Draft& d) { d.drop(oids::basic_constraints); }},
       {{1, Problem::not_a_ca}}},
      {"anchor of version 3 says nothing of being a CA",
       {.anchor = [](Draft& d) { d.drop(oids::basic_constraints); }},
       {{2, Problem::not_a_ca}}},
      {"intermediate may not sign certificates",
       {.intermediate =
            [](Draft& d) {
              d.set(key_usage({0, 6}));
            }},
       {{1, Problem::no_cert_sign}}},
      {"no CA allowed below the root",
       {.anchor = [](Draft& d) { d.set(basic_constraints(true, 0)); }},
       {{2, Problem::path_length}}},
      {"name outside what the root permits",
       {.anchor = [](Draft& d) { d.set(name_constraints({dns("example.org")}, {})); }},
       {{0, Problem::name_constraints}}},
      {"a constraint that is none",
       {.intermediate =
            [](Draft& d) {
              d.set(name_constraints({dns("*.tw"), dns("example.tw")}, {}));
            }},
       {{1, Problem::bad_name_constraints}}},
      {"critical extension that nobody knows: leaf",
       {.leaf = unknown_critical},
       {{0, Problem::unknown_critical}}},
      {"critical extension that nobody knows: anchor",
       {.anchor = unknown_critical},
       {{2, Problem::unknown_critical}}},
      {"policy required, and none there",
       {.intermediate = [](Draft& d) { d.set(policy_constraints(0, {})); }},
       {{0, Problem::policy}}},
      {"leaf whose key may sign revocation lists only",
       {.leaf = [](Draft& d) { d.set(key_usage({6})); }},
       {{0, Problem::key_usage}}},
      {"leaf whose key may encipher keys", {.leaf = [](Draft& d) { d.set(key_usage({2})); }}, {}},
      {"leaf for clients", {.leaf = tls_12_only_usage}, {{0, Problem::no_server_auth}}},
      {"intermediate for clients", {.intermediate = tls_12_only_usage}, {{1, Problem::issuer_eku}}},
      {"anchor for clients", {.anchor = tls_12_only_usage}, {{2, Problem::issuer_eku}}},
      {"other host",
       {.leaf = [](Draft& d) { d.set(subject_alt_name({dns("mail.example.tw")})); }},
       {{0, Problem::host_mismatch}}},
      {"short key of the leaf", {.leaf = weak_rsa}, {{0, Problem::weak_key}}},
      {"short key of the anchor", {.anchor = weak_rsa}, {{2, Problem::weak_key}}},
      {"SHA-1 on the leaf", {.leaf = sha1}, {{0, Problem::weak_signature}}},
      {"SHA-1 on the intermediate", {.intermediate = sha1}, {{1, Problem::weak_signature}}},
      {"SHA-1 on the anchor proves nothing, so it does not matter", {.anchor = sha1}, {}},
      {"leaf breaks X.509", {.leaf = [](Draft& d) { d.version = 3; }}, {{0, Problem::malformed}}},
      {"leaf with serial number 0", {.leaf = [](Draft& d) { d.serial = der::integer(0); }}, {}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    CHECK(check_path(path_of(row.shape), context()) == row.problems);
  }
}

TEST_CASE("path checks: what the search found about signatures is kept") {
  Path path = path_of(Shape{});
  path.problems = {{0, Problem::signature_unsupported}};
  CHECK(check_path(path, context()) == path.problems);
}

TEST_CASE("path checks: several problems are all told, by certificate") {
  const Path path =
      path_of(Shape{.leaf =
                        [](Draft& d) {
                          d.not_after = day(2026, 8, 31);
                          d.set(subject_alt_name({dns("mail.example.tw")}));
                          d.digest = "SHA1";
                        },
                    .intermediate = [](Draft& d) { d.set(key_usage({6})).set(basic_constraints(false)); },
                    .anchor = unknown_critical});
  CHECK(check_path(path, context()) == Problems{{0, Problem::expired},
                                                {0, Problem::host_mismatch},
                                                {0, Problem::weak_signature},
                                                {1, Problem::not_a_ca},
                                                {1, Problem::no_cert_sign},
                                                {2, Problem::unknown_critical}});
}

TEST_CASE("path checks: the seconds at both ends belong to the validity") {
  const Path path = path_of(Shape{});
  PathContext when = context();
  when.at = day(2026, 6, 1);
  CHECK(check_path(path, when).empty());
  when.at -= std::chrono::seconds(1);
  CHECK(check_path(path, when) == Problems{{0, Problem::not_yet_valid}});
  when.at = day(2026, 12, 1);
  CHECK(check_path(path, when).empty());
  when.at += std::chrono::seconds(1);
  CHECK(check_path(path, when) == Problems{{0, Problem::expired}});
}

TEST_CASE("path checks: a time that cannot be read is malformed, and neither early nor late") {
  const Path path =
      path_of(Shape{.leaf = [](Draft& d) { d.not_after_element = der::tlv(der::utc_time_tag, "soon"); }});
  CHECK(check_path(path, context()) == Problems{{0, Problem::malformed}});
}

TEST_CASE("path checks: what is not asked is no problem") {
  PathContext asked = context();
  asked.host = std::nullopt;
  asked.for_server = false;
  const Path path = path_of(Shape{.leaf =
                                      [](Draft& d) {
                                        tls_12_only_usage(d);
                                        d.set(subject_alt_name({dns("mail.example.tw")}));
                                      },
                                  .intermediate = tls_12_only_usage,
                                  .anchor = {}});
  CHECK(check_path(path, asked).empty());
}

TEST_CASE("path checks: any extended key usage allows servers, as does none") {
  const auto any = [](Draft& d) { d.set(extended_key_usage({oids::any_usage})); };
  const auto none = [](Draft& d) { d.drop(oids::extended_key_usage); };
  CHECK(check_path(path_of(Shape{any, any, any}), context()).empty());
  CHECK(check_path(path_of(Shape{none, none, none}), context()).empty());
}

TEST_CASE("path checks: an anchor of version 1 may say nothing of itself") {
  const auto old_root = [](Draft& d) {
    d.version = std::nullopt;
    d.extensions.clear();
  };
  CHECK(check_path(path_of(Shape{.leaf = {}, .intermediate = {}, .anchor = old_root}), context()).empty());
  CHECK(check_path(path_of(Shape{.leaf = {}, .intermediate = old_root, .anchor = {}}), context()) ==
        Problems{{1, Problem::not_a_ca}});
}

TEST_CASE("path checks: path lengths count CAs below, the self-issued left out") {
  const TestCa a{"A"}, b{"B"}, a_new{"A"};
  const auto leaf = leaf_by(b);
  const auto b_by_a = ca_certificate(b, a_new);
  const auto rollover = ca_certificate(a_new, a);  // same name, new key: self-issued
  const auto with_length = [&](std::int64_t length) {
    return root(a, [&](Draft& d) { d.set(basic_constraints(true, length)); });
  };
  REQUIRE(rollover->self_issued());
  const auto problems = [&](std::int64_t length) {
    return check_path(path_of({leaf, b_by_a, rollover, with_length(length)}), context());
  };
  CHECK(problems(0) == Problems{{3, Problem::path_length}});
  CHECK(problems(1).empty());
  CHECK(check_path(path_of({leaf_by(a), with_length(0)}), context()).empty());
}

TEST_CASE("path checks: a negative path length allows nothing") {
  const Path path = path_of(
      Shape{.leaf = {}, .intermediate = [](Draft& d) { d.set(basic_constraints(true, -1)); }, .anchor = {}});
  CHECK(check_path(path, context()) == Problems{{1, Problem::path_length}});
}

TEST_CASE("path checks: a leaf that is itself the anchor") {
  const Path path = path_of({leaf_by(middle())});
  CHECK(check_path(path, context()).empty());
  const Path weak = path_of({leaf_by(middle(), "www.example.tw", sha1)});
  CHECK(check_path(weak, context()) == Problems{{0, Problem::weak_signature}});
}

TEST_CASE("strict problems: each, and where it does not apply") {
  struct Row {
    const char* what;
    Shape shape;
    Problems problems;
  };
  const auto no_id = [](Draft& d) { d.drop(oids::subject_key_id); };
  const auto no_authority = [](Draft& d) { d.drop(oids::authority_key_id); };
  const std::vector<Row> rows{
      {"anchor without key identifier", {.anchor = no_id}, {{2, Problem::missing_subject_key_id}}},
      {"intermediate without key identifier",
       {.intermediate = no_id},
       {{1, Problem::missing_subject_key_id}}},
      {"leaf without key identifier has none to have", {.leaf = no_id}, {}},
      {"leaf without authority key identifier",
       {.leaf = no_authority},
       {{0, Problem::missing_authority_key_id}}},
      {"anchor needs no authority key identifier", {.anchor = no_authority}, {}},
      {"authority key identifier without a key",
       {.leaf =
            [](Draft& d) {
              d.set({std::string(oids::authority_key_id), false, der::sequence({})});
            }},
       {{0, Problem::missing_authority_key_id}}},
      {"anchor without key usage",
       {.anchor = [](Draft& d) { d.drop(oids::key_usage); }},
       {{2, Problem::missing_key_usage}}},
      {"leaf without key usage", {.leaf = [](Draft& d) { d.drop(oids::key_usage); }}, {}},
      {"basic constraints not critical",
       {.intermediate = [](Draft& d) { d.set(basic_constraints(true, {}, false)); }},
       {{1, Problem::missing_basic_constraints_critical}}},
      {"an anchor of version 1 has no extensions to miss",
       {.anchor =
            [](Draft& d) {
              d.version = std::nullopt;
              d.extensions.clear();
            }},
       {}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    CHECK(strict_problems(path_of(row.shape)) == row.problems);
  }
}

TEST_CASE("weak keys") {
  const auto key = [](KeyAlgorithm algorithm, int bits) {
    PublicKey result;
    result.algorithm = algorithm;
    result.bits = bits;
    return result;
  };
  CHECK(weak_key(key(KeyAlgorithm::rsa, 2047)));
  CHECK_FALSE(weak_key(key(KeyAlgorithm::rsa, 2048)));
  CHECK(weak_key(key(KeyAlgorithm::rsa, 0)));  // not even a modulus
  CHECK(weak_key(key(KeyAlgorithm::rsa_pss, 1024)));
  CHECK(weak_key(key(KeyAlgorithm::dsa, 1024)));
  CHECK(weak_key(key(KeyAlgorithm::ec, 192)));
  CHECK_FALSE(weak_key(key(KeyAlgorithm::ec, 224)));
  CHECK_FALSE(weak_key(key(KeyAlgorithm::ec, 256)));
  CHECK_FALSE(weak_key(key(KeyAlgorithm::ed25519, 256)));
}

TEST_CASE("problems: stable ids, one each, and a clause") {
  std::vector<std::string> ids;
  for (int i = 0; i <= static_cast<int>(Problem::revoked); ++i) {
    const auto problem = static_cast<Problem>(i);
    ids.emplace_back(id(problem));
    CHECK_FALSE(problem_clause(problem).empty());
    CHECK(is_weakness(problem) == (problem == Problem::weak_key || problem == Problem::weak_signature ||
                                   problem == Problem::key_usage));
  }
  const auto count = ids.size();
  std::ranges::sort(ids);
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  CHECK(ids.size() == count);
}
