// Certificates of any shape for tests: every field can be set, also to what no CA would write. Dates are
// fixed; keys are fresh in every process.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/bytes.h"
#include "src/base/time.h"
#include "src/x509/certificate.h"
#include "tests/support/der.h"

namespace chaintier {

Time day(int year, unsigned month, unsigned day_of_month);
// The time as of which the defaults below are valid: 2026-09-01.
Time judging_day();

class TestKey {
 public:
  static TestKey ec(std::string_view curve = "P-256");
  static TestKey rsa(int bits = 2048);
  static TestKey rsa_pss(std::string_view digest);  // id-RSASSA-PSS, bound to that digest
  static TestKey ed25519();

  Bytes spki() const;
  // AlgorithmIdentifier of a signature by this key ("SHA256", "SHA1", "MD5" ...). `pss` asks an RSA key for
  // RSASSA-PSS.
  Bytes algorithm(std::string_view digest, bool pss = false) const;
  Bytes sign(ByteView content, std::string_view digest, bool pss = false) const;

 private:
  struct State;
  explicit TestKey(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

// A Name with just a common name.
Bytes named(std::string_view common_name);
// A Name of (OID, value element) pairs, one RDN for each.
Bytes name_of(const std::vector<std::pair<std::string_view, Bytes>>& attributes);

struct TestExtension {
  std::string oid;
  bool critical = false;
  Bytes value;  // what the OCTET STRING holds
};

struct Draft {
  Bytes issuer, subject;
  Bytes serial = der::integer(0x1234);      // a whole element
  std::optional<std::int64_t> version = 2;  // as written; nothing leaves the field out, which is v1
  Time not_before = day(2020, 1, 1), not_after = day(2040, 1, 1);
  std::optional<Bytes> not_before_element, not_after_element;  // in place of the times above
  std::vector<TestExtension> extensions;
  std::string digest = "SHA256";
  bool pss = false;
  std::optional<Bytes> inner_algorithm;  // where it shall differ from the outer one
  std::optional<Bytes> spki;             // in place of the subject key's own

  Draft& set(TestExtension extension);  // in place of those with its OID, else at the end
  Draft& drop(std::string_view oid);
};
using Change = std::function<void(Draft&)>;

Bytes issue(const Draft& draft, const TestKey& subject_key, const TestKey& signer);
// For DER that is known to parse; anything else is a bug of the test.
CertificatePtr parsed(ByteView der);

// A CA: the name and the key that its certificates share.
struct TestCa {
  std::string name;
  TestKey key = TestKey::ec();
};

// CA certificate of `subject` by `issuer`, as a CA would make it; `change` sees the draft last.
CertificatePtr ca_certificate(const TestCa& subject, const TestCa& issuer, const Change& change = {});
inline CertificatePtr root(const TestCa& ca, const Change& change = {}) {
  return ca_certificate(ca, ca, change);
}
// Server certificate for `host`, valid from 2026-06-01 to 2026-12-01. All leaves share one key.
CertificatePtr leaf_by(const TestCa& issuer, std::string_view host = "www.example.tw",
                       const Change& change = {});
Bytes leaf_der(const TestCa& issuer, std::string_view host = "www.example.tw", const Change& change = {});

// Extensions.
namespace oids {
inline constexpr std::string_view subject_key_id = "2.5.29.14", key_usage = "2.5.29.15",
                                  subject_alt_name = "2.5.29.17", basic_constraints = "2.5.29.19",
                                  name_constraints = "2.5.29.30", policies = "2.5.29.32",
                                  any_policy = "2.5.29.32.0", policy_mappings = "2.5.29.33",
                                  authority_key_id = "2.5.29.35", policy_constraints = "2.5.29.36",
                                  extended_key_usage = "2.5.29.37", inhibit_any_policy = "2.5.29.54",
                                  server_auth = "1.3.6.1.5.5.7.3.1", client_auth = "1.3.6.1.5.5.7.3.2",
                                  any_usage = "2.5.29.37.0", common_name = "2.5.4.3",
                                  organization = "2.5.4.10", email_address = "1.2.840.113549.1.9.1";
}  // namespace oids

TestExtension basic_constraints(bool ca, std::optional<std::int64_t> path_length = {}, bool critical = true);
TestExtension key_usage(const std::vector<unsigned>& bits);
TestExtension extended_key_usage(const std::vector<std::string_view>& usages);
TestExtension subject_key_id(ByteView id);
TestExtension authority_key_id(ByteView id);
TestExtension subject_alt_name(const std::vector<Bytes>& names);  // of GeneralName elements, see below
TestExtension policies(const std::vector<std::string_view>& dotted);
TestExtension policy_constraints(std::optional<std::int64_t> require_explicit,
                                 std::optional<std::int64_t> inhibit_mapping);
TestExtension policy_mappings(const std::vector<std::pair<std::string_view, std::string_view>>& mappings);
TestExtension inhibit_any_policy(std::int64_t skip);
TestExtension name_constraints(const std::vector<Bytes>& permitted, const std::vector<Bytes>& excluded);

// GeneralName elements (RFC 5280 4.2.1.6).
Bytes dns(std::string_view name);
Bytes email(std::string_view mailbox);
Bytes uri(std::string_view uri);
Bytes ip(ByteView octets);
Bytes ip(std::string_view address);
Bytes ip_range(std::string_view address, std::string_view mask);  // as name constraints have it
Bytes directory(const Bytes& name);
Bytes registered_id(std::string_view dotted);

Bytes key_id_of(const TestKey& key);  // the first 20 octets of SHA-256 over its SubjectPublicKeyInfo

}  // namespace chaintier
