#include "tests/support/chain_builder.h"

#include <chrono>
#include <stdexcept>

#include <openssl/core_names.h>
#include <openssl/rsa.h>

#include "src/base/address.h"
#include "src/base/openssl_handles.h"

namespace chaintier {

namespace {

void check(bool worked, const char* step) {
  if (!worked) throw std::runtime_error(std::string("libcrypto could not ") + step);
}

template <class Encode>
Bytes encoded(Encode encode) {
  const int size = encode(nullptr);
  check(size > 0, "encode");
  Bytes bytes(static_cast<std::size_t>(size));
  unsigned char* at = bytes.data();
  encode(&at);
  return bytes;
}

}  // namespace

Time day(int year, unsigned month, unsigned day_of_month) {
  return std::chrono::sys_days{std::chrono::year{year} / static_cast<int>(month) /
                               static_cast<int>(day_of_month)};
}

Time judging_day() { return day(2026, 9, 1); }

struct TestKey::State {
  EvpPkeyPtr key;
};

TestKey TestKey::ec(std::string_view curve) {
  const int nid = EC_curve_nist2nid(std::string(curve).c_str());
  EvpPkeyPtr key(EVP_EC_gen(OBJ_nid2sn(nid != NID_undef ? nid : OBJ_txt2nid(std::string(curve).c_str()))));
  check(key != nullptr, "make an EC key");
  return TestKey(std::make_shared<State>(State{std::move(key)}));
}

TestKey TestKey::rsa(int bits) {
  EvpPkeyPtr key(EVP_RSA_gen(static_cast<unsigned>(bits)));
  check(key != nullptr, "make an RSA key");
  return TestKey(std::make_shared<State>(State{std::move(key)}));
}

TestKey TestKey::rsa_pss(std::string_view digest) {
  const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA-PSS", nullptr));
  const EVP_MD* md = EVP_get_digestbyname(std::string(digest).c_str());
  EVP_PKEY* made = nullptr;
  check(context && EVP_PKEY_keygen_init(context.get()) == 1 &&
            EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), 2048) == 1 &&
            EVP_PKEY_CTX_set_rsa_pss_keygen_md(context.get(), md) == 1 &&
            EVP_PKEY_CTX_set_rsa_pss_keygen_mgf1_md(context.get(), md) == 1 &&
            EVP_PKEY_CTX_set_rsa_pss_keygen_saltlen(context.get(), EVP_MD_get_size(md)) == 1 &&
            EVP_PKEY_keygen(context.get(), &made) == 1,
        "make an RSA-PSS key");
  return TestKey(std::make_shared<State>(State{EvpPkeyPtr(made)}));
}

TestKey TestKey::ed25519() {
  EvpPkeyPtr key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  check(key != nullptr, "make an Ed25519 key");
  return TestKey(std::make_shared<State>(State{std::move(key)}));
}

Bytes TestKey::spki() const {
  return encoded([&](unsigned char** out) { return i2d_PUBKEY(state_->key.get(), out); });
}

namespace {

// PKCS #1 and ECDSA identifiers; RFC 4055 3.1 for RSASSA-PSS, salt as long as the digest.
std::string_view signature_oid(int key_type, std::string_view digest) {
  const bool rsa = key_type == EVP_PKEY_RSA;
  if (digest == "SHA256") return rsa ? "1.2.840.113549.1.1.11" : "1.2.840.10045.4.3.2";
  if (digest == "SHA384") return rsa ? "1.2.840.113549.1.1.12" : "1.2.840.10045.4.3.3";
  if (digest == "SHA512") return rsa ? "1.2.840.113549.1.1.13" : "1.2.840.10045.4.3.4";
  if (digest == "SHA1") return rsa ? "1.2.840.113549.1.1.5" : "1.2.840.10045.4.1";
  if (digest == "MD5" && rsa) return "1.2.840.113549.1.1.4";
  throw std::logic_error("no identifier for " + std::string(digest));
}

Bytes digest_identifier(std::string_view digest) {
  if (digest == "SHA256") return der::sequence({der::oid("2.16.840.1.101.3.4.2.1"), der::null()});
  if (digest == "SHA384") return der::sequence({der::oid("2.16.840.1.101.3.4.2.2"), der::null()});
  throw std::logic_error("no PSS parameters for " + std::string(digest));
}

Bytes pss_identifier(std::string_view digest) {
  const Bytes hash = digest_identifier(digest);
  const Bytes mask = der::sequence({der::oid("1.2.840.113549.1.1.8"), hash});
  const Bytes salt = der::integer(digest == "SHA256" ? 32 : 48);
  return der::sequence(
      {der::oid("1.2.840.113549.1.1.10"),
       der::sequence({der::explicit_tag(0, hash), der::explicit_tag(1, mask), der::explicit_tag(2, salt)})});
}

}  // namespace

Bytes TestKey::algorithm(std::string_view digest, bool pss) const {
  const int type = EVP_PKEY_get_id(state_->key.get());
  if (type == EVP_PKEY_ED25519) return der::sequence({der::oid("1.3.101.112")});
  if (pss || type == EVP_PKEY_RSA_PSS) return pss_identifier(digest);
  const Bytes oid = der::oid(signature_oid(type, digest));
  return type == EVP_PKEY_RSA ? der::sequence({oid, der::null()}) : der::sequence({oid});
}

Bytes TestKey::sign(ByteView content, std::string_view digest, bool pss) const {
  const EvpMdCtxPtr context(EVP_MD_CTX_new());
  const bool without_digest = EVP_PKEY_get_id(state_->key.get()) == EVP_PKEY_ED25519;
  const EVP_MD* md = without_digest ? nullptr : EVP_get_digestbyname(std::string(digest).c_str());
  EVP_PKEY_CTX* options = nullptr;
  std::size_t size = 0;
  check(context && EVP_DigestSignInit(context.get(), &options, md, nullptr, state_->key.get()) == 1,
        "begin to sign");
  if (pss)
    check(EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1 &&
              EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1,
          "ask for PSS");
  check(EVP_DigestSign(context.get(), nullptr, &size, content.data(), content.size()) == 1, "sign");
  Bytes signature(size);
  check(EVP_DigestSign(context.get(), signature.data(), &size, content.data(), content.size()) == 1, "sign");
  signature.resize(size);
  return signature;
}

Bytes named(std::string_view common_name) { return name_of({{oids::common_name, der::utf8(common_name)}}); }

Bytes name_of(const std::vector<std::pair<std::string_view, Bytes>>& attributes) {
  std::vector<Bytes> rdns;
  for (const auto& [type, value] : attributes)
    rdns.push_back(der::set({der::sequence({der::oid(type), value})}));
  return der::sequence(rdns);
}

Draft& Draft::set(TestExtension extension) {
  for (TestExtension& known : extensions)
    if (known.oid == extension.oid) {
      known = std::move(extension);
      return *this;
    }
  extensions.push_back(std::move(extension));
  return *this;
}

Draft& Draft::drop(std::string_view oid) {
  std::erase_if(extensions, [&](const TestExtension& extension) { return extension.oid == oid; });
  return *this;
}

Bytes issue(const Draft& draft, const TestKey& subject_key, const TestKey& signer) {
  const Bytes algorithm = signer.algorithm(draft.digest, draft.pss);
  std::vector<Bytes> parts;
  if (draft.version) parts.push_back(der::explicit_tag(0, der::integer(*draft.version)));
  parts.push_back(draft.serial);
  parts.push_back(draft.inner_algorithm.value_or(algorithm));
  parts.push_back(draft.issuer);
  parts.push_back(der::sequence({draft.not_before_element.value_or(der::time(draft.not_before)),
                                 draft.not_after_element.value_or(der::time(draft.not_after))}));
  parts.push_back(draft.subject);
  parts.push_back(draft.spki.value_or(subject_key.spki()));
  std::vector<Bytes> extensions;
  for (const TestExtension& extension : draft.extensions) {
    std::vector<Bytes> members{der::oid(extension.oid)};
    if (extension.critical) members.push_back(der::boolean(true));
    members.push_back(der::octet_string(extension.value));
    extensions.push_back(der::sequence(members));
  }
  if (!extensions.empty()) parts.push_back(der::explicit_tag(3, der::sequence(extensions)));
  const Bytes tbs = der::sequence(parts);
  return der::sequence({tbs, algorithm, der::bit_string(signer.sign(tbs, draft.digest, draft.pss))});
}

CertificatePtr parsed(ByteView der) {
  auto result = parse_certificate(der);
  if (!result) throw std::logic_error("a test certificate does not parse: " + result.error().detail);
  return *result;
}

CertificatePtr ca_certificate(const TestCa& subject, const TestCa& issuer, const Change& change) {
  Draft draft;
  draft.subject = named(subject.name);
  draft.issuer = named(issuer.name);
  draft.set(basic_constraints(true)).set(key_usage({5, 6})).set(subject_key_id(key_id_of(subject.key)));
  draft.set(authority_key_id(key_id_of(issuer.key)));
  if (change) change(draft);
  return parsed(issue(draft, subject.key, issuer.key));
}

Bytes leaf_der(const TestCa& issuer, std::string_view host, const Change& change) {
  static const TestKey key = TestKey::ec();
  Draft draft;
  draft.subject = named(host);
  draft.issuer = named(issuer.name);
  draft.not_before = day(2026, 6, 1);
  draft.not_after = day(2026, 12, 1);
  draft.set(key_usage({0})).set(extended_key_usage({oids::server_auth})).set(subject_alt_name({dns(host)}));
  draft.set(authority_key_id(key_id_of(issuer.key)));
  if (change) change(draft);
  return issue(draft, key, issuer.key);
}

CertificatePtr leaf_by(const TestCa& issuer, std::string_view host, const Change& change) {
  return parsed(leaf_der(issuer, host, change));
}

TestExtension basic_constraints(bool ca, std::optional<std::int64_t> path_length, bool critical) {
  std::vector<Bytes> parts;
  if (ca) parts.push_back(der::boolean(true));
  if (path_length) parts.push_back(der::integer(*path_length));
  return {std::string(oids::basic_constraints), critical, der::sequence(parts)};
}

TestExtension key_usage(const std::vector<unsigned>& bits) {
  return {std::string(oids::key_usage), true, der::named_bits(bits)};
}

namespace {

std::vector<Bytes> oid_list(const std::vector<std::string_view>& dotted) {
  std::vector<Bytes> result;
  for (const auto one : dotted) result.push_back(der::oid(one));
  return result;
}

Bytes subtrees(unsigned number, const std::vector<Bytes>& names) {
  std::vector<Bytes> trees;
  for (const Bytes& name : names) trees.push_back(der::sequence({name}));
  return der::implicit_tag(number, der::sequence(trees));
}

}  // namespace

TestExtension extended_key_usage(const std::vector<std::string_view>& usages) {
  return {std::string(oids::extended_key_usage), false, der::sequence(oid_list(usages))};
}

TestExtension subject_key_id(ByteView id) {
  return {std::string(oids::subject_key_id), false, der::octet_string(id)};
}

TestExtension authority_key_id(ByteView id) {
  return {std::string(oids::authority_key_id), false,
          der::sequence({der::implicit_tag(0, der::octet_string(id))})};
}

TestExtension subject_alt_name(const std::vector<Bytes>& names) {
  return {std::string(oids::subject_alt_name), false, der::sequence(names)};
}

TestExtension policies(const std::vector<std::string_view>& dotted) {
  std::vector<Bytes> list;
  for (const Bytes& one : oid_list(dotted)) list.push_back(der::sequence({one}));
  return {std::string(oids::policies), false, der::sequence(list)};
}

TestExtension policy_constraints(std::optional<std::int64_t> require_explicit,
                                 std::optional<std::int64_t> inhibit_mapping) {
  std::vector<Bytes> parts;
  if (require_explicit) parts.push_back(der::implicit_tag(0, der::integer(*require_explicit)));
  if (inhibit_mapping) parts.push_back(der::implicit_tag(1, der::integer(*inhibit_mapping)));
  return {std::string(oids::policy_constraints), true, der::sequence(parts)};
}

TestExtension policy_mappings(const std::vector<std::pair<std::string_view, std::string_view>>& mappings) {
  std::vector<Bytes> list;
  for (const auto& [issuer, subject] : mappings)
    list.push_back(der::sequence({der::oid(issuer), der::oid(subject)}));
  return {std::string(oids::policy_mappings), true, der::sequence(list)};
}

TestExtension inhibit_any_policy(std::int64_t skip) {
  return {std::string(oids::inhibit_any_policy), true, der::integer(skip)};
}

TestExtension name_constraints(const std::vector<Bytes>& permitted, const std::vector<Bytes>& excluded) {
  std::vector<Bytes> parts;
  if (!permitted.empty()) parts.push_back(subtrees(0, permitted));
  if (!excluded.empty()) parts.push_back(subtrees(1, excluded));
  return {std::string(oids::name_constraints), true, der::sequence(parts)};
}

Bytes email(std::string_view mailbox) { return der::tlv(0x81, mailbox); }
Bytes dns(std::string_view name) { return der::tlv(0x82, name); }
Bytes uri(std::string_view uri) { return der::tlv(0x86, uri); }
Bytes ip(ByteView octets) { return der::tlv(0x87, octets); }

Bytes ip(std::string_view address) { return ip(IpAddress::parse(address).value().octets()); }

Bytes ip_range(std::string_view address, std::string_view mask) {
  Bytes both;
  for (const auto text : {address, mask}) {
    const auto part = IpAddress::parse(text).value();
    both.insert(both.end(), part.octets().begin(), part.octets().end());
  }
  return ip(both);
}

Bytes directory(const Bytes& name) { return der::explicit_tag(4, name); }
Bytes registered_id(std::string_view dotted) { return der::implicit_tag(8, der::oid(dotted)); }

Bytes key_id_of(const TestKey& key) {
  const auto hash = sha256(key.spki());
  return Bytes(hash.begin(), hash.begin() + 20);
}

}  // namespace chaintier
