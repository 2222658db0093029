#include "src/x509/certificate.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>
#include <openssl/objects.h>
#include <openssl/rsa.h>

#include "src/base/base64.h"
#include "src/x509/asn1_layout.h"
#include "src/x509/der_rules.h"
#include "src/x509/extensions.h"
#include "src/x509/name.h"
#include "src/x509/openssl_text.h"
#include "src/x509/public_key.h"

namespace chaintier {

namespace {

void note(Certificate& out, Defect defect) {
  if (!out.has(defect)) out.defects.push_back(defect);
}

// RFC 5280 4.1.2.5: UTCTime YYMMDDHHMMSSZ up to 2049, GeneralizedTime YYYYMMDDHHMMSSZ from 2050 on.
Time read_time(const ASN1_TIME* time, Certificate& out) {
  const auto result = time_of(time);
  if (!result) {
    note(out, Defect::bad_time);
    return Time{};
  }
  const std::size_t length = static_cast<std::size_t>(ASN1_STRING_length(time));
  const bool utc = ASN1_STRING_type(time) == V_ASN1_UTCTIME;
  const unsigned char* text = ASN1_STRING_get0_data(time);
  if (length != (utc ? 13u : 15u) || text[length - 1] != 'Z') note(out, Defect::bad_time);
  return *result;
}

std::string read_serial(const ASN1_INTEGER* serial, Certificate& out) {
  const BignumPtr number(ASN1_INTEGER_to_BN(serial, nullptr));
  if (!number) return {};
  if (BN_is_zero(number.get())) note(out, Defect::serial_zero);
  if (BN_is_negative(number.get())) note(out, Defect::serial_negative);
  // 4.1.2.2: at most 20 octets as an INTEGER, which has a sign bit.
  if (BN_num_bits(number.get()) > 159) note(out, Defect::serial_too_long);
  const OpensslText hex(BN_bn2hex(number.get()));
  std::string text = hex ? hex.get() : "";
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

DigestStrength strength(int digest_nid) {
  switch (digest_nid) {
    case NID_sha1:
      return DigestStrength::sha1;
    case NID_md2:
    case NID_md4:
    case NID_md5:
    case NID_mdc2:
      return DigestStrength::broken;
    case NID_undef:
      return DigestStrength::unknown;
    default:
      return DigestStrength::strong;
  }
}

// RFC 4055 3.1: the digest of RSASSA-PSS stands in its parameters; SHA-1 when absent.
int pss_digest(const X509_ALGOR* algorithm) {
  const ASN1_OBJECT* object = nullptr;
  int type = 0;
  const void* value = nullptr;
  X509_ALGOR_get0(&object, &type, &value, algorithm);
  if (type != V_ASN1_SEQUENCE) return NID_undef;
  const std::unique_ptr<RSA_PSS_PARAMS, FreeWith<RSA_PSS_PARAMS_free>> parameters(
      static_cast<RSA_PSS_PARAMS*>(
          ASN1_item_unpack(static_cast<const ASN1_STRING*>(value), ASN1_ITEM_rptr(RSA_PSS_PARAMS))));
  if (!parameters) return NID_undef;
  if (!parameters->hashAlgorithm) return NID_sha1;
  X509_ALGOR_get0(&object, nullptr, nullptr, parameters->hashAlgorithm);
  return OBJ_obj2nid(object);
}

SignatureAlgorithm read_algorithm(const X509_ALGOR* algorithm) {
  const ASN1_OBJECT* object = nullptr;
  X509_ALGOR_get0(&object, nullptr, nullptr, algorithm);
  const int nid = OBJ_obj2nid(object);
  SignatureAlgorithm result;
  result.name = object_name(object);
  if (nid == NID_undef) return result;
  int digest = NID_undef;
  int key = NID_undef;
  if (nid == NID_rsassaPss) {
    digest = pss_digest(algorithm);
    if (digest != NID_undef) result.name += std::string(" with ") + OBJ_nid2ln(digest);
  } else if (nid == NID_ED25519 || nid == NID_ED448) {
    result.digest = DigestStrength::strong;
    return result;
  } else {
    OBJ_find_sigid_algs(nid, &digest, &key);
  }
  result.digest = strength(digest);
  return result;
}

int read_version(const asn1::Tbs& tbs, Certificate& out) {
  std::int64_t value = 0;
  if (tbs.version && ASN1_INTEGER_get_int64(&value, tbs.version) != 1) value = 98;
  if (value < 0 || value > 98) value = 98;
  const int version = static_cast<int>(value) + 1;
  const bool extensions_in_old = version < 3 && tbs.extensions;
  const bool ids_in_v1 = version < 2 && (tbs.issuer_id || tbs.subject_id);
  // DER leaves a default out: v1 written explicitly is an error (X.690 11.5).
  const bool explicit_v1 = tbs.version && value == 0;
  if (version > 3 || extensions_in_old || ids_in_v1 || explicit_v1) note(out, Defect::version_not_v3);
  return version;
}

}  // namespace

bool Certificate::has(Defect defect) const { return std::ranges::find(defects, defect) != defects.end(); }

const Extension* Certificate::extension(std::string_view oid) const {
  const auto found = std::ranges::find(extensions, oid, &Extension::oid);
  return found == extensions.end() ? nullptr : &*found;
}

Result<CertificatePtr> parse_certificate(ByteView der) {
  const ErrorQueueScope errors;
  const unsigned char* at = der.data();
  const asn1::CertPtr raw = asn1::read_cert(&at, static_cast<long>(der.size()));
  if (!raw) return input_error(Stage::parse, "not an X.509 certificate: its ASN.1 structure cannot be read");

  auto out = std::make_shared<Certificate>();
  out->der.assign(der.begin(), der.end());
  out->fingerprint = CertFingerprint::of(der);
  const auto length = static_cast<std::size_t>(at - der.data());
  if (length != der.size()) note(*out, Defect::trailing_data);
  if (!is_der(der.first(length))) note(*out, Defect::not_der);

  asn1::Tbs& tbs = *raw->tbs;
  out->tbs = asn1::as_sent(tbs.encoding);
  const unsigned char* signature = ASN1_STRING_get0_data(raw->signature);
  out->signature.assign(signature, signature + ASN1_STRING_length(raw->signature));
  out->signature_algorithm_der = encoded<i2d_X509_ALGOR>(raw->algorithm);
  out->signature_algorithm = read_algorithm(raw->algorithm);
  if (X509_ALGOR_cmp(raw->algorithm, tbs.signature) != 0) note(*out, Defect::algorithm_mismatch);

  out->version = read_version(tbs, *out);
  out->serial = read_serial(tbs.serial, *out);
  bool bad_name = false;
  auto issuer = read_name(octets(tbs.issuer), bad_name);
  auto subject = std::ranges::equal(octets(tbs.subject), octets(tbs.issuer))
                     ? issuer
                     : read_name(octets(tbs.subject), bad_name);
  if (!issuer || !subject)
    return input_error(Stage::parse, "not an X.509 certificate: its names cannot be read");
  out->issuer = std::move(*issuer);
  out->subject = std::move(*subject);
  if (bad_name) note(*out, Defect::bad_name);
  if (out->issuer.empty()) note(*out, Defect::empty_issuer);
  out->not_before = read_time(tbs.validity->not_before, *out);
  out->not_after = read_time(tbs.validity->not_after, *out);
  out->key = read_public_key(tbs.key->algorithm, octets(tbs.key->key), asn1::as_sent(tbs.key->encoding));
  if (out->key.algorithm == KeyAlgorithm::ec && out->key.bits == 0) note(*out, Defect::explicit_curve);
  if (tbs.extensions) read_extensions(tbs.extensions, *out);
  if (out->is_ca() && out->subject.empty()) note(*out, Defect::ca_without_subject);
  return CertificatePtr{std::move(out)};
}

// RFC 7468 2: lines of 64 characters.
std::string to_pem(ByteView der, std::string_view label) {
  constexpr std::size_t line = 64;
  const std::string text = to_base64(der);
  std::string pem = fmt::format("-----BEGIN {}-----\n", label);
  pem.reserve(pem.size() * 2 + text.size() / line * (line + 1) + line);
  for (std::size_t at = 0; at < text.size(); at += line)
    (pem += std::string_view(text).substr(at, line)) += '\n';
  return pem += fmt::format("-----END {}-----\n", label);
}

bool is_tolerated(Defect defect) {
  return defect == Defect::serial_zero || defect == Defect::serial_negative;
}

std::string_view id(Defect defect) {
  switch (defect) {
    case Defect::not_der:
      return "not_der";
    case Defect::trailing_data:
      return "trailing_data";
    case Defect::version_not_v3:
      return "version_not_v3";
    case Defect::serial_zero:
      return "serial_zero";
    case Defect::serial_negative:
      return "serial_negative";
    case Defect::serial_too_long:
      return "serial_too_long";
    case Defect::algorithm_mismatch:
      return "algorithm_mismatch";
    case Defect::bad_time:
      return "bad_time";
    case Defect::empty_issuer:
      return "empty_issuer";
    case Defect::bad_name:
      return "bad_name";
    case Defect::extension_repeated:
      return "extension_repeated";
    case Defect::bad_extension:
      return "bad_extension";
    case Defect::empty_sequence:
      return "empty_sequence";
    case Defect::name_with_nul:
      return "name_with_nul";
    case Defect::critical_key_id:
      return "critical_key_id";
    case Defect::ca_without_subject:
      return "ca_without_subject";
    case Defect::explicit_curve:
      return "explicit_curve";
  }
  std::abort();
}

}  // namespace chaintier
