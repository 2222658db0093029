#include "src/paths/path_search.h"

#include <algorithm>
#include <cstring>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/chain_builder.h"

using namespace chaintier;

namespace {

using Anchors = std::unordered_set<CertFingerprint>;

Anchors anchors(const std::vector<CertificatePtr>& certificates) {
  Anchors result;
  for (const auto& certificate : certificates) result.insert(certificate->fingerprint);
  return result;
}

CandidatePool pool_of(const std::vector<CertificatePtr>& certificates, Source from = Source::served) {
  CandidatePool pool;
  for (const auto& certificate : certificates) pool.add(certificate, from);
  return pool;
}

SearchResult search(const CertificatePtr& leaf, const CandidatePool& pool, const Anchors& held,
                    const SearchLimits& limits = {}) {
  SignatureChecker signatures;
  return find_paths(leaf, static_cast<Sources>(Source::served), pool, held, limits, signatures);
}

std::set<std::vector<CertificatePtr>> lists(const SearchResult& result) {
  std::set<std::vector<CertificatePtr>> paths;
  for (const Path& path : result.paths) paths.insert(path.certificates);
  CHECK(paths.size() == result.paths.size());  // none is found twice
  return paths;
}

using Paths = std::set<std::vector<CertificatePtr>>;

std::vector<TestCa> cas(std::size_t count) {
  std::vector<TestCa> result;
  for (std::size_t i = 0; i < count; ++i) result.push_back({"CA " + std::to_string(i)});
  return result;
}

// Every CA has a self-signed certificate and one from each of the others.
struct Mesh {
  std::vector<CertificatePtr> all, roots;
  CertificatePtr leaf;
};
Mesh mesh(std::size_t count) {
  Mesh result;
  const auto members = cas(count);
  for (const TestCa& subject : members)
    for (const TestCa& issuer : members) {
      result.all.push_back(ca_certificate(subject, issuer));
      if (&subject == &issuer) result.roots.push_back(result.all.back());
    }
  result.leaf = leaf_by(members.front());
  return result;
}

}  // namespace

TEST_CASE("path search: one chain") {
  const TestCa top{"Root"}, middle{"Middle"};
  const auto anchor = root(top);
  const auto intermediate = ca_certificate(middle, top);
  const auto leaf = leaf_by(middle);
  CandidatePool pool = pool_of({intermediate});
  pool.add(anchor, Source::store);
  pool.add(anchor, Source::catalogue);
  const auto result = search(leaf, pool, anchors({anchor}));
  REQUIRE(result.paths.size() == 1);
  const Path& path = result.paths.front();
  CHECK(path.certificates == std::vector{leaf, intermediate, anchor});
  CHECK(path.from == std::vector<Sources>{static_cast<Sources>(Source::served),
                                          static_cast<Sources>(Source::served),
                                          Source::store | Source::catalogue});
  CHECK(path.problems.empty());
  CHECK(path.tiers() == 3);
  CHECK_FALSE(result.budget_hit);
}

TEST_CASE("path search: without an anchor there is no path") {
  const TestCa top{"Root"};
  const auto anchor = root(top);
  CHECK(search(leaf_by(top), pool_of({anchor}), {}).paths.empty());
  CHECK(search(leaf_by(top), pool_of({}), anchors({anchor}))
            .paths.empty());  // an anchor that nobody holds in hand
}

TEST_CASE("path search: a mesh of cross-signed CAs gives each simple path once") {
  // Leaf, then any order of any of the others: 1 + 6 + 30 + 120 + 360 + 720 + 720 paths for seven CAs.
  const Mesh seven = mesh(7);
  const auto result = search(seven.leaf, pool_of(seven.all), anchors(seven.roots));
  CHECK(result.paths.size() == 1957);
  CHECK(lists(result).size() == 1957);
  CHECK_FALSE(result.budget_hit);
  CHECK(std::ranges::is_sorted(result.paths, {}, &Path::tiers));
  CHECK(result.paths.front().tiers() == 2);
  CHECK(result.paths.back().tiers() == 8);
  for (const Path& path : result.paths) REQUIRE(path.from.size() == path.certificates.size());
}

TEST_CASE("path search: nine of them are more than the budget, and that is said") {
  const Mesh nine = mesh(9);  // 109,601 paths
  SignatureChecker signatures;
  const SearchLimits limits;
  const auto result = find_paths(nine.leaf, 1, pool_of(nine.all), anchors(nine.roots), limits, signatures);
  CHECK(result.paths.size() > 1957);
  CHECK(result.paths.size() <= limits.paths);
  CHECK(result.budget_hit);
  CHECK(signatures.checks_done() <= 82);  // each certificate by its issuer's key once, however many paths
}

TEST_CASE("path search: a budget cuts the longest paths, and never a short one behind many long ones") {
  const Mesh nine = mesh(9);
  const TestCa outside{"Held by the client"};
  const auto anchor = root(outside);
  // The way out is the last of the issuers to be tried.
  CandidatePool pool = pool_of(nine.all);
  const auto way_out = leaf_by(outside, "www.example.tw", [&](Draft& d) {
    d.subject = nine.roots.front()->subject.der;
    d.spki = nine.roots.front()->key.spki;
  });
  pool.add(way_out, Source::served);
  pool.add(anchor, Source::store);
  const auto result = search(nine.leaf, pool, anchors({anchor}));
  CHECK(result.budget_hit);
  CHECK(lists(result).contains({nine.leaf, way_out, anchor}));
}

TEST_CASE("path search: each limit is kept, and told") {
  const Mesh five = mesh(5);  // 65 paths
  const auto pool = pool_of(five.all);
  const auto held = anchors(five.roots);
  SearchLimits limits;
  const auto whole = search(five.leaf, pool, held);
  CHECK(whole.paths.size() == 65);
  SUBCASE("paths") {
    limits.paths = 10;
    const auto result = search(five.leaf, pool, held, limits);
    CHECK(result.paths.size() == 10);
    CHECK(result.budget_hit);
  }
  SUBCASE("as many paths as there are is no cut") {
    limits.paths = 65;
    const auto result = search(five.leaf, pool, held, limits);
    CHECK(result.paths.size() == 65);
    CHECK_FALSE(result.budget_hit);
  }
  SUBCASE("steps") {
    limits.steps = 50;
    const auto result = search(five.leaf, pool, held, limits);
    CHECK(result.paths.size() < 65);
    CHECK(result.paths.size() > 0);
    CHECK(result.budget_hit);
  }
  SUBCASE("signature checks") {
    limits.signature_checks = 4;
    const auto result = search(five.leaf, pool, held, limits);
    CHECK(result.paths.size() < 65);
    CHECK(result.budget_hit);
  }
  SUBCASE("depth") {
    limits.depth = 3;
    const auto result = search(five.leaf, pool, held, limits);
    CHECK(result.paths.size() == 5);  // straight to the root, or over one of four others
    CHECK(result.paths.back().tiers() == 3);
    CHECK(result.budget_hit);
  }
}

TEST_CASE("path search: what was checked before for another chain changes nothing") {
  const Mesh five = mesh(5);
  const auto pool = pool_of(five.all);
  const auto held = anchors(five.roots);
  SearchLimits limits;
  limits.signature_checks = 4;
  SignatureChecker shared;
  const auto first = find_paths(five.leaf, 1, pool, held, limits, shared);
  const auto second = find_paths(five.leaf, 1, pool, held, limits, shared);
  CHECK(first.budget_hit);
  CHECK(second.budget_hit);
  CHECK(lists(first) == lists(second));
}

TEST_CASE("path search: ten thousand certificates of one name") {
  const TestCa top{"Root"};
  const auto anchor = root(top);
  CandidatePool pool;
  // Of the name, with a key that made nothing here, and without key identifier: each has to be tried.
  const TestCa other{"Root"};
  const Bytes one =
      root(other, [](Draft& d) { d.drop(oids::subject_key_id).drop(oids::authority_key_id); })->der;
  auto model = *parsed(one);
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    auto copy = std::make_shared<Certificate>(model);
    std::memcpy(copy->fingerprint.bytes.data(), &i, sizeof i);
    std::memcpy(copy->key.fingerprint.bytes.data(), &i, sizeof i);
    pool.add(copy, Source::pool);
  }
  SUBCASE("the right one is found by its key identifier at once") {
    pool.add(anchor, Source::store);
    SearchLimits limits;
    const auto result = search(leaf_by(top), pool, anchors({anchor}), limits);
    CHECK(lists(result) == Paths{{result.paths.front().certificates.front(), anchor}});
    CHECK(result.budget_hit);  // 7,000 of the others were not tried
  }
  SUBCASE("it ends, and says that it was cut") {
    SearchLimits limits;
    limits.signature_checks = 100;
    SignatureChecker signatures;
    const auto result = find_paths(leaf_by(top), 1, pool, anchors({anchor}), limits, signatures);
    CHECK(result.paths.empty());
    CHECK(result.budget_hit);
    CHECK(signatures.checks_done() <= 100);
  }
}

TEST_CASE("path search: a name does not make an issuer, the key does") {
  const TestCa old_ca{"TWCA Root"}, new_ca{"TWCA Root"};
  const auto old_root = root(old_ca);
  const auto new_root = root(new_ca);
  const auto leaf = leaf_by(new_ca);
  const auto result = search(leaf, pool_of({old_root, new_root}), anchors({old_root, new_root}));
  CHECK(lists(result) == Paths{{leaf, new_root}});
}

TEST_CASE("path search: names match by RFC 5280 7.1, not octet by octet") {
  const TestCa top{"TWCA  Root"};
  const auto anchor = root(top);
  const auto leaf = leaf_by(top, "www.example.tw", [](Draft& d) {
    d.issuer = name_of({{oids::common_name, der::tlv(der::printable_tag, "twca root")}});
  });
  CHECK(search(leaf, pool_of({anchor}), anchors({anchor})).paths.size() == 1);
}

TEST_CASE("path search: the key identifier orders and refuses nothing") {
  const TestCa top{"Root"}, middle{"Middle"};
  const auto anchor = root(top);
  const Bytes other_id(20, 7);
  const auto mismatching = ca_certificate(middle, top, [&](Draft& d) { d.set(subject_key_id(other_id)); });
  const auto without = ca_certificate(middle, top, [](Draft& d) { d.drop(oids::subject_key_id); });
  const auto matching = ca_certificate(middle, top);
  const auto leaf = leaf_by(middle);

  const CandidatePool pool = pool_of({mismatching, without, matching, anchor});
  const auto issuers = pool.issuers_of(*leaf);
  REQUIRE(issuers.size() == 3);
  CHECK(issuers[0]->certificate == matching);
  CHECK(issuers[1]->certificate == without);
  CHECK(issuers[2]->certificate == mismatching);
  CHECK(search(leaf, pool, anchors({anchor})).paths.size() == 3);
  CHECK(search(leaf, pool_of({mismatching, anchor}), anchors({anchor})).paths.size() == 1);
}

TEST_CASE("path search: two CAs that certify each other end") {
  const TestCa a{"A"}, b{"B"};
  const auto a_by_b = ca_certificate(a, b);
  const auto b_by_a = ca_certificate(b, a);
  CHECK(search(leaf_by(a), pool_of({a_by_b, b_by_a}), {}).paths.empty());
  const auto anchor = root(b);
  const auto leaf = leaf_by(a);
  CHECK(lists(search(leaf, pool_of({a_by_b, b_by_a, anchor}), anchors({anchor}))) ==
        Paths{{leaf, a_by_b, anchor}});
}

TEST_CASE("path search: no CA twice in a path, whichever of its certificates") {
  const TestCa top{"Root"}, middle{"Middle"};
  const auto anchor = root(top);
  const auto renewed = root(top, [](Draft& d) { d.not_after = day(2050, 1, 1); });
  const auto intermediate = ca_certificate(middle, top);
  const auto leaf = leaf_by(middle);
  // Both self-signed certificates verify with one key: neither may stand above the other.
  CHECK(lists(search(leaf, pool_of({intermediate, anchor, renewed}), anchors({anchor, renewed}))) ==
        Paths{{leaf, intermediate, anchor}, {leaf, intermediate, renewed}});
}

TEST_CASE("path search: a self-signed certificate in the middle is passed by its twin") {
  const TestCa older{"Older Root"}, newer{"Newer Root"};
  const auto older_root = root(older);
  const auto newer_root = root(newer);
  const auto cross = ca_certificate(newer, older);
  const auto leaf = leaf_by(newer);
  // The client holds the older root only: what is self-signed leads nowhere, the cross certificate does.
  CHECK(lists(search(leaf, pool_of({newer_root, cross, older_root}), anchors({older_root}))) ==
        Paths{{leaf, cross, older_root}});
  CHECK(search(leaf, pool_of({newer_root, older_root}), anchors({older_root})).paths.empty());
}

TEST_CASE("path search: an anchor that is itself certified ends a path and is passed by another") {
  const TestCa older{"Older Root"}, newer{"Newer Root"};
  const auto older_root = root(older);
  const auto cross = ca_certificate(newer, older);
  const auto leaf = leaf_by(newer);
  const auto result = search(leaf, pool_of({cross, older_root}), anchors({cross, older_root}));
  CHECK(lists(result) == Paths{{leaf, cross}, {leaf, cross, older_root}});
  CHECK(result.paths.front().tiers() == 2);
}

TEST_CASE("path search: a leaf that is an anchor stands alone, and may have an issuer too") {
  const TestCa top{"Root"};
  const auto anchor = root(top);
  const auto leaf = leaf_by(top);
  CHECK(lists(search(leaf, pool_of({}), anchors({leaf}))) == Paths{{leaf}});
  CHECK(lists(search(leaf, pool_of({anchor}), anchors({leaf, anchor}))) == Paths{{leaf}, {leaf, anchor}});
  const auto self = root(top);
  CHECK(lists(search(self, pool_of({self}), anchors({self}))) == Paths{{self}});
}

TEST_CASE("path search: a signature that cannot be checked is a problem of the path, a bad one no path") {
  // One RSA key with two identifiers; the second forbids what the first has signed.
  const TestCa top{"Root", TestKey::rsa()};
  const Bytes plain = top.key.spki();
  const Bytes bound =
      der::sequence({top.key.algorithm("SHA256", true), Bytes(plain.begin() + 19, plain.end())});
  const auto anchor = root(top, [&](Draft& d) { d.spki = bound; });
  REQUIRE(anchor->key.algorithm == KeyAlgorithm::rsa_pss);
  const auto leaf = leaf_by(top);
  const auto result = search(leaf, pool_of({anchor}), anchors({anchor}));
  REQUIRE(result.paths.size() == 1);
  CHECK(result.paths.front().problems == std::vector{PathProblem{0, Problem::signature_unsupported}});

  const auto forged = leaf_by(TestCa{"Root", TestKey::rsa()});
  CHECK(search(forged, pool_of({anchor}), anchors({anchor})).paths.empty());
}

TEST_CASE("candidate pool: each certificate once, with all its places") {
  const auto one = root(TestCa{"One"});
  const auto same = parsed(one->der);
  CandidatePool pool;
  pool.add(one, Source::served);
  pool.add(same, Source::catalogue);
  pool.add(root(TestCa{"Two"}), Source::pool);
  const auto named = pool.issuers_of(*leaf_by(TestCa{"One"}));
  CHECK(named.size() == 1);
  REQUIRE(pool.find(one->fingerprint));
  CHECK(pool.find(one->fingerprint)->from == (Source::served | Source::catalogue));
  CHECK(pool.find(CertFingerprint{}) == nullptr);
}
