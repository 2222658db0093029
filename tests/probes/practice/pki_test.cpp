#include "probes/practice/pki.h"

#include <set>

#include <doctest/doctest.h>

#include "src/catalogue/catalogue.h"
#include "src/x509/certificate.h"
#include "src/x509/signature.h"

namespace chaintier {
namespace {

constexpr Time issued = std::chrono::sys_days{std::chrono::year{2026} / 9 / 1};
constexpr Time ends = std::chrono::sys_days{std::chrono::year{2027} / 3 / 1};

const PracticePki& pki() {
  static const PracticePki made = PracticePki::create().value();
  return made;
}

const Catalogue& practice_catalogue() {
  static const Catalogue made = Catalogue::from_files(pki().catalogue_files()).value();
  return made;
}

PracticeLeaf wanted_leaf() {
  PracticeLeaf leaf;
  leaf.dns_names = {"www.practice.test", "*.practice.test"};
  leaf.not_before = issued;
  leaf.not_after = ends;
  return leaf;
}

CertificatePtr parsed(const Bytes& der) { return parse_certificate(der).value(); }

TEST_CASE("practice PKI: has the shape of the built-in catalogue, certificate by certificate") {
  const auto real = Catalogue::twca();
  CHECK(real.all().size() == practice_catalogue().all().size());
  for (const auto& expected : real.all()) {
    CAPTURE(expected.slug);
    const auto* made = practice_catalogue().find(expected.slug);
    REQUIRE(made != nullptr);
    CHECK(made->role == expected.role);
    CHECK(made->hierarchy == expected.hierarchy);
    CHECK(made->validation == expected.validation);
    CHECK(made->generation == expected.generation);
    CHECK(made->for_tls == expected.for_tls);
    CHECK(made->revoked.has_value() == expected.revoked.has_value());
    const auto& left = *made->certificate;
    const auto& right = *expected.certificate;
    CHECK(left.not_before == right.not_before);
    CHECK(left.not_after == right.not_after);
    CHECK(left.subject_key_id.has_value() == right.subject_key_id.has_value());
    CHECK(left.authority_key_id.has_value() == right.authority_key_id.has_value());
    CHECK(left.basic_constraints->path_length == right.basic_constraints->path_length);
    CHECK(left.extended_key_usage == right.extended_key_usage);
    CHECK(left.aia_issuers.size() == right.aia_issuers.size());
    CHECK(left.signature_algorithm.digest == right.signature_algorithm.digest);
    CHECK(left.defects.empty());
    // A shared name or key in the real hierarchy is one here too.
    CHECK(practice_catalogue().named(left.subject).size() == real.named(right.subject).size());
    CHECK(practice_catalogue().twins_of(left).size() == real.twins_of(right).size());
  }
}

TEST_CASE("practice PKI: every certificate is signed by the issuer that the catalogue names") {
  SignatureChecker checker;
  for (const auto& ca : practice_catalogue().all()) {
    CAPTURE(ca.slug);
    const auto* issuer = practice_catalogue().issuer_of(*ca.certificate, checker);
    REQUIRE(issuer != nullptr);
    CHECK(issuer->role == CaRole::root);  // TWCA's issuing CAs all stand directly below a root
    CHECK(checker.check(*ca.certificate, issuer->certificate->key) == SignatureState::good);
  }
  const auto foreign = parsed(pki().certificate("foreign-intermediate"));
  CHECK(practice_catalogue().issuer_of(*foreign, checker) == nullptr);
  CHECK(checker.check(*foreign, parsed(pki().certificate("foreign-root"))->key) == SignatureState::good);
}

TEST_CASE("practice PKI: a leaf is issued as asked") {
  auto wanted = wanted_leaf();
  wanted.addresses = {*IpAddress::parse("127.0.0.1"), *IpAddress::parse("::1")};
  wanted.scts = {issued, issued + std::chrono::hours(1)};
  wanted.client_auth = true;
  const auto identity = pki().issue(wanted).value();
  const auto leaf = parsed(identity.certificate);
  CHECK(leaf->defects.empty());
  CHECK(leaf->subject.value("CN") == "www.practice.test");
  CHECK(leaf->subject_alt_name->dns == wanted.dns_names);
  CHECK(leaf->subject_alt_name->ip.size() == 2);
  CHECK(leaf->not_before == issued);
  CHECK(leaf->not_after == ends);
  CHECK(leaf->extended_key_usage->size() == 2);
  REQUIRE(leaf->scts.size() == 2);
  CHECK(leaf->scts[0].time == issued);
  CHECK(leaf->scts[1].time == issued + std::chrono::hours(1));
  CHECK(leaf->key.algorithm == KeyAlgorithm::ec);
  CHECK_FALSE(leaf->is_ca());
  SignatureChecker checker;
  CHECK(practice_catalogue().issuer_of(*leaf, checker) == practice_catalogue().find("twca-ssl-ca-2023"));
  CHECK(identity.key_pem.starts_with("-----BEGIN PRIVATE KEY-----"));
}

TEST_CASE("practice PKI: leaves are all different, and can have RSA keys or sign themselves") {
  auto wanted = wanted_leaf();
  const auto first = pki().issue(wanted).value();
  const auto second = pki().issue(wanted).value();
  CHECK(parsed(first.certificate)->serial != parsed(second.certificate)->serial);
  CHECK(parsed(first.certificate)->key.fingerprint != parsed(second.certificate)->key.fingerprint);

  wanted.key = PracticeKey::rsa_2048;
  const auto rsa = parsed(pki().issue(wanted).value().certificate);
  CHECK(rsa->key.algorithm == KeyAlgorithm::rsa);
  CHECK(rsa->key.bits == 2048);
  CHECK(rsa->may(KeyUse::key_encipherment));

  const auto own = parsed(pki().issue_self_signed(wanted_leaf()).value().certificate);
  CHECK(own->self_issued());
  SignatureChecker checker;
  CHECK(checker.check(*own, own->key) == SignatureState::good);
}

TEST_CASE("practice PKI: asking for what cannot be is a bug of the caller") {
  CHECK_THROWS_AS((void)pki().certificate("no-such-ca"), std::logic_error);
  auto wanted = wanted_leaf();
  wanted.issuer = "no-such-ca";
  CHECK_THROWS_AS((void)pki().issue(wanted), std::logic_error);
  CHECK_THROWS_AS((void)pki().issue(PracticeLeaf{}), std::logic_error);
}

}  // namespace
}  // namespace chaintier
