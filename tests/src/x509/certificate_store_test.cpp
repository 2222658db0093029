#include "src/x509/certificate_store.h"

#include <stdexcept>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "src/base/embedded.h"
#include "src/clients/client_model.h"
#include "src/x509/certificate_file.h"
#include "tests/support/chain_builder.h"

using namespace chaintier;

TEST_CASE("certificate store: found by fingerprint and by subject, parsed or not") {
  const TestCa ours{"Ours"}, theirs{"Theirs"};
  const CertificatePtr one = root(ours);
  const CertificatePtr two = root(theirs);
  const Bytes damaged{0x30, 0x03, 0x02, 0x01, 0x05};
  const CertificateStore of_octets(std::vector<Bytes>{one->der, damaged, two->der});
  const CertificateStore of_certificates(std::vector<CertificatePtr>{one, two});
  for (const CertificateStore* store : {&of_octets, &of_certificates}) {
    CHECK(store->contains(two->fingerprint));
    REQUIRE(store->find(two->fingerprint));
    CHECK(store->find(two->fingerprint)->subject.canonical == two->subject.canonical);
    CHECK(store->named(one->subject) == std::vector{one->fingerprint});
    CHECK(store->named(Name{}).empty());
  }
  CHECK(of_octets.contains(CertFingerprint::of(damaged)));
  CHECK(of_octets.find(CertFingerprint::of(damaged)) == nullptr);
  CHECK(of_octets.ders().size() == 3);
  CHECK_FALSE(of_certificates.contains(CertFingerprint::of(damaged)));
}

TEST_CASE("certificate store: octets of any kind do no harm") {
  const Bytes whole = root(TestCa{"Cut"})->der;
  std::vector<Bytes> cut;
  for (std::size_t size = 0; size < whole.size(); size += 3)
    cut.emplace_back(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
  const CertificateStore store(std::move(cut));
  CHECK(store.named(Name{}).empty());
}

TEST_CASE("certificate store: an index is enough until a certificate is wanted") {
  const CertificatePtr one = root(TestCa{"One"});
  int loads = 0;
  const CertificateStore store(
      "# a comment\n" + one->fingerprint.hex() + " " + fmt::format("{:016x}", one->subject.digest) + "\n",
      [&] {
        ++loads;
        return std::vector<Bytes>{root(TestCa{"Not listed"})->der, one->der};
      });
  CHECK(store.contains(one->fingerprint));
  CHECK(store.named(one->subject).size() == 1);
  CHECK(loads == 0);
  REQUIRE(store.find(one->fingerprint));
  CHECK(store.find(one->fingerprint)->der == one->der);
  CHECK(loads == 1);
  CHECK(store.ders().size() == 1);
  CHECK_THROWS_AS(CertificateStore("nonsense\n", [] { return std::vector<Bytes>{}; }), std::logic_error);
}

// What data/stores/<bundle>.txt must say, line for line: made from the certificates themselves.
TEST_CASE("certificate store: the index of each published bundle is true") {
  const auto all = certificates_in(bytes_of(embedded_file("stores/roots.pem"))).value();
  std::size_t bundles = 0;
  for (const ClientModel& client : built_in_clients().clients) {
    if (client.bundle.empty()) continue;
    ++bundles;
    CAPTURE(client.bundle);
    const std::string_view index = embedded_file("stores/" + client.bundle + ".txt");
    CHECK(client.whole_store->fingerprints().size() > 100);
    for (const CertFingerprint& fingerprint : client.whole_store->fingerprints()) {
      const CertificatePtr certificate = client.whole_store->find(fingerprint);
      REQUIRE(certificate);
      const std::string line = fingerprint.hex() + " " + fmt::format("{:016x}", certificate->subject.digest);
      CHECK_MESSAGE(index.find(line) != std::string_view::npos, "expected: ", line);
      CHECK(certificate->is_ca());
    }
  }
  CHECK(bundles == 2);
  CHECK(all.size() > 150);
}
