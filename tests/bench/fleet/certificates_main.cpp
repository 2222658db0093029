// Writes the certificates that tls_fleet serves. For each profile (key type and number of tiers) a folder
// with
//   root.pem     the root, which is never served
//   chain.pem    the intermediates, the issuer of the leaves first
//   key.pem      one private key for all leaves: ten thousand of them would take minutes
//   leaves.pem   h00000.PROFILE.fleet.test and so on
//   expired.pem  the same names with certificates that ended yesterday
//   staples.bin  one OCSP response for each leaf: four octets of length, then the DER
// and roots.pem with all the roots. Test material: the keys are not encrypted.
#include <array>
#include <charconv>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <openssl/bn.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include "src/base/bytes.h"
#include "src/base/openssl_handles.h"
#include "tests/bench/fleet/options.h"

using namespace chaintier;
using namespace chaintier::bench;

namespace {

using BignumPtr = std::unique_ptr<BIGNUM, FreeWith<BN_free>>;
using BasicResponsePtr = std::unique_ptr<OCSP_BASICRESP, FreeWith<OCSP_BASICRESP_free>>;
using ResponsePtr = std::unique_ptr<OCSP_RESPONSE, FreeWith<OCSP_RESPONSE_free>>;
using CertIdPtr = std::unique_ptr<OCSP_CERTID, FreeWith<OCSP_CERTID_free>>;
using TimePtr = std::unique_ptr<ASN1_TIME, FreeWith<ASN1_TIME_free>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, FreeWith<X509_EXTENSION_free>>;

void must(bool done, const std::string& what) {
  if (!done) throw std::runtime_error("cannot " + what);
}

BioPtr create(const std::string& path) {
  BioPtr file(BIO_new_file(path.c_str(), "wb"));
  must(file != nullptr, "write " + path);
  return file;
}

EvpPkeyPtr make_key(std::string_view type, bool root) {
  EvpPkeyPtr key(type == "rsa" ? EVP_RSA_gen(root ? 4096u : 2048u) : EVP_EC_gen(root ? "P-384" : "P-256"));
  must(key != nullptr, fmt::format("make a key of type {}", type));
  return key;
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  must(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "add the extension " + value);
}

struct Wish {
  std::string name;
  bool authority = false;
  long from_days = -1, to_days = 825;
};

struct Issuer {
  X509Ptr certificate;
  EvpPkeyPtr key;
};

void set_validity(X509* certificate, const Wish& wish) {
  constexpr long day = 86400;
  X509_gmtime_adj(X509_getm_notBefore(certificate), wish.from_days * day);
  X509_gmtime_adj(X509_getm_notAfter(certificate), wish.to_days * day);
}

// Signs with `issuer`, or, without one, with `key` itself.
X509Ptr issue(const Wish& wish, EVP_PKEY* key, const Issuer* issuer) {
  X509Ptr made(X509_new());
  X509* certificate = made.get();
  X509* above = issuer ? issuer->certificate.get() : certificate;
  std::array<unsigned char, 16> serial{};
  RAND_bytes(serial.data(), serial.size());
  serial.front() &= 0x7f;
  const BignumPtr number(BN_bin2bn(serial.data(), serial.size(), nullptr));
  BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate));
  X509_set_version(certificate, X509_VERSION_3);
  set_validity(certificate, wish);
  X509_NAME* name = X509_get_subject_name(certificate);
  const auto entry = [&](const char* field, const std::string& value) {
    const auto* octets = reinterpret_cast<const unsigned char*>(value.c_str());
    X509_NAME_add_entry_by_txt(name, field, MBSTRING_ASC, octets, -1, -1, 0);
  };
  if (wish.authority) entry("O", "Fleet Test CA");
  entry("CN", wish.name);
  X509_set_issuer_name(certificate, X509_get_subject_name(above));
  X509_set_pubkey(certificate, key);
  const auto extend = [&](int nid, const std::string& value) {
    add_extension(certificate, above, nid, value);
  };
  extend(NID_basic_constraints, wish.authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
  extend(NID_key_usage, wish.authority ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature");
  extend(NID_subject_key_identifier, "hash");
  if (issuer) {
    extend(NID_authority_key_identifier, "keyid:always");
    extend(NID_info_access, "OCSP;URI:http://ocsp.fleet.test/,caIssuers;URI:http://ca.fleet.test/i.der");
  }
  if (!wish.authority) {
    extend(NID_ext_key_usage, "serverAuth");
    extend(NID_subject_alt_name, "DNS:" + wish.name);
  }
  must(X509_sign(certificate, issuer ? issuer->key.get() : key, EVP_sha256()) > 0, "sign " + wish.name);
  return made;
}

Bytes staple_for(X509* leaf, const Issuer& issuer) {
  const BasicResponsePtr basic(OCSP_BASICRESP_new());
  const CertIdPtr id(OCSP_cert_to_id(EVP_sha1(), leaf, issuer.certificate.get()));
  const TimePtr from(X509_gmtime_adj(nullptr, -3600)), to(X509_gmtime_adj(nullptr, 7 * 86400L));
  OCSP_basic_add1_status(basic.get(), id.get(), V_OCSP_CERTSTATUS_GOOD, 0, nullptr, from.get(), to.get());
  must(OCSP_basic_sign(basic.get(), issuer.certificate.get(), issuer.key.get(), EVP_sha256(), nullptr,
                       OCSP_NOCERTS) == 1,
       "sign an OCSP response");
  const ResponsePtr response(OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic.get()));
  const int length = i2d_OCSP_RESPONSE(response.get(), nullptr);
  must(length > 0, "write an OCSP response");
  Bytes der(static_cast<std::size_t>(length));
  unsigned char* end = der.data();
  i2d_OCSP_RESPONSE(response.get(), &end);
  return der;
}

void write_staple(BIO* file, const Bytes& der) {
  const auto size = der.size();
  const std::array<std::uint8_t, 4> length{
      static_cast<std::uint8_t>(size >> 24), static_cast<std::uint8_t>(size >> 16),
      static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size)};
  BIO_write(file, length.data(), static_cast<int>(length.size()));
  BIO_write(file, der.data(), static_cast<int>(size));
}

void write_profile(const std::string& folder, const std::string& profile, std::size_t count, BIO* roots) {
  const std::string_view type(profile.data(), profile.size() - 1);
  const int tiers = profile.back() - '0';
  const std::string base = folder + "/" + profile;
  std::filesystem::create_directories(base);

  Issuer issuer;
  issuer.key = make_key(type, true);
  issuer.certificate = issue({"Fleet Root " + profile, true, -30, 7300}, issuer.key.get(), nullptr);
  PEM_write_bio_X509(create(base + "/root.pem").get(), issuer.certificate.get());
  PEM_write_bio_X509(roots, issuer.certificate.get());

  std::vector<X509Ptr> served;  // the issuer of the leaves last
  for (int tier = 1; tier <= tiers - 2; ++tier) {
    EvpPkeyPtr key = make_key(type, false);
    X509Ptr made = issue({fmt::format("Fleet CA {} {}", tier, profile), true, -20, 3650}, key.get(), &issuer);
    X509_up_ref(made.get());
    served.emplace_back(made.get());
    issuer = {std::move(made), std::move(key)};
  }
  const BioPtr chain = create(base + "/chain.pem");
  for (auto it = served.rbegin(); it != served.rend(); ++it) PEM_write_bio_X509(chain.get(), it->get());

  const EvpPkeyPtr key = make_key(type, false);
  PEM_write_bio_PrivateKey(create(base + "/key.pem").get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  const BioPtr leaves = create(base + "/leaves.pem"), expired = create(base + "/expired.pem"),
               staples = create(base + "/staples.bin");
  for (std::size_t i = 0; i < count; ++i) {
    const std::string name = host_name(i, profile);
    const X509Ptr leaf = issue({name, false, -1, 100}, key.get(), &issuer);
    PEM_write_bio_X509(leaves.get(), leaf.get());
    PEM_write_bio_X509(expired.get(), issue({name, false, -91, -1}, key.get(), &issuer).get());
    write_staple(staples.get(), staple_for(leaf.get(), issuer));
  }
}

bool is_profile(std::string_view text) {
  const bool known = text.starts_with("rsa") || text.starts_with("ec");
  const std::size_t letters = text.starts_with("rsa") ? 3 : 2;
  return known && text.size() == letters + 1 && text.back() >= '3' && text.back() <= '9';
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  std::size_t count = 0;
  if (arguments.size() >= 2)
    std::from_chars(arguments[1].data(), arguments[1].data() + arguments[1].size(), count);
  bool good = arguments.size() >= 3 && count >= 1 && count <= 100'000;
  for (std::size_t i = 2; i < arguments.size(); ++i) good = good && is_profile(arguments[i]);
  if (!good) {
    fmt::print(stderr,
               "usage: fleet_certificates FOLDER LEAVES PROFILE...   (rsaN or ecN with 3 to 9 tiers)\n");
    return 2;
  }
  try {
    std::filesystem::create_directories(arguments[0]);
    const BioPtr roots = create(arguments[0] + "/roots.pem");
    for (std::size_t i = 2; i < arguments.size(); ++i)
      write_profile(arguments[0], arguments[i], count, roots.get());
  } catch (const std::exception& error) {
    fmt::print(stderr, "fleet_certificates: {}\n", error.what());
    return 1;
  }
}
