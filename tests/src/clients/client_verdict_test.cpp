#include "src/clients/client_verdict.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "src/paths/path_search.h"
#include "tests/support/chain_builder.h"

using namespace chaintier;

namespace {

std::shared_ptr<const CertificateStore> store_with(std::vector<CertificatePtr> certificates) {
  return std::make_shared<const CertificateStore>(std::move(certificates));
}

// An older root, a newer one, the cross certificate between them, an issuing CA whose address delivers the
// newer root, and a leaf whose address delivers the issuing CA: TWCA's new product chain in small.
struct World {
  TestCa older{"Older Root"}, newer{"Newer Root"}, issuing{"Issuing CA"};
  CertificatePtr older_root = root(older), newer_root = root(newer), cross = ca_certificate(newer, older);
  CertificatePtr intermediate = ca_certificate(issuing, newer, access("http://ca.example.tw/newer.crt"));
  CertificatePtr leaf = leaf_by(issuing, "www.example.tw", access("http://ca.example.tw/issuing.crt"));
  Catalogue catalogue = Catalogue::from_files({{"older.pem", to_pem(older_root->der)},
                                               {"newer.pem", to_pem(newer_root->der)},
                                               {"cross.pem", to_pem(cross->der)},
                                               {"issuing.pem", to_pem(intermediate->der)},
                                               {"catalogue.json", description}})
                            .value();
  SignatureChecker signatures;

  static Change access(std::string_view address) {
    return [address = std::string(address)](Draft& d) {
      d.set({"1.3.6.1.5.5.7.1.1", false,
             der::sequence({der::sequence({der::oid("1.3.6.1.5.5.7.48.2"), uri(address)})})});
    };
  }
  static constexpr const char* description =
      R"({"aia": [{"url": "http://ca.example.tw/newer.crt", "of": "issuing", "slug": "newer", "confirmed": true},
                  {"url": "http://ca.example.tw/issuing.crt", "slug": "issuing", "confirmed": true}]})";

  VerdictContext context(Time at = judging_day(), bool under_catalogue = true) {
    return {catalogue, signatures, at, under_catalogue};
  }

  // Every path from the leaf, with `sent` marked as served.
  std::vector<JudgedPath> paths(const std::vector<CertificatePtr>& sent, Time at = judging_day()) {
    return paths_from(leaf, sent, at);
  }
  std::vector<JudgedPath> paths_from(const CertificatePtr& start, const std::vector<CertificatePtr>& sent,
                                     Time at = judging_day()) {
    CandidatePool pool;
    for (const auto& certificate : sent) pool.add(certificate, Source::served);
    std::unordered_set<CertFingerprint> anchors;
    for (const KnownCa& ca : catalogue.all()) {
      pool.add(ca.certificate, Source::catalogue);
      if (ca.role == CaRole::root) anchors.insert(ca.certificate->fingerprint);
    }
    std::vector<JudgedPath> result;
    for (Path& path :
         find_paths(start, static_cast<Sources>(Source::served), pool, anchors, SearchLimits{}, signatures)
             .paths) {
      path.problems = check_path(path, {at, ReferenceName{"www.example.tw", std::nullopt}, true});
      result.push_back({std::move(path), std::nullopt, {}});
    }
    return result;
  }
};

ClientModel holding(std::vector<std::string> slugs) {
  ClientModel client;
  client.id = "test";
  for (std::string& slug : slugs) client.anchors.push_back({std::move(slug), {}, {}, {}, {}});
  return client;
}

using Reasons = std::vector<std::string>;

}  // namespace

TEST_CASE("verdict: the shortest path that the client can walk") {
  World world;
  const auto paths = world.paths({world.intermediate, world.cross});
  REQUIRE(paths.size() == 2);  // to the newer root, and over the cross certificate to the older
  const auto both = judge(holding({"older", "newer"}), paths, world.context());
  CHECK(both.verdict == ClientVerdict::trusted);
  CHECK(both.reasons.empty());
  CHECK(paths[*both.path].path.tiers() == 3);
  const auto old_only = judge(holding({"older"}), paths, world.context());
  CHECK(old_only.verdict == ClientVerdict::trusted);
  CHECK(paths[*old_only.path].path.tiers() == 4);
}

TEST_CASE("verdict: what the catalogue has and nobody hands over does not help") {
  World world;
  const auto paths = world.paths({world.intermediate});
  const auto result = judge(holding({"older"}), paths, world.context());
  CHECK(result.verdict == ClientVerdict::untrusted);
  CHECK(result.reasons == Reasons{"issuer_missing"});
  CHECK(paths[*result.path].path.tiers() == 4);  // the nearest path: one certificate is missing
  CHECK(judge(holding({"newer"}), paths, world.context()).verdict == ClientVerdict::trusted);
}

TEST_CASE("verdict: preloaded certificates count for the client that has them") {
  World world;
  const auto paths = world.paths({});
  ClientModel client = holding({"newer"});
  CHECK(judge(client, paths, world.context()).verdict == ClientVerdict::untrusted);
  client.preloaded = {"issuing"};
  CHECK(judge(client, paths, world.context()).verdict == ClientVerdict::trusted);
}

TEST_CASE("verdict: fetching helps as far as the addresses lead") {
  World world;
  const auto nothing_sent = world.paths({});
  ClientModel client = holding({"newer"});
  client.fetches_aia = true;
  const auto fetched = judge(client, nothing_sent, world.context());
  CHECK(fetched.verdict == ClientVerdict::trusted_by_aia);
  CHECK(fetched.reasons.empty());
  // The issuing CA's address delivers the root, so the cross certificate cannot be had.
  ClientModel older_only = holding({"older"});
  older_only.fetches_aia = true;
  const auto refused = judge(older_only, nothing_sent, world.context());
  CHECK(refused.verdict == ClientVerdict::untrusted);
  CHECK(refused.reasons == Reasons{"issuer_missing"});
  // Without fetching when it need not.
  CHECK(judge(client, world.paths({world.intermediate}), world.context()).verdict == ClientVerdict::trusted);
}

TEST_CASE("verdict: nobody's anchor") {
  World world;
  const auto paths = world.paths({world.intermediate, world.cross});
  const auto none_held = judge(holding({}), paths, world.context());
  CHECK(none_held.verdict == ClientVerdict::untrusted);
  CHECK(none_held.reasons == Reasons{"anchor_not_held"});
  CHECK_FALSE(none_held.path);
  CHECK(judge(holding({"older"}), {}, world.context()).reasons == Reasons{"no_path"});
  // Outside the catalogue the data know nothing of what the client holds.
  const auto unknown = judge(holding({"older"}), {}, world.context(judging_day(), false));
  CHECK(unknown.verdict == ClientVerdict::unjudged);
  CHECK(unknown.reasons == Reasons{"store_unknown"});
  const ClientModel given = given_client("mine", "mine.pem", {});
  CHECK(judge(given, {}, world.context(judging_day(), false)).verdict == ClientVerdict::untrusted);
}

TEST_CASE("verdict: the machine's store") {
  World world;
  const auto paths = world.paths({world.intermediate, world.cross});
  ClientModel machine;
  machine.id = "curl";
  machine.machine_store = true;
  const auto missing = judge(machine, paths, world.context());
  CHECK(missing.verdict == ClientVerdict::unjudged);
  CHECK(missing.reasons == Reasons{"store_not_found"});
  machine.whole_store = store_with({root(TestCa{"Elsewhere"})});
  const auto of_another_catalogue = judge(machine, paths, world.context());
  CHECK(of_another_catalogue.verdict == ClientVerdict::unjudged);
  CHECK(of_another_catalogue.reasons == Reasons{"store_without_this_ca"});
  machine.whole_store = store_with({root(TestCa{"Elsewhere"}), world.older_root});
  CHECK(judge(machine, paths, world.context()).verdict == ClientVerdict::trusted);
}

TEST_CASE("verdict: the machine's store lacks a root of the built-in catalogue") {
  const Catalogue twca = Catalogue::twca();
  SignatureChecker signatures;
  ClientModel machine;
  machine.machine_store = true;
  machine.whole_store = store_with({root(TestCa{"Elsewhere"})});
  const auto result = judge(machine, {}, VerdictContext{twca, signatures, judging_day(), true});
  CHECK(result.verdict == ClientVerdict::untrusted);
}

TEST_CASE("verdict: an announced removal takes effect on its day") {
  World world;
  const auto paths = world.paths({world.intermediate, world.cross});
  ClientModel client = holding({"older"});
  client.anchors.front().until = day(2026, 9, 1);
  CHECK(anchors_of(client, world.catalogue, day(2026, 8, 31)).size() == 1);
  CHECK(anchors_of(client, world.catalogue, day(2026, 9, 1)).empty());
  CHECK(judge(client, paths, world.context(day(2026, 8, 31))).verdict == ClientVerdict::trusted);
  CHECK(judge(client, paths, world.context(day(2026, 9, 1))).reasons == Reasons{"anchor_not_held"});
}

TEST_CASE("verdict: anchors taken for leaves of a certain age only") {
  World world;
  const auto scts_at = [](std::vector<Time> times) {
    return [times](Draft& d) {
      Bytes list;
      for (const Time time : times) {
        Bytes sct(1 + 32);  // version 0, log
        const auto milliseconds = static_cast<std::uint64_t>(time.time_since_epoch().count()) * 1000;
        for (int shift = 56; shift >= 0; shift -= 8)
          sct.push_back(static_cast<std::uint8_t>(milliseconds >> shift));
        const Bytes no_extensions_and_signature{0, 0, 4, 3, 0, 1, 0};
        sct.insert(sct.end(), no_extensions_and_signature.begin(), no_extensions_and_signature.end());
        list.push_back(static_cast<std::uint8_t>(sct.size() >> 8));
        list.push_back(static_cast<std::uint8_t>(sct.size()));
        list.insert(list.end(), sct.begin(), sct.end());
      }
      Bytes content{static_cast<std::uint8_t>(list.size() >> 8), static_cast<std::uint8_t>(list.size())};
      content.insert(content.end(), list.begin(), list.end());
      d.set({"1.3.6.1.4.1.11129.2.4.2", false, der::octet_string(content)});
    };
  };
  ClientModel client = holding({"newer"});
  client.anchors.front().sct_not_after = day(2026, 7, 1);
  const auto verdict = [&](std::vector<Time> times) {
    const auto leaf = leaf_by(world.issuing, "www.example.tw", scts_at(std::move(times)));
    CHECK(leaf->defects.empty());
    return judge(client, world.paths_from(leaf, {world.intermediate}), world.context());
  };
  CHECK(verdict({day(2026, 6, 30)}).verdict == ClientVerdict::trusted);
  CHECK(verdict({day(2026, 7, 1)}).verdict == ClientVerdict::trusted);
  CHECK(verdict({day(2026, 7, 2), day(2026, 6, 30)}).verdict == ClientVerdict::trusted);
  const auto late = verdict({day(2026, 7, 2)});
  CHECK(late.verdict == ClientVerdict::untrusted);
  CHECK(late.reasons == Reasons{"anchor_date"});
  CHECK(judge(client, world.paths({world.intermediate}), world.context()).reasons ==
        Reasons{"anchor_date"});  // no SCT
}

TEST_CASE("verdict: a CA that the client has revoked is in no good path") {
  World world;
  ClientModel client = holding({"newer"});
  client.revokes = {"issuing"};
  const auto result = judge(client, world.paths({world.intermediate}), world.context());
  CHECK(result.verdict == ClientVerdict::untrusted);
  CHECK(result.reasons == Reasons{"revoked"});
  client.revokes = {"cross"};
  CHECK(judge(client, world.paths({world.intermediate}), world.context()).verdict == ClientVerdict::trusted);
}

TEST_CASE("verdict: strict clients refuse what only the profile forbids") {
  World world;
  const auto plain =
      leaf_by(world.issuing, "www.example.tw", [](Draft& d) { d.drop(oids::authority_key_id); });
  ClientModel client = holding({"newer"});
  const auto paths = world.paths_from(plain, {world.intermediate});
  CHECK(judge(client, paths, world.context()).verdict == ClientVerdict::trusted);
  client.strict = true;
  CHECK(judge(client, paths, world.context()).reasons == Reasons{"missing_authority_key_id"});
}

TEST_CASE("verdict: weakness decides for every client but those given by the user") {
  World world;
  const auto weak = leaf_by(world.issuing, "www.example.tw", [](Draft& d) { d.digest = "SHA1"; });
  const auto paths = world.paths_from(weak, {world.intermediate});
  CHECK(judge(holding({"newer"}), paths, world.context()).reasons == Reasons{"weak_signature"});
  const ClientModel given = given_client("mine", "mine.pem", {world.newer_root});
  CHECK(judge(given, paths, world.context()).verdict == ClientVerdict::trusted);
}

TEST_CASE("verdict: a client that looks into its store first goes no further than what it holds") {
  World world;
  // The newer root is held, but expired; over the cross certificate the path would be good.
  const Time late = day(2045, 1, 1);
  const auto long_lived = [](Draft& d) { d.not_after = day(2049, 1, 1); };
  const auto older_root = root(world.older, long_lived);
  const auto cross = ca_certificate(world.newer, world.older, long_lived);
  const auto intermediate = ca_certificate(world.issuing, world.newer, long_lived);
  const auto leaf = leaf_by(world.issuing, "www.example.tw", long_lived);
  world.catalogue = Catalogue::from_files({{"older.pem", to_pem(older_root->der)},
                                           {"newer.pem", to_pem(world.newer_root->der)},
                                           {"cross.pem", to_pem(cross->der)},
                                           {"issuing.pem", to_pem(intermediate->der)}})
                        .value();
  const auto paths = world.paths_from(leaf, {intermediate, cross}, late);
  ClientModel client = holding({"older", "newer"});
  CHECK(judge(client, paths, world.context(late)).verdict == ClientVerdict::trusted);
  client.trusted_first = true;
  const auto refused = judge(client, paths, world.context(late));
  CHECK(refused.verdict == ClientVerdict::untrusted);
  CHECK(refused.reasons == Reasons{"expired"});
  ClientModel older_only = holding({"older"});
  older_only.trusted_first = true;
  CHECK(judge(older_only, paths, world.context(late)).verdict == ClientVerdict::trusted);
}

TEST_CASE("verdict: of several refusals the nearest is told") {
  World world;
  const auto expired =
      leaf_by(world.issuing, "www.example.tw", [](Draft& d) { d.not_after = day(2026, 8, 1); });
  const auto result =
      judge(holding({"older", "newer"}), world.paths_from(expired, {world.intermediate}), world.context());
  CHECK(result.reasons ==
        Reasons{"expired"});  // not also the cross certificate that is missing on the longer path
}

namespace {

bool would_trust(const ClientModel& client, std::span<const JudgedPath> paths,
                 const std::vector<CertFingerprint>& sent, const VerdictContext& context) {
  return suffices(sent, ClientJudge(client, context.catalogue, context.at).needs(paths));
}

bool fails_for_lack_of(const ClientModel& client, std::span<const JudgedPath> paths,
                       const CertFingerprint& certificate, const VerdictContext& context) {
  const auto lacks = ClientJudge(client, context.catalogue, context.at).lacks(paths, context);
  return std::ranges::find(lacks, certificate) != lacks.end();
}

}  // namespace

TEST_CASE("needs: for another list of certificates, the leaf's own problems aside") {
  World world;
  const auto paths = world.paths({});
  const ClientModel older_only = holding({"older"});
  CHECK_FALSE(would_trust(older_only, paths, {world.intermediate->fingerprint}, world.context()));
  CHECK(would_trust(older_only, paths, {world.intermediate->fingerprint, world.cross->fingerprint},
                    world.context()));
  const auto expired =
      leaf_by(world.issuing, "www.example.tw", [](Draft& d) { d.not_after = day(2026, 8, 1); });
  const auto of_expired = world.paths_from(expired, {});
  CHECK(would_trust(holding({"newer"}), of_expired, {world.intermediate->fingerprint}, world.context()));
}

TEST_CASE("needs: fetching is no reason to leave a certificate out") {
  World world;
  ClientModel client = holding({"newer"});
  client.fetches_aia = true;
  CHECK_FALSE(would_trust(client, world.paths({}), {}, world.context()));
}

TEST_CASE("lacks: one certificate, and nothing else") {
  World world;
  const ClientModel older_only = holding({"older"});
  const auto& cross = world.cross->fingerprint;
  CHECK(fails_for_lack_of(older_only, world.paths({world.intermediate}), cross, world.context()));
  CHECK_FALSE(
      fails_for_lack_of(older_only, world.paths({}), cross, world.context()));  // the issuing CA lacks too
  CHECK_FALSE(
      fails_for_lack_of(older_only, world.paths({world.intermediate, world.cross}), cross, world.context()));
  CHECK_FALSE(
      fails_for_lack_of(holding({"newer"}), world.paths({world.intermediate}), cross, world.context()));
  CHECK_FALSE(fails_for_lack_of(holding({}), world.paths({world.intermediate}), cross, world.context()));
}

TEST_CASE(
    "verdict: a published bundle answers for chains of other CAs, the data for those of the catalogue") {
  const Catalogue twca = Catalogue::twca();
  const TestCa elsewhere{"Elsewhere"};
  const CertificatePtr anchor = root(elsewhere);
  const CertificatePtr leaf = leaf_by(elsewhere);
  CandidatePool pool;
  pool.add(anchor, Source::store);
  SignatureChecker signatures;
  std::vector<JudgedPath> paths;
  for (Path& path : find_paths(leaf, static_cast<Sources>(Source::served), pool, {anchor->fingerprint},
                               SearchLimits{}, signatures)
                        .paths)
    paths.push_back({std::move(path), std::nullopt, {}});
  REQUIRE(paths.size() == 1);

  ClientModel client;
  client.bundle = "some";
  client.whole_store = store_with({anchor, twca.find("twca-cyber-root-ca.self-signed")->certificate});
  client.anchors = {{"twca-global-root-ca.self-signed", {}, {}, {}, {}}};
  const VerdictContext foreign{twca, signatures, judging_day(), false};
  CHECK(judge(client, paths, foreign).verdict == ClientVerdict::trusted);
  client.whole_store = store_with({root(TestCa{"Another"})});
  CHECK(judge(client, paths, foreign).verdict == ClientVerdict::untrusted);
  CHECK(judge(client, {}, foreign).verdict == ClientVerdict::untrusted);

  // Of another catalogue it says nothing.
  World world;
  const VerdictContext brought{world.catalogue, signatures, judging_day(), false};
  CHECK(judge(client, paths, brought).verdict == ClientVerdict::unjudged);
}

TEST_CASE("verdict: what the data say of a root of the catalogue counts, not that the bundle holds it") {
  World world;
  const Catalogue twca = Catalogue::twca();
  ClientModel client;
  client.bundle = "some";
  const CertificatePtr cyber = twca.find("twca-cyber-root-ca.self-signed")->certificate;
  client.whole_store = store_with({cyber});
  Path path;
  path.certificates = {world.leaf, cyber};
  path.from = {static_cast<Sources>(Source::served), static_cast<Sources>(Source::store)};
  const std::vector<JudgedPath> paths{{path, std::nullopt, {}}};
  SignatureChecker signatures;
  const VerdictContext context{twca, signatures, judging_day(), true};
  CHECK(judge(client, paths, context).verdict == ClientVerdict::untrusted);
  client.anchors = {{"twca-cyber-root-ca.self-signed", {}, {}, {}, {}}};
  CHECK(judge(client, paths, context).verdict == ClientVerdict::trusted);
}

TEST_CASE("verdict: a client that limits the lifetime refuses longer leaves from its date on") {
  World world;
  const auto paths = world.paths({world.intermediate, world.cross});
  REQUIRE_FALSE(paths.empty());
  const Certificate& leaf = paths.front().path.leaf();
  const auto days = std::chrono::floor<std::chrono::days>(leaf.not_after - leaf.not_before);
  ClientModel client;
  client.anchors = {{"older", {}, {}, {}, {}}};
  client.lifetimes = {{leaf.not_before, days + std::chrono::days(1)}};
  CHECK(judge(client, paths, world.context()).verdict == ClientVerdict::trusted);
  client.lifetimes = {{leaf.not_before, days - std::chrono::days(1)}};
  const auto refused = judge(client, paths, world.context());
  CHECK(refused.verdict == ClientVerdict::untrusted);
  CHECK(refused.reasons == Reasons{"lifetime"});
  client.lifetimes = {{leaf.not_before + std::chrono::seconds(1), days - std::chrono::days(1)}};
  CHECK(judge(client, paths, world.context()).verdict == ClientVerdict::trusted);
}
