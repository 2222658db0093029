// An X.509 certificate (RFC 5280 4) as plain values, read once from its DER. Odd input is recorded, not
// thrown.
//
// OpenSSL does the ASN.1; no OpenSSL type shows here. The subject's public key is kept as its DER and is not
// decoded by parsing: that is the dear part, and only issuers need it (see signature.h).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/address.h"
#include "src/base/bytes.h"
#include "src/base/digest.h"
#include "src/base/result.h"
#include "src/base/time.h"

namespace chaintier {

// FNV-1a of 64 bits, for looking names up: two names that meet in it cost a needless look, no more.
std::uint64_t name_digest(std::string_view canonical);

// A distinguished name (RFC 5280 4.1.2.4).
struct Name {
  struct Attribute {
    std::string type;     // short name where OpenSSL knows one ("CN"), else the dotted OID
    std::string value;    // valid UTF-8
    std::size_t rdn = 0;  // index of the relative distinguished name that it belongs to
  };
  Bytes der;
  std::string canonical;                    // equal exactly for names that match by RFC 5280 7.1
  std::uint64_t digest = 0;                 // name_digest(canonical)
  std::vector<std::string> canonical_rdns;  // the same, one string for each RDN: for directoryName subtrees
  std::vector<Attribute> attributes;        // in encoded order

  bool empty() const { return attributes.empty(); }
  std::string text() const;                        // "C=TW, O=TAIWAN-CA, CN=..."
  std::string value(std::string_view type) const;  // last value of that type, or ""
  std::string short_text() const;                  // CN, else OU, else O, else text()
};

enum class KeyAlgorithm { rsa, rsa_pss, ec, ed25519, ed448, dsa, other };

struct PublicKey {
  KeyAlgorithm algorithm = KeyAlgorithm::other;
  std::string name;   // "RSA", "EC", "Ed25519" ... or the OID
  int bits = 0;       // of the modulus or the field; 0 when unknown
  std::string curve;  // "P-256" ...; empty for other kinds
  Bytes spki;         // DER of SubjectPublicKeyInfo
  KeyFingerprint fingerprint;
};

enum class DigestStrength { strong, sha1, broken /* MD2, MD4, MD5 */, unknown };

struct SignatureAlgorithm {
  std::string name;  // "sha256WithRSAEncryption"
  DigestStrength digest = DigestStrength::unknown;
};

// RFC 5280 4.2.1.6. Only the forms that a rule or a report uses are told apart.
struct GeneralNames {
  std::vector<std::string> dns;  // as written, valid UTF-8; compare in lower case
  std::vector<Bytes> ip;         // 4 or 16 octets; in name constraints 8 or 32 (address and mask)
  std::vector<std::string> email, uri;
  std::vector<Name> directory;
  bool other = false;  // otherName, x400Address, ediPartyName or registeredID is there

  bool empty() const {
    return dns.empty() && ip.empty() && email.empty() && uri.empty() && directory.empty() && !other;
  }
};

struct BasicConstraints {  // 4.2.1.9
  bool ca = false;
  std::optional<std::int64_t> path_length;
};

enum class KeyUse : unsigned {  // 4.2.1.3, by bit number
  digital_signature = 0,
  non_repudiation,
  key_encipherment,
  data_encipherment,
  key_agreement,
  key_cert_sign,
  crl_sign,
  encipher_only,
  decipher_only
};

struct AuthorityKeyId {  // 4.2.1.1
  std::optional<Bytes> key_id;
  std::optional<GeneralNames> issuer;
  std::optional<std::string> serial;  // hexadecimal
};

struct NameConstraints {  // 4.2.1.10
  GeneralNames permitted, excluded;
  bool has_permitted = false, has_excluded = false;
  bool min_max_used = false;  // "minimum" not 0 or "maximum" present: RFC 5280 forbids it
};

struct PolicyConstraints {  // 4.2.1.11
  std::optional<std::int64_t> require_explicit, inhibit_mapping;
};

struct Sct {           // RFC 6962 3.2, embedded
  std::string log_id;  // hexadecimal
  Time time{};
};

// How this certificate parts from what X.509 or RFC 5280 allows. None of these keeps it from being read.
enum class Defect {
  not_der,         // 4.1: BER that is not DER, in the certificate or in an extension that is understood
  trailing_data,   // octets after the certificate
  version_not_v3,  // extensions in a v1/v2 certificate, or a version nobody knows
  serial_zero,     // 4.1.2.2, as the next two
  serial_negative,
  serial_too_long,
  algorithm_mismatch,  // 4.1.1.2: outer and inner signature algorithm differ
  bad_time,            // 4.1.2.5: not a UTCTime/GeneralizedTime as DER wants it
  empty_issuer,        // 4.1.2.4
  bad_name,            // a string that is not of its type, or holds NUL
  extension_repeated,  // 4.2: more than one instance
  bad_extension,       // a known extension whose content does not parse
  empty_sequence,      // an extension with an empty list where one is required
  name_with_nul,       // a SAN that holds NUL
  critical_key_id,     // 4.2.1.1, 4.2.1.2: a key identifier marked critical
  ca_without_subject,  // 4.1.2.6: a CA must have a name
  explicit_curve,      // RFC 5480 2.1.1: EC parameters written out instead of named
};
std::string_view id(Defect defect);
// RFC 5280 4.1.2.2 asks users of certificates to be prepared for zero and negative serial numbers; every
// other defect is one that clients refuse.
bool is_tolerated(Defect defect);

struct Extension {
  std::string oid;
  bool critical = false;
  bool understood = false;  // read below, or known and without bearing on a verdict
};

struct Certificate {
  CertFingerprint fingerprint;
  Bytes der;
  Bytes tbs;        // what the signature covers, DER
  Bytes signature;  // signatureValue without the unused-bits octet
  Bytes signature_algorithm_der;
  SignatureAlgorithm signature_algorithm;

  int version = 3;     // 1, 2 or 3 (or what was written, plus one)
  std::string serial;  // lower-case hexadecimal, "-" first when negative
  Name issuer, subject;
  Time not_before{}, not_after{};
  PublicKey key;

  std::vector<Extension> extensions;  // in encoded order
  std::optional<Bytes> subject_key_id;
  std::optional<AuthorityKeyId> authority_key_id;
  std::optional<BasicConstraints> basic_constraints;
  std::optional<std::uint16_t> key_usage;                      // bit n = KeyUse(n)
  std::optional<std::vector<std::string>> extended_key_usage;  // dotted OIDs
  std::optional<std::vector<std::string>> policies;            // dotted OIDs
  std::optional<PolicyConstraints> policy_constraints;
  std::optional<std::int64_t> inhibit_any_policy;
  std::vector<std::pair<std::string, std::string>> policy_mappings;  // issuer's, subject's
  std::optional<GeneralNames> subject_alt_name;
  std::optional<NameConstraints> name_constraints;
  std::vector<std::string> aia_issuers, ocsp, crls;  // URIs
  std::vector<Sct> scts;
  bool must_staple = false;  // RFC 7633

  std::vector<Defect> defects;

  bool is_ca() const { return basic_constraints && basic_constraints->ca; }
  bool self_issued() const { return subject.canonical == issuer.canonical; }
  bool may(KeyUse use) const { return key_usage && (*key_usage >> static_cast<unsigned>(use) & 1u); }
  bool has(Defect defect) const;
  const Extension* extension(std::string_view oid) const;
};
using CertificatePtr = std::shared_ptr<const Certificate>;

// The certificate that stands at the start of `der`. Fails only when its structure cannot be read at all.
Result<CertificatePtr> parse_certificate(ByteView der);

std::string to_pem(ByteView der, std::string_view label = "CERTIFICATE");

}  // namespace chaintier
