#include "src/files/certificate_source.h"

#include <doctest/doctest.h>

#include "probes/practice/pki.h"
#include "tests/support/chain_builder.h"
#include "tests/support/zip.h"

using namespace chaintier;

namespace {

Bytes octets(std::string_view text) { return {bytes_of(text).begin(), bytes_of(text).end()}; }

const TestCa& ca() {
  static const TestCa one{"Test CA"};
  return one;
}
const CertificatePtr& leaf() {
  static const CertificatePtr one = leaf_by(ca());
  return one;
}
const CertificatePtr& issuer() {
  static const CertificatePtr one = root(ca());
  return one;
}

// A key in PEM, as a web server has it; fresh and worth nothing.
const std::string& key_pem() {
  static const std::string pem = [] {
    const auto pki = PracticePki::create().value();
    PracticeLeaf wish;
    wish.dns_names = {"www.example.tw"};
    wish.not_before = day(2026, 6, 1);
    wish.not_after = day(2026, 12, 1);
    return pki.issue(wish).value().key_pem;
  }();
  return pem;
}

CertificateSource source(std::vector<ArchiveEntry> files) {
  auto result = certificates_of(std::move(files));
  if (!result) FAIL(result.error().detail);
  return *result;
}

std::string problem(std::vector<ArchiveEntry> files) {
  const auto result = certificates_of(std::move(files));
  REQUIRE_FALSE(result.has_value());
  return result.error().detail;
}

}  // namespace

TEST_CASE("certificate source: PEM, DER and an archive of both, told by content") {
  const auto found =
      source({{"a.txt", octets(to_pem(leaf()->der))},
              {"b", issuer()->der},
              {"c.bin", zip_of({{"x/root.cer", issuer()->der}, {"x/server.cer", leaf()->der}})}});
  REQUIRE(found.found.size() == 4);
  CHECK(found.found[0].certificate->fingerprint == leaf()->fingerprint);
  CHECK(found.found[0].file == "a.txt");
  CHECK(found.found[1].certificate->fingerprint == issuer()->fingerprint);
  CHECK(found.found[2].file == "x/root.cer");
  CHECK(found.left_out.empty());
}

TEST_CASE("certificate source: other files are left out, with what they are") {
  const auto found = source({{"readme.html", octets("<html>")},
                             {"server.csr", octets(to_pem(Bytes(9, 1), "CERTIFICATE REQUEST"))},
                             {"empty", {}}});
  CHECK(found.found.empty());
  REQUIRE(found.left_out.size() == 3);
  CHECK(found.left_out[0].why == "it holds HTML or XML, not a certificate");
  CHECK(found.left_out[1].why.find("CSR") != std::string::npos);
  CHECK_FALSE(found.left_out[1].secret);
}

TEST_CASE("certificate source: a private key is named and left alone") {
  SUBCASE("by itself") {
    const auto found = source({{"server.key", octets(key_pem())}});
    CHECK(found.found.empty());
    REQUIRE(found.left_out.size() == 1);
    CHECK(found.left_out[0].secret);
    CHECK(found.left_out[0].why.starts_with("a private key"));
  }
  SUBCASE("beside its certificate") {
    const auto found = source({{"both.pem", octets(key_pem() + to_pem(leaf()->der))}});
    CHECK(found.found.size() == 1);
    REQUIRE(found.left_out.size() == 1);
    CHECK(found.left_out[0].secret);
  }
  SUBCASE("a Java keystore") {
    const auto found = source({{"store.jks", octets("\xfe\xed\xfe\xedxxxx")}});
    REQUIRE(found.left_out.size() == 1);
    CHECK(found.left_out[0].secret);
  }
}

TEST_CASE("certificate source: what is there and damaged is an error that names the file") {
  CHECK(problem({{"server.cer", octets("-----BEGIN CERTIFICATE-----\nM!\n-----END CERTIFICATE-----\n")}}) ==
        "server.cer: base64 damaged at line 2: the character '!'");
  CHECK(problem({{"server.cer", octets(to_pem(Bytes(40, 1)))}}) ==
        "server.cer: a certificate in it cannot be read as X.509");
  CHECK(problem({{"cert.zip", zip_of({{"server.cer", Bytes(20, 1), 1}})}})
            .starts_with("cert.zip: server.cer in "));
  const Bytes inner = zip_of({{"server.cer", leaf()->der}});
  const auto nested = source({{"outer.zip", zip_of({{"inner.zip", inner}})}});
  CHECK(nested.found.empty());
  REQUIRE(nested.left_out.size() == 1);
  CHECK(nested.left_out[0].why.starts_with("an archive within an archive"));
}
