#include "src/observe/sent_pool.h"

#include <doctest/doctest.h>

#include "tests/support/chain_builder.h"

using namespace chaintier;

TEST_CASE("sent pool: the same octets are kept once, read or not") {
  const CertificatePtr certificate = root(TestCa{"Some CA"});
  SentPool pool;
  const SentPtr first = pool.keep(certificate);
  CHECK(first->der == certificate->der);
  CHECK(first->fingerprint == certificate->fingerprint);
  CHECK(first->parsed == certificate);
  CHECK(pool.keep(certificate->der) == first);

  const SentPtr raw = pool.keep(Bytes{1, 2, 3});
  CHECK_FALSE(raw->parsed);
  CHECK(raw->fingerprint == CertFingerprint::of(Bytes{1, 2, 3}));
  CHECK(pool.keep(Bytes{1, 2, 3}) == raw);
  CHECK(pool.keep(Bytes{1, 2}) != raw);
}

TEST_CASE("sent pool: what nobody uses is not kept") {
  SentPool pool;
  std::weak_ptr<const SentCertificate> gone = pool.keep(Bytes{1});
  CHECK(gone.expired());
  const SentPtr again = pool.keep(Bytes{1});
  CHECK(again->der == Bytes{1});
}
