#include "src/x509/ocsp.h"

#include <algorithm>
#include <functional>
#include <string_view>

#include <doctest/doctest.h>

#include "tests/support/ocsp_response.h"

using namespace chaintier;

namespace {

struct World {
  TestCa ca{"Issuing CA"};
  CertificatePtr issuer = root(ca);
  CertificatePtr certificate = leaf_by(ca);
  SignatureChecker signatures;

  OcspDraft answer() const { return {.certificate = certificate, .issuer = issuer, .signer = ca.key}; }
  Result<OcspAnswer> read(const OcspDraft& draft) {
    return read_ocsp(ocsp_response(draft), *certificate, *issuer, signatures);
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
  OcspDraft revoked = world.answer();
  revoked.status = der::implicit_tag(1, der::sequence({generalized("20260820000000Z")}));
  const auto answer = world.read(revoked);
  REQUIRE(answer.has_value());
  CHECK(answer->status == OcspStatus::revoked);
  CHECK(answer->revoked_at.value() == day(2026, 8, 20));

  OcspDraft unknown = world.answer();
  unknown.status = der::implicit_tag(2, der::null());
  unknown.next_update.reset();
  const auto other = world.read(unknown);
  REQUIRE(other.has_value());
  CHECK(other->status == OcspStatus::unknown);
  CHECK_FALSE(other->next_update);
}

TEST_CASE("OCSP: the certificate named by SHA-256, the responder by its name") {
  World world;
  OcspDraft named_so = world.answer();
  named_so.hash = EVP_sha256();
  named_so.responder = der::explicit_tag(1, world.issuer->subject.der);
  const auto answer = world.read(named_so);
  REQUIRE(answer.has_value());
  CHECK(answer->signature_good);
  // What else stands there is still read.
  OcspDraft broken = named_so;
  broken.in_data = {der::explicit_tag(1, der::null())};
  CHECK(world.read(broken).error().detail == "the response cannot be read");
  // Names match without regard to case (RFC 5280 7.1).
  named_so.responder = der::explicit_tag(1, named("ISSUING  ca"));
  CHECK(world.read(named_so).value().signature_good);
}

TEST_CASE("OCSP: a length that is longer than DER wants changes nothing") {
  World world;
  for (const bool good : {true, false}) {
    OcspDraft answer = world.answer();
    if (!good) answer.signer = TestKey::ec();
    const Bytes der = ocsp_response(answer);
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
  OcspDraft answer = world.answer();
  answer.produced_at.insert(answer.produced_at.begin() + 1, 0x81);  // a length that is longer than needed
  REQUIRE(world.read(answer).has_value());
  CHECK_FALSE(world.read(answer)->signature_good);
}

TEST_CASE("OCSP: several answers, a reason and extensions, RFC 6960 4.2.1 and 4.4") {
  World world;
  const Bytes nonce = der::sequence({der::oid("1.3.6.1.5.5.7.48.1.2"), der::octet_string(Bytes(16, 7))});
  const Bytes extensions = der::explicit_tag(1, der::sequence({nonce}));
  OcspDraft draft = world.answer();
  draft.version = {der::explicit_tag(0, der::integer(1))};
  draft.in_single = draft.in_data = {extensions};
  OcspDraft other = draft;
  other.certificate = leaf_by(TestCa{"Another CA"});
  draft.before = {ocsp_single(other), ocsp_single(other)};
  const Bytes key_compromise = der::explicit_tag(0, der::tlv(0x0a, Bytes{1}));
  draft.status = der::implicit_tag(1, der::sequence({generalized("20260820000000Z"), key_compromise}));
  const auto answer = world.read(draft);
  REQUIRE(answer.has_value());
  CHECK(answer->status == OcspStatus::revoked);
  CHECK(answer->revoked_at.value() == day(2026, 8, 20));
  CHECK(answer->signature_good);
}

TEST_CASE("OCSP: anything where nothing belongs makes it unreadable") {
  World world;
  const auto unreadable = [&](const std::function<void(OcspDraft&)>& change) {
    OcspDraft draft = world.answer();
    change(draft);
    const auto answer = world.read(draft);
    return !answer && answer.error().detail == "the response cannot be read";
  };
  CHECK_FALSE(unreadable([](OcspDraft&) {}));
  const Bytes null = der::null();
  const Bytes key_hash = der::octet_string(Bytes(20, 1));
  CHECK(unreadable([&](OcspDraft& d) { d.in_id = {null}; }));
  CHECK(unreadable([&](OcspDraft& d) { d.in_single = {null}; }));
  CHECK(unreadable([&](OcspDraft& d) { d.in_data = {null}; }));
  CHECK(unreadable([&](OcspDraft& d) { d.in_basic = {null}; }));
  CHECK(unreadable([&](OcspDraft& d) { d.in_bytes = {null}; }));
  CHECK(unreadable([&](OcspDraft& d) { d.at_end = {null}; }));
  CHECK(unreadable([&](OcspDraft& d) { d.in_single = {der::explicit_tag(1, null)}; }));
  CHECK(unreadable([&](OcspDraft& d) { d.in_data = {der::explicit_tag(1, null)}; }));
  CHECK(unreadable([&](OcspDraft& d) { d.in_basic = {der::explicit_tag(0, null)}; }));
  CHECK(unreadable([&](OcspDraft& d) { d.in_basic = {der::explicit_tag(0, der::sequence({null}))}; }));
  CHECK(unreadable([&](OcspDraft& d) { d.before = {null}; }));
  CHECK(unreadable([&](OcspDraft& d) { d.before = {der::sequence({})}; }));
  CHECK(unreadable([&](OcspDraft& d) { d.type = "1.3.6.1.5.5.7.48.1.2"; }));
  CHECK(unreadable([&](OcspDraft& d) { d.version = {der::explicit_tag(0, null)}; }));
  CHECK(unreadable([&](OcspDraft& d) { d.response_status = null; }));
  CHECK(unreadable([&](OcspDraft& d) { d.response_status = der::tlv(0x0a, Bytes{1, 0}); }));
  CHECK(unreadable([&](OcspDraft& d) { d.status = null; }));
  CHECK(unreadable([&](OcspDraft& d) { d.status = der::tlv(0x80, Bytes{0}); }));
  CHECK(unreadable([&](OcspDraft& d) { d.status = der::tlv(0x82, Bytes{0}); }));
  CHECK(unreadable([&](OcspDraft& d) { d.status = der::explicit_tag(1, null); }));
  for (const Bytes& reason : {null, der::explicit_tag(0, null), der::explicit_tag(1, null)})
    CHECK(unreadable([&](OcspDraft& d) {
      d.status = der::implicit_tag(1, der::sequence({generalized("20260820000000Z"), reason}));
    }));
  for (const Bytes& next : {null, der::join({generalized("20260908000000Z"), null})})
    CHECK(unreadable([&](OcspDraft& d) { d.next_update = der::explicit_tag(0, next); }));
  for (const Bytes& key : {null, der::join({key_hash, null})})
    CHECK(unreadable([&](OcspDraft& d) { d.responder = der::explicit_tag(2, key); }));
  CHECK(unreadable([&](OcspDraft& d) { d.responder = der::explicit_tag(1, null); }));
  CHECK(unreadable([&](OcspDraft& d) { d.responder = der::explicit_tag(3, key_hash); }));
  CHECK(unreadable([&](OcspDraft& d) { d.produced_at = null; }));
  const Bytes whole = ocsp_response(world.answer());
  for (std::size_t size = 0; size < whole.size(); ++size)
    CHECK_FALSE(read_ocsp(ByteView(whole).first(size), *world.certificate, *world.issuer, world.signatures)
                    .has_value());
}

TEST_CASE("OCSP: another key, or another responder's name, is no signature of the issuer") {
  World world;
  OcspDraft forged = world.answer();
  forged.signer = TestKey::ec();
  REQUIRE(world.read(forged).has_value());
  CHECK_FALSE(world.read(forged)->signature_good);

  OcspDraft stranger = world.answer();
  stranger.responder = der::explicit_tag(1, named("Somebody else"));
  REQUIRE(world.read(stranger).has_value());
  CHECK_FALSE(world.read(stranger)->signature_good);
}

TEST_CASE("OCSP: one changed octet of the data") {
  World world;
  Bytes changed = ocsp_response(world.answer());
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
    OcspDraft answer = world.answer();
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
  OcspDraft other = world.answer();
  other.certificate = leaf_by(TestCa{"Another CA"});
  CHECK(world.read(other).error().detail == "the response is about another certificate");
  OcspDraft other_key = world.answer();
  other_key.issuer = root(TestCa{"Issuing CA"});
  CHECK(world.read(other_key).error().detail == "the response is about another certificate");

  OcspDraft other_serial = world.answer();
  other_serial.serial = der::integer(0x1235);
  CHECK(world.read(other_serial).error().detail == "the response is about another certificate");

  const Bytes try_later = der::sequence({der::tlv(0x0a, Bytes{3})});
  CHECK(read_ocsp(try_later, *world.certificate, *world.issuer, world.signatures).error().detail ==
        "the responder answered \"trylater\"");
  CHECK_FALSE(
      read_ocsp(bytes_of("no response"), *world.certificate, *world.issuer, world.signatures).has_value());
  CHECK_FALSE(read_ocsp({}, *world.certificate, *world.issuer, world.signatures).has_value());
}
