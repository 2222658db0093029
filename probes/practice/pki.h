// A throw-away PKI of TWCA's shape, made in memory, for the practice fleet and the tests.
//
// It has the same structure as the real one: names that two CA certificates share, the roots' missing or
// present key identifiers, both product chains, cross certificates, dates and revoked generations. Slugs are
// those of the built-in catalogue, so that client data fits; subjects begin with "Practice", so that nobody
// takes them for real. Keys are fresh in every process and worth nothing. Most are EC P-256 where the real
// ones are RSA: they are quick to make, and no rule looks at the difference.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/address.h"
#include "src/base/bytes.h"
#include "src/base/result.h"
#include "src/base/time.h"
#include "src/catalogue/catalogue.h"

namespace chaintier {

enum class PracticeKey { ec_p256, rsa_2048 /* takes 0.1 s and more to make */ };

// What a leaf certificate shall be. It is issued as asked, however wrong that is.
struct PracticeLeaf {
  std::vector<std::string> dns_names;  // A-labels; the first (else the first address) is the common name too
  std::vector<IpAddress> addresses;
  std::string issuer = "twca-ssl-ca-2023";  // slug of the catalogue, or "foreign-intermediate"
  Time not_before{}, not_after{};
  PracticeKey key = PracticeKey::ec_p256;
  std::vector<Time> scts;  // one embedded SCT (RFC 6962 3.2) of the practice log for each
  bool client_auth = false;
};

struct PracticeIdentity {
  Bytes certificate;    // DER
  std::string key_pem;  // PKCS#8, not encrypted
};

// Copies share their keys. Safe for use by several threads: nothing changes after create().
class PracticePki {
 public:
  // About 0.15 s, nearly all of it for the one RSA key. Fails only when libcrypto does.
  static Result<PracticePki> create();

  // DER of a CA certificate: any slug below data/ca, "foreign-root" or "foreign-intermediate".
  // Another slug is a bug of the caller: std::logic_error.
  const Bytes& certificate(std::string_view slug) const;

  // An unknown issuer, or a leaf without any name, is a bug of the caller: std::logic_error.
  Result<PracticeIdentity> issue(const PracticeLeaf& leaf) const;
  // The same with its own key as issuer; `leaf.issuer` and `leaf.scts` do not matter.
  Result<PracticeIdentity> issue_self_signed(const PracticeLeaf& leaf) const;

  // What Catalogue::from_files() takes: PEM by slug, and catalogue.json. The foreign CA is not in it.
  std::vector<Catalogue::File> catalogue_files() const;
  // PEM of the roots that an up-to-date machine would hold, the foreign CA's among them, as SSL_CERT_FILE
  // wants it.
  std::string machine_store() const;

 private:
  struct State;
  explicit PracticePki(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

}  // namespace chaintier
