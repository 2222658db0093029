#include "src/findings/expectation.h"

#include <algorithm>
#include <set>

#include <doctest/doctest.h>

#include "src/findings/balance.h"
#include "src/report/report.h"
#include "tests/support/chain_builder.h"

using namespace chaintier;

namespace {

// The shape of the new product chain: an older root, a cross certificate of the newer one, an issuing CA.
struct Pki {
  TestCa old_root{"Old Root"}, new_root{"New Root"}, issuing{"SSL CA"};
  CertificatePtr older = root(old_root), newer = root(new_root), cross = ca_certificate(new_root, old_root),
                 ssl = ca_certificate(issuing, new_root), leaf = leaf_by(issuing);
};
const Pki& pki() {
  static const Pki one;
  return one;
}

CertificatePtr leaf_from(Time not_before, Time not_after, std::string_view host = "www.example.tw") {
  return leaf_by(pki().issuing, host, [&](Draft& draft) {
    draft.not_before = not_before;
    draft.not_after = not_after;
    draft.serial = der::integer(0x7777);
  });
}

Expectation expect(const std::vector<CertificatePtr>& certificates) {
  SignatureChecker signatures;
  auto result = expectation_of(certificates, signatures);
  if (!result) FAIL(result.error().detail);
  return *result;
}

std::vector<std::string> differences(const Expectation& expectation,
                                     const std::vector<CertificatePtr>& certificates) {
  std::vector<SentPtr> served;
  for (const CertificatePtr& one : certificates) served.push_back(make_sent(one->der));
  std::vector<std::string> result;
  for (const Difference& one : compare_with(expectation.issued.front(), served, certificates).differences)
    result.emplace_back(id(one.kind));
  return result;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("expectation: leaf and chain are found by signature, whatever the order") {
  std::vector<CertificatePtr> files{pki().older, pki().ssl, pki().leaf, pki().cross, pki().leaf};
  std::ranges::sort(files, {}, &Certificate::fingerprint);
  for (int turn = 0; turn < 5; ++turn) {
    const Expectation expectation = expect(files);
    REQUIRE(expectation.issued.size() == 1);
    const IssuedChain& issued = expectation.issued.front();
    CHECK(issued.served == std::vector{pki().leaf, pki().ssl, pki().cross});
    CHECK(issued.root == pki().older);
    std::ranges::rotate(files, files.begin() + 1);
  }
  // Both ways up are there: the longer one is the one to serve.
  CHECK(expect({pki().newer, pki().older, pki().cross, pki().ssl, pki().leaf}).issued[0].served.size() == 3);
  // Three files.
  const Expectation short_one = expect({pki().newer, pki().ssl, pki().leaf});
  CHECK(short_one.issued[0].served == std::vector{pki().leaf, pki().ssl});
  CHECK(short_one.issued[0].root == pki().newer);
}

TEST_CASE("expectation: without a server certificate there is none") {
  SignatureChecker signatures;
  const std::vector<CertificatePtr> authorities{pki().older, pki().ssl};
  CHECK(expectation_of(authorities, signatures).error().detail.find("CA certificates only") !=
        std::string::npos);
  CHECK(expectation_of({}, signatures).error().detail == "it holds no certificate");
}

TEST_CASE("expectation: a self-signed server certificate that says it is a CA") {
  const CertificatePtr lone =
      root(TestCa{"lone"}, [](Draft& draft) { draft.set(subject_alt_name({dns("www.example.tw")})); });
  const Expectation expectation = expect({lone, pki().older});
  REQUIRE(expectation.issued.size() == 1);
  CHECK(expectation.issued[0].served == std::vector{lone});
  CHECK_FALSE(expectation.issued[0].root);
  CHECK(differences(expectation, {lone}).empty());
}

TEST_CASE("expectation: served certificate by certificate") {
  const auto& [old_root, new_root, issuing, older, newer, cross, ssl, leaf] = pki();
  const Expectation four = expect({older, cross, ssl, leaf});
  CHECK(differences(four, {leaf, ssl, cross}).empty());
  CHECK(differences(four, {leaf, ssl, cross, older}).empty());  // the root too
  CHECK(differences(four, {leaf, ssl, ssl, cross}).empty());    // a copy is told by chain.duplicate
  CHECK(differences(four, {leaf}) == Names{"missing", "missing"});
  CHECK(differences(four, {leaf, ssl}) == Names{"missing"});
  CHECK(differences(four, {leaf, cross, ssl}) == Names{"order"});
  CHECK(differences(four, {cross, ssl, leaf}) == Names{"order"});
  // The self-signed newer root has the name of the cross certificate.
  CHECK(differences(four, {leaf, ssl, newer}) == Names{"other_issuer"});
  const CertificatePtr foreign = root(TestCa{"Foreign"});
  CHECK(differences(four, {leaf, ssl, cross, foreign}) == Names{"extra"});
  CHECK(differences(four, {leaf, foreign, cross}) == Names{"missing", "extra"});

  // Three tiers were issued; serving the cross certificate of the root and what stands above is no fault.
  const Expectation three = expect({newer, ssl, leaf});
  CHECK(differences(three, {leaf, ssl}).empty());
  CHECK(differences(three, {leaf, ssl, cross}).empty());
  CHECK(differences(three, {leaf, ssl, cross, older}).empty());
  CHECK(differences(three, {leaf, ssl, older}) == Names{"extra"});

  // server.cer alone: what belongs above it is not known.
  const Expectation alone = expect({leaf});
  CHECK(differences(alone, {leaf, ssl, cross}).empty());
  CHECK(differences(alone, {leaf}).empty());
}

TEST_CASE("expectation: another leaf, by age") {
  const auto& issued = pki();
  const Expectation expectation = expect({issued.ssl, issued.leaf});
  const auto with = [&](const CertificatePtr& leaf) { return differences(expectation, {leaf, issued.ssl}); };
  CHECK(with(leaf_from(day(2025, 6, 1), day(2026, 6, 1))) == Names{"older_leaf"});
  CHECK(with(leaf_from(day(2026, 8, 1), day(2027, 2, 1))) == Names{"newer_leaf"});
  CHECK(with(leaf_from(day(2026, 6, 1), day(2026, 12, 1))) == Names{"leaf"});
}

TEST_CASE("expectation: which of several certificates an answer should have been") {
  const CertificatePtr mail = leaf_from(day(2026, 6, 1), day(2026, 12, 1), "mail.example.tw");
  const CertificatePtr old_www = leaf_from(day(2025, 6, 1), day(2026, 6, 1));
  const Expectation expectation = expect({pki().leaf, mail, old_www, pki().ssl});
  const auto issued = [&](const char* host, const CertificatePtr& leaf, KeyType asked = KeyType::any) {
    const IssuedChain* chain = issued_for(expectation, ReferenceName{host, std::nullopt}, leaf, {asked});
    return chain ? chain->served.front() : nullptr;
  };
  CHECK(issued("www.example.tw", nullptr) == pki().leaf);  // the newest
  CHECK(issued("www.example.tw", old_www) == old_www);     // that very one
  CHECK(issued("mail.example.tw", pki().leaf) == pki().leaf);
  CHECK(issued("mail.example.tw", nullptr) == mail);
  CHECK(issued("other.example.tw", nullptr) == nullptr);
  // Leaves of the tests have EC keys: an answer to a question for RSA is not compared.
  CHECK(issued("www.example.tw", nullptr, KeyType::ecdsa) == pki().leaf);
  CHECK(issued("www.example.tw", nullptr, KeyType::rsa) == nullptr);
  // A wildcard stands for one label.
  const Expectation wild = expect({leaf_by(pki().issuing, "*.example.tw")});
  CHECK(issued_for(wild, ReferenceName{"a.example.tw", std::nullopt}, nullptr, {KeyType::any}));
  CHECK_FALSE(issued_for(wild, ReferenceName{"example.tw", std::nullopt}, nullptr, {KeyType::any}));
  CHECK_FALSE(issued_for(wild, ReferenceName{"a.b.example.tw", std::nullopt}, nullptr, {KeyType::any}));
}
