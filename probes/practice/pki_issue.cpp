#include "probes/practice/pki_issue.h"

#include <memory>

#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include "src/base/digest.h"
#include "src/base/text.h"

namespace chaintier::practice_issue {
namespace {

using X509ExtensionPtr = std::unique_ptr<X509_EXTENSION, FreeWith<X509_EXTENSION_free>>;
using GeneralNamePtr = std::unique_ptr<GENERAL_NAME, FreeWith<GENERAL_NAME_free>>;
using GeneralNamesPtr = std::unique_ptr<GENERAL_NAMES, FreeWith<GENERAL_NAMES_free>>;
using AuthorityKeyIdPtr = std::unique_ptr<AUTHORITY_KEYID, FreeWith<AUTHORITY_KEYID_free>>;
using PolicyInfoPtr = std::unique_ptr<POLICYINFO, FreeWith<POLICYINFO_free>>;
using CertificatePoliciesPtr = std::unique_ptr<CERTIFICATEPOLICIES, FreeWith<CERTIFICATEPOLICIES_free>>;

void check(bool worked, const char* step) {
  if (!worked) throw CryptoFailed(std::string("libcrypto could not ") + step);
}

// Runs an i2d function, which either counts or writes and moves the pointer that it is given.
template <class Encode>
Bytes der_of(Encode encode) {
  const int length = encode(nullptr);
  check(length > 0, "encode DER");
  Bytes der(static_cast<std::size_t>(length));
  unsigned char* out = der.data();
  check(encode(&out) == length, "encode DER");
  return der;
}

X509NamePtr make_name(const std::vector<std::pair<std::string_view, std::string>>& attributes) {
  X509NamePtr name(X509_NAME_new());
  check(name != nullptr, "make a name");
  for (const auto& [type, value] : attributes)
    check(X509_NAME_add_entry_by_txt(name.get(), std::string(type).c_str(), MBSTRING_UTF8,
                                     reinterpret_cast<const unsigned char*>(value.data()),
                                     static_cast<int>(value.size()), -1, 0) == 1,
          "add to a name");
  return name;
}

void set_serial(X509* certificate, Bytes serial) {
  if (serial.empty()) {
    serial.resize(16);
    check(RAND_bytes(serial.data(), static_cast<int>(serial.size())) == 1, "draw a serial number");
    serial[0] = 0x40;  // positive and of full length, as TWCA's are
  }
  BignumPtr number(BN_bin2bn(serial.data(), static_cast<int>(serial.size()), nullptr));
  check(number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)),
        "set a serial number");
}

void set_validity(X509* certificate, Time not_before, Time not_after) {
  check(ASN1_TIME_set(X509_getm_notBefore(certificate), not_before.time_since_epoch().count()) &&
            ASN1_TIME_set(X509_getm_notAfter(certificate), not_after.time_since_epoch().count()),
        "set the validity");
}

void add_text_extension(X509* certificate, int nid, std::string_view value) {
  if (value.empty()) return;
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, nullptr, certificate, nullptr, nullptr, 0);
  X509ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, nid, std::string(value).c_str()));
  check(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "add an extension");
}

void add_value_extension(X509* certificate, int nid, void* value) {
  check(X509_add1_ext_i2d(certificate, nid, value, 0, X509V3_ADD_DEFAULT) == 1, "add an extension");
}

Asn1OctetStringPtr octet_string(ByteView octets) {
  Asn1OctetStringPtr string(ASN1_OCTET_STRING_new());
  check(string && ASN1_OCTET_STRING_set(string.get(), octets.data(), static_cast<int>(octets.size())) == 1,
        "make an octet string");
  return string;
}

void add_key_ids(X509* certificate, const Draft& draft) {
  if (!draft.authority_key_id.empty()) {
    AuthorityKeyIdPtr id(AUTHORITY_KEYID_new());
    check(id != nullptr, "make a key identifier");
    id->keyid = octet_string(draft.authority_key_id).release();
    add_value_extension(certificate, NID_authority_key_identifier, id.get());
  }
  if (!draft.subject_key_id.empty())
    add_value_extension(certificate, NID_subject_key_identifier, octet_string(draft.subject_key_id).get());
}

void add_policies(X509* certificate, std::string_view dotted) {
  if (dotted.empty()) return;
  CertificatePoliciesPtr policies(CERTIFICATEPOLICIES_new());
  check(policies != nullptr, "make policies");
  for (const auto oid : split(dotted, ',')) {
    PolicyInfoPtr policy(POLICYINFO_new());
    check(policy != nullptr, "make a policy");
    policy->policyid = OBJ_txt2obj(std::string(oid).c_str(), 1);
    check(policy->policyid && sk_POLICYINFO_push(policies.get(), policy.get()) > 0, "make a policy");
    (void)policy.release();  // the list owns it now
  }
  add_value_extension(certificate, NID_certificate_policies, policies.get());
}

void push_name(GENERAL_NAMES* names, int type, ByteView value) {
  GeneralNamePtr name(GENERAL_NAME_new());
  Asn1OctetStringPtr string(type == GEN_DNS ? ASN1_IA5STRING_new() : ASN1_OCTET_STRING_new());
  check(name && string && ASN1_STRING_set(string.get(), value.data(), static_cast<int>(value.size())) == 1,
        "make a subject alternative name");
  GENERAL_NAME_set0_value(name.get(), type, string.release());
  check(sk_GENERAL_NAME_push(names, name.get()) > 0, "make a subject alternative name");
  (void)name.release();  // the list owns it now
}

void add_alternative_names(X509* certificate, const Draft& draft) {
  if (draft.dns_names.empty() && draft.addresses.empty()) return;
  GeneralNamesPtr names(GENERAL_NAMES_new());
  check(names != nullptr, "make a subject alternative name");
  for (const auto& dns : draft.dns_names) push_name(names.get(), GEN_DNS, bytes_of(dns));
  for (const auto& address : draft.addresses) push_name(names.get(), GEN_IPADD, address.octets());
  add_value_extension(certificate, NID_subject_alt_name, names.get());
}

void add_basic_constraints(X509* certificate, const Draft& draft) {
  std::string text = draft.ca ? "critical,CA:TRUE" : "critical,CA:FALSE";
  if (draft.path_length) text += ",pathlen:" + std::to_string(*draft.path_length);
  add_text_extension(certificate, NID_basic_constraints, text);
}

void add_access(X509* certificate, const Draft& draft) {
  std::string text;
  if (!draft.aia_issuer.empty()) text = "caIssuers;URI:" + draft.aia_issuer;
  if (!draft.ocsp.empty()) text += (text.empty() ? "OCSP;URI:" : ",OCSP;URI:") + draft.ocsp;
  add_text_extension(certificate, NID_info_access, text);
}

void append_number(Bytes& out, std::uint64_t value, int octets) {
  for (int shift = 8 * (octets - 1); shift >= 0; shift -= 8)
    out.push_back(static_cast<std::uint8_t>(value >> shift));
}

void append(Bytes& out, ByteView content) {
  for (const auto octet : content) out.push_back(octet);
}

void append_vector(Bytes& out, ByteView content, int length_octets) {
  append_number(out, content.size(), length_octets);
  append(out, content);
}

Bytes signature_over(ByteView content, const EvpPkeyPtr& key) {
  EvpMdCtxPtr context(EVP_MD_CTX_new());
  std::size_t size = 0;
  check(context && EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
            EVP_DigestSign(context.get(), nullptr, &size, content.data(), content.size()) == 1,
        "sign");
  Bytes signature(size);
  check(EVP_DigestSign(context.get(), signature.data(), &size, content.data(), content.size()) == 1, "sign");
  signature.resize(size);
  return signature;
}

// RFC 6962 3.2: the log signs the certificate as it is without the SCT list.
void add_scts(X509* certificate, const std::vector<Time>& times, ByteView issuer_key_hash,
              const SctLog& log) {
  const Bytes tbs = der_of([&](unsigned char** out) { return i2d_re_X509_tbs(certificate, out); });
  Bytes list;
  for (const Time time : times) {
    const auto milliseconds = static_cast<std::uint64_t>(time.time_since_epoch().count()) * 1000;
    Bytes covered;
    append_number(covered, 0 /* v1, certificate_timestamp */, 2);
    append_number(covered, milliseconds, 8);
    append_number(covered, 1 /* precert_entry */, 2);
    append(covered, issuer_key_hash);
    append_vector(covered, tbs, 3);
    append_vector(covered, {}, 2);

    Bytes sct;
    append_number(sct, 0 /* v1 */, 1);
    append(sct, log.id);
    append_number(sct, milliseconds, 8);
    append_vector(sct, {}, 2);
    append_number(sct, 0x0403 /* SHA-256 with ECDSA */, 2);
    append_vector(sct, signature_over(covered, log.key), 2);
    append_vector(list, sct, 2);
  }
  Bytes content;
  append_vector(content, list, 2);
  const auto inner = octet_string(content);
  const Bytes inner_der =
      der_of([&](unsigned char** out) { return i2d_ASN1_OCTET_STRING(inner.get(), out); });
  X509ExtensionPtr extension(
      X509_EXTENSION_create_by_NID(nullptr, NID_ct_precert_scts, 0, octet_string(inner_der).get()));
  check(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "add the SCT list");
}

const EVP_MD* digest_named(std::string_view name) { return EVP_get_digestbyname(std::string(name).c_str()); }

}  // namespace

EvpPkeyPtr make_key(PracticeKey kind) {
  EvpPkeyPtr key(kind == PracticeKey::ec_p256 ? EVP_EC_gen("prime256v1") : EVP_RSA_gen(2048));
  check(key != nullptr, "make a key");
  return key;
}

std::string private_key_pem(const EvpPkeyPtr& key) {
  BioPtr memory(BIO_new(BIO_s_mem()));
  check(memory && PEM_write_bio_PKCS8PrivateKey(memory.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                                nullptr) == 1,
        "write a key");
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

Bytes public_key_der(const EvpPkeyPtr& key) {
  return der_of([&](unsigned char** out) { return i2d_PUBKEY(key.get(), out); });
}

Bytes key_id(const EvpPkeyPtr& key) {
  X509PubkeyPtr holder;
  X509_PUBKEY* made = nullptr;
  check(X509_PUBKEY_set(&made, key.get()) == 1, "read a public key");
  holder.reset(made);
  const unsigned char* bits = nullptr;
  int size = 0;
  check(X509_PUBKEY_get0_param(nullptr, &bits, &size, nullptr, holder.get()) == 1, "read a public key");
  Bytes id(20);
  check(EVP_Digest(bits, static_cast<std::size_t>(size), id.data(), nullptr, EVP_sha1(), nullptr) == 1,
        "hash a key");
  return id;
}

SctLog make_log() {
  SctLog log{make_key(PracticeKey::ec_p256), {}};
  const auto hash = sha256(public_key_der(log.key));
  log.id.assign(hash.begin(), hash.end());
  return log;
}

Bytes sign(const Draft& draft, const EvpPkeyPtr& subject_key, const EvpPkeyPtr& issuer_key,
           const SctLog& log) {
  X509Ptr owner(X509_new());
  X509* certificate = owner.get();
  check(certificate && X509_set_version(certificate, X509_VERSION_3) == 1, "make a certificate");
  set_serial(certificate, draft.serial);
  set_validity(certificate, draft.not_before, draft.not_after);
  check(X509_set_subject_name(certificate, make_name(draft.subject).get()) == 1 &&
            X509_set_issuer_name(certificate, make_name(draft.issuer).get()) == 1 &&
            X509_set_pubkey(certificate, subject_key.get()) == 1,
        "fill a certificate");
  add_key_ids(certificate, draft);
  add_text_extension(certificate, NID_key_usage, draft.key_usage);
  add_text_extension(certificate, NID_ext_key_usage, draft.extended_key_usage);
  add_alternative_names(certificate, draft);
  add_policies(certificate, draft.policies);
  if (!draft.crl.empty()) add_text_extension(certificate, NID_crl_distribution_points, "URI:" + draft.crl);
  add_basic_constraints(certificate, draft);
  add_access(certificate, draft);
  const EVP_MD* digest = digest_named(draft.digest);
  check(digest && X509_sign(certificate, issuer_key.get(), digest) > 0, "sign a certificate");
  if (!draft.scts.empty()) {
    const auto issuer_key_hash = sha256(public_key_der(issuer_key));
    add_scts(certificate, draft.scts, issuer_key_hash, log);
    check(X509_sign(certificate, issuer_key.get(), digest) > 0, "sign a certificate");
  }
  return der_of([&](unsigned char** out) { return i2d_X509(certificate, out); });
}

}  // namespace chaintier::practice_issue
