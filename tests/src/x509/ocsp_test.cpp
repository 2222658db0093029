#include "src/x509/ocsp.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include <doctest/doctest.h>
#include <openssl/evp.h>

#include "tests/support/chain_builder.h"

using namespace chaintier;

namespace {

Bytes generalized(std::string_view text) { return der::tlv(der::generalized_time_tag, text); }

Bytes digest(const EVP_MD* method, ByteView content) {
  Bytes result(static_cast<std::size_t>(EVP_MD_get_size(method)));
  EVP_Digest(content.data(), content.size(), result.data(), nullptr, method, nullptr);
  return result;
}

// The content of the BIT STRING at the end of a SubjectPublicKeyInfo of a P-256 key.
ByteView key_bits(const Certificate& issuer) { return ByteView(issuer.key.spki).last(65); }

// What a response says, RFC 6960 4.2.1, as the tests want it.
struct Answer {
  CertificatePtr certificate, issuer;
  Bytes status = der::implicit_tag(0, der::null());  // good
  std::string_view this_update = "20260901000000Z";
  std::optional<Bytes> next_update = der::explicit_tag(0, generalized("20260908000000Z"));
  const EVP_MD* hash = EVP_sha1();
  std::optional<Bytes> responder{};  // ResponderID; the issuer's key when absent
  Bytes produced_at = generalized("20260901000000Z");
  TestKey signer;
  std::vector<Bytes> certificates{};  // of a delegated responder
};

Bytes response(const Answer& answer) {
  const char* const oid = answer.hash == EVP_sha1() ? "1.3.14.3.2.26" : "2.16.840.1.101.3.4.2.1";
  const Bytes id =
      der::sequence({der::sequence({der::oid(oid), der::null()}),
                     der::octet_string(digest(answer.hash, answer.certificate->issuer.der)),
                     der::octet_string(digest(answer.hash, key_bits(*answer.issuer))), der::integer(0x1234)});
  std::vector<Bytes> single{id, answer.status, generalized(answer.this_update)};
  if (answer.next_update) single.push_back(*answer.next_update);
  const Bytes responder = answer.responder.value_or(
      der::explicit_tag(2, der::octet_string(digest(EVP_sha1(), key_bits(*answer.issuer)))));
  const Bytes data = der::sequence({responder, answer.produced_at, der::sequence({der::sequence(single)})});
  std::vector<Bytes> basic{data, answer.signer.algorithm("SHA256"),
                           der::bit_string(answer.signer.sign(data, "SHA256"))};
  if (!answer.certificates.empty()) basic.push_back(der::explicit_tag(0, der::sequence(answer.certificates)));
  const Bytes bytes =
      der::sequence({der::oid("1.3.6.1.5.5.7.48.1.1"), der::octet_string(der::sequence(basic))});
  return der::sequence({der::tlv(0x0a, Bytes{0}), der::explicit_tag(0, bytes)});
}

struct World {
  TestCa ca{"Issuing CA"};
  CertificatePtr issuer = root(ca);
  CertificatePtr certificate = leaf_by(ca);
  SignatureChecker signatures;

  Answer answer() const { return {.certificate = certificate, .issuer = issuer, .signer = ca.key}; }
  Result<OcspAnswer> read(const Answer& answer) {
    return read_ocsp(response(answer), *certificate, *issuer, signatures);
  }
};

TestExtension ocsp_signing() { return extended_key_usage({"1.3.6.1.5.5.7.3.9"}); }

}  // namespace

TEST_CASE("OCSP: what it says and when, signed by the issuer") {
  World world;
  const auto answer = world.read(world.answer());
  REQUIRE(answer.has_value());
  CHECK(answer->status == OcspStatus::good);
  CHECK(answer->this_update == day(2026, 9, 1));
  CHECK(answer->next_update.value() == day(2026, 9, 8));
  CHECK_FALSE(answer->revoked_at);
  CHECK(answer->signature_good);
}

TEST_CASE("OCSP: revoked, with its date; unknown; without an end") {
  World world;
  Answer revoked = world.answer();
  revoked.status = der::implicit_tag(1, der::sequence({generalized("20260820000000Z")}));
  const auto answer = world.read(revoked);
  REQUIRE(answer.has_value());
  CHECK(answer->status == OcspStatus::revoked);
  CHECK(answer->revoked_at.value() == day(2026, 8, 20));

  Answer unknown = world.answer();
  unknown.status = der::implicit_tag(2, der::null());
  unknown.next_update.reset();
  const auto other = world.read(unknown);
  REQUIRE(other.has_value());
  CHECK(other->status == OcspStatus::unknown);
  CHECK_FALSE(other->next_update);
}

TEST_CASE("OCSP: the certificate named by SHA-256, the responder by its name") {
  World world;
  Answer named_so = world.answer();
  named_so.hash = EVP_sha256();
  named_so.responder = der::explicit_tag(1, world.issuer->subject.der);
  const auto answer = world.read(named_so);
  REQUIRE(answer.has_value());
  CHECK(answer->signature_good);
}

TEST_CASE("OCSP: a length that is longer than DER wants changes nothing") {
  World world;
  for (const bool good : {true, false}) {
    Answer answer = world.answer();
    if (!good) answer.signer = TestKey::ec();
    const Bytes der = response(answer);
    REQUIRE(der[1] == 0x82);  // two octets of length follow
    Bytes ber{der[0], 0x83, 0};
    ber.insert(ber.end(), der.begin() + 2, der.end());
    const auto read = read_ocsp(ber, *world.certificate, *world.issuer, world.signatures);
    REQUIRE(read.has_value());
    CHECK(read->signature_good == good);
  }
}

TEST_CASE("OCSP: what is signed is DER, RFC 6960 4.2.1") {
  World world;
  Answer answer = world.answer();
  answer.produced_at.insert(answer.produced_at.begin() + 1, 0x81);  // a length that is longer than needed
  REQUIRE(world.read(answer).has_value());
  CHECK_FALSE(world.read(answer)->signature_good);
}

TEST_CASE("OCSP: another key, or another responder's name, is no signature of the issuer") {
  World world;
  Answer forged = world.answer();
  forged.signer = TestKey::ec();
  REQUIRE(world.read(forged).has_value());
  CHECK_FALSE(world.read(forged)->signature_good);

  Answer stranger = world.answer();
  stranger.responder = der::explicit_tag(1, named("Somebody else"));
  REQUIRE(world.read(stranger).has_value());
  CHECK_FALSE(world.read(stranger)->signature_good);
}

TEST_CASE("OCSP: one changed octet of the data") {
  World world;
  Bytes changed = response(world.answer());
  const std::string_view wanted = "20260908";
  const auto at = std::search(changed.begin(), changed.end(), wanted.begin(), wanted.end());
  REQUIRE(at != changed.end());
  at[7] = '9';
  const auto answer = read_ocsp(changed, *world.certificate, *world.issuer, world.signatures);
  REQUIRE(answer.has_value());
  CHECK(answer->next_update.value() == day(2026, 9, 9));
  CHECK_FALSE(answer->signature_good);
}

TEST_CASE("OCSP: a responder that the issuer named for it, RFC 6960 4.2.2.2") {
  World world;
  const TestKey key = TestKey::ec();
  const auto delegated = [&](const TestCa& by, const TestExtension& usage) {
    Draft draft;
    draft.issuer = named(by.name);
    draft.subject = named("Responder");
    draft.extensions = {usage};
    Answer answer = world.answer();
    answer.signer = key;
    answer.responder = der::explicit_tag(1, draft.subject);
    answer.certificates = {issue(draft, key, by.key)};
    return world.read(answer);
  };
  REQUIRE(delegated(world.ca, ocsp_signing()).has_value());
  CHECK(delegated(world.ca, ocsp_signing())->signature_good);
  CHECK_FALSE(delegated(world.ca, extended_key_usage({oids::server_auth}))->signature_good);
  CHECK_FALSE(delegated(TestCa{world.ca.name}, ocsp_signing())->signature_good);
}

TEST_CASE("OCSP: about another certificate, an error message, no response at all") {
  World world;
  Answer other = world.answer();
  other.certificate = leaf_by(TestCa{"Another CA"});
  CHECK(world.read(other).error().detail == "the response is about another certificate");
  Answer other_key = world.answer();
  other_key.issuer = root(TestCa{"Issuing CA"});
  CHECK(world.read(other_key).error().detail == "the response is about another certificate");

  const Bytes try_later = der::sequence({der::tlv(0x0a, Bytes{3})});
  CHECK(read_ocsp(try_later, *world.certificate, *world.issuer, world.signatures).error().detail ==
        "the responder answered \"trylater\"");
  CHECK_FALSE(
      read_ocsp(bytes_of("no response"), *world.certificate, *world.issuer, world.signatures).has_value());
  CHECK_FALSE(read_ocsp({}, *world.certificate, *world.issuer, world.signatures).has_value());
}
