#include "src/x509/certificate.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "probes/practice/pki.h"
#include "tests/support/chain_builder.h"

using namespace chaintier;

namespace {

const TestCa& ca() {
  static const TestCa one{"Test CA"};
  return one;
}

CertificatePtr leaf(const Change& change = {}) { return leaf_by(ca(), "www.example.tw", change); }

std::set<Defect> defects_of(const Certificate& certificate) {
  return {certificate.defects.begin(), certificate.defects.end()};
}

Bytes repeated(std::uint8_t octet, std::size_t times) { return Bytes(times, octet); }

void add_unknown(int count, Draft& to) {
  for (int i = 0; i < count; ++i) to.extensions.push_back({"1.2.3." + std::to_string(i), false, der::null()});
}

TestExtension known(std::string_view oid, Bytes value) { return {std::string(oid), false, std::move(value)}; }

}  // namespace

TEST_CASE("certificate: every field of an ordinary one") {
  const auto pki = PracticePki::create().value();
  PracticeLeaf wish;
  wish.dns_names = {"www.example.tw", "*.example.tw"};
  wish.addresses = {*IpAddress::parse("192.0.2.7"), *IpAddress::parse("2001:db8::7")};
  wish.not_before = day(2026, 6, 1);
  wish.not_after = day(2026, 12, 1);
  wish.scts = {day(2026, 6, 1), day(2026, 6, 2)};
  const auto read = parsed(pki.issue(wish).value().certificate);

  CHECK(read->defects.empty());
  CHECK(read->version == 3);
  CHECK(read->serial.size() == 32);
  CHECK(read->subject.value("CN") == "www.example.tw");
  CHECK(read->issuer.value("CN") == "Practice SSL Certification Authority");
  CHECK(read->not_before == wish.not_before);
  CHECK(read->not_after == wish.not_after);
  CHECK(read->key.name == "EC");
  CHECK(read->key.curve == "P-256");
  CHECK(read->key.bits == 256);
  CHECK(read->signature_algorithm.name == "ecdsa-with-SHA256");
  CHECK(read->signature_algorithm.digest == DigestStrength::strong);
  REQUIRE(read->subject_alt_name);
  CHECK(read->subject_alt_name->dns == wish.dns_names);
  REQUIRE(read->subject_alt_name->ip.size() == 2);
  CHECK(read->subject_alt_name->ip[0] == Bytes{192, 0, 2, 7});
  CHECK(read->subject_alt_name->ip[1].size() == 16);
  CHECK(read->may(KeyUse::digital_signature));
  CHECK_FALSE(read->may(KeyUse::key_cert_sign));
  CHECK(*read->extended_key_usage == std::vector<std::string>{std::string(oids::server_auth)});
  CHECK(*read->policies == std::vector<std::string>{"1.3.6.1.4.1.40869.1.1.21", "2.23.140.1.2.2"});
  CHECK_FALSE(read->is_ca());
  CHECK_FALSE(read->self_issued());
  REQUIRE(read->scts.size() == 2);
  CHECK(read->scts[0].time == wish.scts[0]);
  CHECK(read->scts[1].time == wish.scts[1]);
  CHECK(read->scts[0].log_id.size() == 64);
  CHECK(read->aia_issuers.size() == 1);
  CHECK(read->ocsp.size() == 1);
  CHECK(read->crls.size() == 1);
  CHECK(read->authority_key_id->key_id == parsed(pki.certificate("twca-ssl-ca-2023"))->subject_key_id);
  CHECK(read->fingerprint == CertFingerprint::of(read->der));
  CHECK(read->key.fingerprint == KeyFingerprint::of(read->key.spki));
}

TEST_CASE("certificate: what X.509 forbids is recorded, and the certificate is read all the same") {
  struct Row {
    const char* what;
    Change change;
    std::set<Defect> defects;
  };
  const std::vector<Row> rows{
      {"nothing", [](Draft&) {}, {}},
      {"v1 with extensions", [](Draft& d) { d.version = std::nullopt; }, {Defect::version_not_v3}},
      {"v1 written out",
       [](Draft& d) {
         d.version = 0;
         d.extensions.clear();
       },
       {Defect::version_not_v3}},
      {"v2 with extensions", [](Draft& d) { d.version = 1; }, {Defect::version_not_v3}},
      {"v4", [](Draft& d) { d.version = 3; }, {Defect::version_not_v3}},
      {"version -1", [](Draft& d) { d.version = -1; }, {Defect::version_not_v3}},
      {"version beyond any", [](Draft& d) { d.version = INT64_MAX; }, {Defect::version_not_v3}},
      {"serial 0", [](Draft& d) { d.serial = der::integer(0); }, {Defect::serial_zero}},
      {"serial -5", [](Draft& d) { d.serial = der::integer(-5); }, {Defect::serial_negative}},
      {"serial of 20 octets",
       [](Draft& d) { d.serial = der::tlv(der::integer_tag, repeated(0x7f, 20)); },
       {}},
      {"serial of 21 octets",
       [](Draft& d) { d.serial = der::tlv(der::integer_tag, repeated(0x7f, 21)); },
       {Defect::serial_too_long}},
      {"serial of 4000 octets",
       [](Draft& d) { d.serial = der::tlv(der::integer_tag, repeated(0x7f, 4000)); },
       {Defect::serial_too_long}},
      {"another algorithm inside",
       [](Draft& d) { d.inner_algorithm = der::sequence({der::oid("1.2.840.10045.4.3.3")}); },
       {Defect::algorithm_mismatch}},
      {"UTCTime without seconds",
       [](Draft& d) { d.not_before_element = der::tlv(der::utc_time_tag, "2606010000Z"); },
       {Defect::bad_time}},
      {"UTCTime with offset",
       [](Draft& d) { d.not_before_element = der::tlv(der::utc_time_tag, "260601080000+0800"); },
       {Defect::bad_time}},
      {"GeneralizedTime with a fraction",
       [](Draft& d) { d.not_after_element = der::tlv(der::generalized_time_tag, "20261201000000.5Z"); },
       {Defect::bad_time}},
      {"30 February",
       [](Draft& d) { d.not_after_element = der::tlv(der::utc_time_tag, "270230000000Z"); },
       {Defect::bad_time}},
      {"words for a time",
       [](Draft& d) { d.not_after_element = der::tlv(der::utc_time_tag, "next Tuesday."); },
       {Defect::bad_time}},
      {"empty time",
       [](Draft& d) { d.not_after_element = der::tlv(der::utc_time_tag, ""); },
       {Defect::bad_time}},
      {"empty issuer", [](Draft& d) { d.issuer = der::sequence({}); }, {Defect::empty_issuer}},
      {"empty subject", [](Draft& d) { d.subject = der::sequence({}); }, {}},
      {"NUL in the common name",
       [](Draft& d) { d.subject = named(std::string_view("www.example.tw\0.evil.tw", 23)); },
       {Defect::bad_name}},
      {"an extension twice",
       [](Draft& d) { d.extensions.push_back(subject_alt_name({dns("other.example.tw")})); },
       {Defect::extension_repeated}},
      {"an unknown extension twice",
       [](Draft& d) {
         d.extensions.push_back({"1.2.3.4", false, der::null()});
         d.extensions.push_back({"1.2.3.4", false, der::null()});
       },
       {Defect::extension_repeated}},
      {"forty unknown extensions", [](Draft& d) { add_unknown(40, d); }, {}},
      {"forty unknown extensions, and one of the first again",
       [](Draft& d) {
         add_unknown(40, d);
         add_unknown(1, d);
       },
       {Defect::extension_repeated}},
      {"forty unknown extensions, and the last again",
       [](Draft& d) {
         add_unknown(40, d);
         d.extensions.push_back(d.extensions.back());
       },
       {Defect::extension_repeated}},
      {"alternative names that are none",
       [](Draft& d) {
         d.set(known(oids::subject_alt_name, {0x04, 0x01}));
       },
       {Defect::bad_extension}},
      {"alternative names with something behind",
       [](Draft& d) {
         auto names = subject_alt_name({dns("www.example.tw")});
         names.value.push_back(0);
         d.set(names);
       },
       {Defect::bad_extension}},
      {"an extension without content",
       [](Draft& d) { d.set(known(oids::key_usage, {})); },
       {Defect::bad_extension}},
      {"a policy twice",
       [](Draft& d) {
         d.set(policies({"2.23.140.1.2.2", "2.23.140.1.2.2"}));
       },
       {Defect::bad_extension}},
      {"SCT list of noise",
       [](Draft& d) { d.set(known("1.3.6.1.4.1.11129.2.4.2", der::octet_string(repeated(9, 9)))); },
       {Defect::bad_extension}},
      {"no alternative name", [](Draft& d) { d.set(subject_alt_name({})); }, {Defect::empty_sequence}},
      {"an empty alternative name",
       [](Draft& d) { d.set(subject_alt_name({dns("")})); },
       {Defect::empty_sequence}},
      {"no key usage", [](Draft& d) { d.set(key_usage({})); }, {Defect::empty_sequence}},
      {"no extended key usage", [](Draft& d) { d.set(extended_key_usage({})); }, {Defect::empty_sequence}},
      {"no policy", [](Draft& d) { d.set(policies({})); }, {Defect::empty_sequence}},
      {"no policy constraint", [](Draft& d) { d.set(policy_constraints({}, {})); }, {Defect::empty_sequence}},
      {"no name constraint", [](Draft& d) { d.set(name_constraints({}, {})); }, {Defect::empty_sequence}},
      {"NUL in an alternative name",
       [](Draft& d) { d.set(subject_alt_name({dns(std::string_view("www.example.tw\0.evil.tw", 23))})); },
       {Defect::name_with_nul}},
      {"critical subject key identifier",
       [](Draft& d) {
         auto id = subject_key_id(repeated(1, 20));
         id.critical = true;
         d.set(id);
       },
       {Defect::critical_key_id}},
      {"critical authority key identifier",
       [](Draft& d) {
         auto id = authority_key_id(repeated(1, 20));
         id.critical = true;
         d.set(id);
       },
       {Defect::critical_key_id}},
      {"a CA without a name",
       [](Draft& d) {
         d.subject = der::sequence({});
         d.set(basic_constraints(true));
       },
       {Defect::ca_without_subject}},
      {"a curve written out",
       [](Draft& d) {
         const Bytes parameters = der::sequence({der::integer(1)});
         d.spki = der::sequence(
             {der::sequence({der::oid("1.2.840.10045.2.1"), parameters}), der::bit_string(repeated(4, 65))});
       },
       {Defect::explicit_curve}},
      {"three at once",
       [](Draft& d) {
         d.serial = der::integer(0);
         d.version = 3;
         d.set(extended_key_usage({}));
       },
       {Defect::serial_zero, Defect::version_not_v3, Defect::empty_sequence}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    const auto certificate = parse_certificate(leaf_der(ca(), "www.example.tw", row.change));
    REQUIRE(certificate.has_value());
    CHECK(defects_of(**certificate) == row.defects);
  }
}

// OpenSSL reads no certificate with such a name, so no client built on it does either.
TEST_CASE("certificate: a string that is not of its type makes the whole unreadable") {
  const Bytes not_utf8{'T', 0xff};
  const Bytes half_a_character{0, 'T', 0};
  for (const Bytes& value : {der::tlv(der::utf8_tag, not_utf8), der::tlv(der::bmp_tag, half_a_character),
                             der::tlv(der::universal_tag, half_a_character)}) {
    const auto result = parse_certificate(leaf_der(ca(), "www.example.tw", [&](Draft& d) {
      d.subject = name_of({{oids::common_name, value}});
    }));
    CHECK(result.has_error());
  }
}

TEST_CASE("certificate: octets behind it are a defect, and no part of it") {
  Bytes der = leaf_der(ca());
  const auto clean = parsed(der);
  der.insert(der.end(), {0, 0});
  const auto longer = parsed(der);
  CHECK(defects_of(*longer) == std::set{Defect::trailing_data});
  CHECK(longer->tbs == clean->tbs);
  CHECK(longer->fingerprint != clean->fingerprint);
}

TEST_CASE("certificate: BER that is not DER is read, and told") {
  const Bytes der = leaf_der(ca());
  REQUIRE(der[1] == 0x82);
  Bytes long_length = der;
  long_length[1] = 0x83;
  long_length.insert(long_length.begin() + 2, 0);
  CHECK(defects_of(*parsed(long_length)) == std::set{Defect::not_der});
  Bytes indefinite(der.begin() + 4, der.end());
  indefinite.insert(indefinite.begin(), {0x30, 0x80});
  indefinite.insert(indefinite.end(), {0, 0});
  CHECK(defects_of(*parsed(indefinite)) == std::set{Defect::not_der});

  const auto with = [](std::string_view oid, Bytes value) {
    return leaf([&](Draft& d) { d.set(known(oid, value)); });
  };
  const auto ca_one = with(oids::basic_constraints, {0x30, 0x03, 0x01, 0x01, 0x01});
  CHECK(defects_of(*ca_one) == std::set{Defect::not_der});
  CHECK(ca_one->is_ca());
  CHECK(defects_of(*with(oids::key_usage, {0x03, 0x02, 0x07, 0xff})) == std::set{Defect::not_der});
  CHECK(defects_of(*with("1.2.3.4", {0x01, 0x01, 0x01})).empty());  // nobody knows what it should be
}

TEST_CASE("certificate: serial numbers as they are written") {
  const auto serial_of = [](const Bytes& element) {
    return leaf([&](Draft& d) { d.serial = element; })->serial;
  };
  CHECK(serial_of(der::integer(0x0cbe)) == "0cbe");
  CHECK(serial_of(der::integer(255)) == "ff");
  CHECK(serial_of(der::integer(-5)) == "-05");
  CHECK(serial_of(der::integer(0)) == "0");
}

TEST_CASE("certificate: only odd serial numbers are tolerated") {
  for (int i = 0; i <= static_cast<int>(Defect::explicit_curve); ++i) {
    const auto defect = static_cast<Defect>(i);
    CAPTURE(id(defect));
    CHECK(is_tolerated(defect) == (defect == Defect::serial_zero || defect == Defect::serial_negative));
  }
}

TEST_CASE("certificate: cut off anywhere, it is refused with a sentence") {
  const Bytes der = leaf_der(ca());
  for (std::size_t size = 0; size < der.size(); ++size) {
    const auto result = parse_certificate(ByteView(der).first(size));
    REQUIRE(result.has_error());
    CHECK(result.error().stage == Stage::parse);
    CHECK(result.error().fault == Fault::input);
  }
}

TEST_CASE("certificate: times on both sides of 2050, and before 1970") {
  const auto certificate = leaf([](Draft& d) {
    d.not_before = day(1950, 1, 1);
    d.not_after = day(2050, 1, 1);
  });
  CHECK(certificate->not_before == day(1950, 1, 1));
  CHECK(certificate->not_after == day(2050, 1, 1));
  const auto forever =
      leaf([](Draft& d) { d.not_after_element = der::tlv(der::generalized_time_tag, "99991231235959Z"); });
  CHECK(format_rfc3339(forever->not_after) == "9999-12-31T23:59:59Z");
  CHECK(forever->defects.empty());
}

TEST_CASE("certificate: kinds of keys") {
  struct Row {
    TestKey key;
    KeyAlgorithm algorithm;
    const char* name;
    int bits;
    const char* curve;
  };
  const std::vector<Row> rows{
      {TestKey::rsa(1024), KeyAlgorithm::rsa, "RSA", 1024, ""},
      {TestKey::rsa_pss("SHA256"), KeyAlgorithm::rsa_pss, "RSA-PSS", 2048, ""},
      {TestKey::ec("P-256"), KeyAlgorithm::ec, "EC", 256, "P-256"},
      {TestKey::ec("P-384"), KeyAlgorithm::ec, "EC", 384, "P-384"},
      {TestKey::ec("P-521"), KeyAlgorithm::ec, "EC", 521, "P-521"},
      {TestKey::ec("brainpoolP256r1"), KeyAlgorithm::ec, "EC", 256, "brainpoolP256r1"},
      {TestKey::ed25519(), KeyAlgorithm::ed25519, "Ed25519", 256, ""}};
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const auto certificate = leaf([&](Draft& d) { d.spki = row.key.spki(); });
    CHECK(certificate->key.algorithm == row.algorithm);
    CHECK(certificate->key.name == row.name);
    CHECK(certificate->key.bits == row.bits);
    CHECK(certificate->key.curve == row.curve);
    CHECK(certificate->key.spki == row.key.spki());
    CHECK(certificate->defects.empty());
  }
}

TEST_CASE("certificate: a key of an unknown kind keeps its OID") {
  const auto certificate = leaf([](Draft& d) {
    d.spki = der::sequence({der::sequence({der::oid("1.2.3.4.5")}), der::bit_string(Bytes{1, 2, 3})});
  });
  CHECK(certificate->key.algorithm == KeyAlgorithm::other);
  CHECK(certificate->key.name == "1.2.3.4.5");
  CHECK(certificate->key.bits == 0);
}

TEST_CASE("certificate: signature algorithms and how strong their digest is") {
  struct Row {
    TestKey key;
    const char* digest;
    bool pss;
    const char* name;
    DigestStrength strength;
  };
  const TestKey rsa = TestKey::rsa();
  const std::vector<Row> rows{
      {rsa, "SHA256", false, "sha256WithRSAEncryption", DigestStrength::strong},
      {rsa, "SHA384", false, "sha384WithRSAEncryption", DigestStrength::strong},
      {rsa, "SHA1", false, "sha1WithRSAEncryption", DigestStrength::sha1},
      {rsa, "MD5", false, "md5WithRSAEncryption", DigestStrength::broken},
      {rsa, "SHA256", true, "rsassaPss with sha256", DigestStrength::strong},
      {TestKey::ec(), "SHA1", false, "ecdsa-with-SHA1", DigestStrength::sha1},
      {TestKey::ed25519(), "SHA256", false, "ED25519", DigestStrength::strong},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const auto certificate = leaf_by(TestCa{"Test CA", row.key}, "www.example.tw", [&](Draft& d) {
      d.digest = row.digest;
      d.pss = row.pss;
    });
    CHECK(certificate->signature_algorithm.name == row.name);
    CHECK(certificate->signature_algorithm.digest == row.strength);
  }
}

TEST_CASE("certificate: an algorithm nobody knows keeps its OID and has no strength") {
  Bytes der = leaf_der(ca());
  // ecdsa-with-SHA256, both inside and outside, becomes its last arc plus 0x40.
  const Bytes oid = der::oid("1.2.840.10045.4.3.2");
  for (auto at = der.begin(); (at = std::search(at, der.end(), oid.begin(), oid.end())) != der.end(); ++at)
    at[static_cast<std::ptrdiff_t>(oid.size()) - 1] = 0x42;
  const auto certificate = parsed(der);
  CHECK(certificate->signature_algorithm.name == "1.2.840.10045.4.3.66");
  CHECK(certificate->signature_algorithm.digest == DigestStrength::unknown);
}

TEST_CASE("certificate: extensions that constrain") {
  const auto certificate = ca_certificate(ca(), ca(), [](Draft& d) {
    d.set(basic_constraints(true, 3)).set(policy_constraints(1, 2)).set(inhibit_any_policy(4));
    d.set(policy_mappings({{"1.2.3", "1.2.4"}, {"1.2.3", "1.2.5"}}));
    d.set(name_constraints({dns("example.tw"), ip_range("192.0.2.0", "255.255.255.0")},
                           {email("example.org"), registered_id("1.2.3")}));
    d.set({"1.3.6.1.5.5.7.1.24", false, der::sequence({der::integer(5)})});
    d.set({"1.2.3.4.5", true, der::null()});
  });
  CHECK(certificate->defects.empty());
  CHECK(certificate->self_issued());
  CHECK(certificate->is_ca());
  CHECK(certificate->basic_constraints->path_length == 3);
  CHECK(certificate->policy_constraints->require_explicit == 1);
  CHECK(certificate->policy_constraints->inhibit_mapping == 2);
  CHECK(certificate->inhibit_any_policy == 4);
  CHECK(certificate->policy_mappings ==
        std::vector<std::pair<std::string, std::string>>{{"1.2.3", "1.2.4"}, {"1.2.3", "1.2.5"}});
  REQUIRE(certificate->name_constraints);
  CHECK(certificate->name_constraints->permitted.dns == std::vector<std::string>{"example.tw"});
  CHECK(certificate->name_constraints->permitted.ip == std::vector<Bytes>{{192, 0, 2, 0, 255, 255, 255, 0}});
  CHECK(certificate->name_constraints->excluded.email == std::vector<std::string>{"example.org"});
  CHECK(certificate->name_constraints->excluded.other);
  CHECK(certificate->must_staple);
  const Extension* unknown = certificate->extension("1.2.3.4.5");
  REQUIRE(unknown);
  CHECK(unknown->critical);
  CHECK_FALSE(unknown->understood);
  CHECK(certificate->extension(oids::basic_constraints)->understood);
  CHECK(certificate->extension("9.9.9") == nullptr);
}

TEST_CASE("certificate: a path length that no machine number holds is no limit") {
  const auto certificate = ca_certificate(ca(), ca(), [](Draft& d) {
    const Bytes huge = der::tlv(der::integer_tag, repeated(0x7f, 30));
    d.set({std::string(oids::basic_constraints), true, der::sequence({der::boolean(true), huge})});
  });
  REQUIRE(certificate->basic_constraints->path_length);
  CHECK(*certificate->basic_constraints->path_length == INT64_MAX);
}

TEST_CASE("certificate: the first of two extensions counts") {
  const auto certificate =
      leaf([](Draft& d) { d.extensions.push_back(subject_alt_name({dns("other.example.tw")})); });
  CHECK(certificate->subject_alt_name->dns == std::vector<std::string>{"www.example.tw"});
}

TEST_CASE("certificate: ten thousand alternative names") {
  std::vector<Bytes> names;
  for (int i = 0; i < 10'000; ++i) names.push_back(dns("h" + std::to_string(i) + ".example.tw"));
  const auto certificate = leaf([&](Draft& d) { d.set(subject_alt_name(names)); });
  CHECK(certificate->subject_alt_name->dns.size() == 10'000);
  CHECK(certificate->defects.empty());
}

// Each compared with all before it, these would outlast the time that the tests are given.
TEST_CASE("certificate: as many extensions as a megabyte holds") {
  const auto certificate = leaf([](Draft& d) {
    for (int i = 0; i < 80'000; ++i) d.extensions.push_back({"1.3." + std::to_string(i), false, {5, 0}});
    d.extensions.push_back({"1.3.79999", false, {5, 0}});
  });
  CHECK(certificate->extensions.size() == 80'004);
  CHECK(defects_of(*certificate) == std::set{Defect::extension_repeated});
}

TEST_CASE("certificate: PEM is as RFC 7468 writes it") {
  const Bytes der = leaf_der(ca());
  const std::string pem = to_pem(der);
  CHECK(pem.starts_with("-----BEGIN CERTIFICATE-----\n"));
  CHECK(pem.ends_with("\n-----END CERTIFICATE-----\n"));
  std::size_t longest = 0;
  for (std::size_t at = 0, end = 0; (end = pem.find('\n', at)) != std::string::npos; at = end + 1)
    longest = std::max(longest, end - at);
  CHECK(longest == 64);
  CHECK(to_pem(Bytes{1}, "X509 CRL") == "-----BEGIN X509 CRL-----\nAQ==\n-----END X509 CRL-----\n");
}
