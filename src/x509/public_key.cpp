#include "src/x509/public_key.h"

#include <algorithm>
#include <bit>

#include <fmt/format.h>
#include <openssl/ec.h>
#include <openssl/objects.h>

#include "src/base/openssl_handles.h"
#include "src/x509/openssl_text.h"
#include "src/x509/tlv.h"

namespace chaintier {

namespace {

// Bits of the first INTEGER of a SEQUENCE: the modulus of an RSA key, the prime of DSA parameters. One that
// lacks the zero before its highest bit is taken as it was meant, like OpenSSL does with a modulus.
int first_integer_bits(ByteView der) {
  const auto list = tlv::take(der);
  if (!list || list->identifier != tlv::sequence) return 0;
  ByteView rest = list->content;
  const auto first = tlv::take(rest);
  if (!first || first->identifier != tlv::integer || first->content.empty()) return 0;
  ByteView number = first->content;
  while (!number.empty() && number.front() == 0) number = number.subspan(1);
  if (number.empty()) return 0;
  return static_cast<int>(8 * (number.size() - 1)) + std::bit_width(number.front());
}

void read_curve(const ASN1_OBJECT* curve, PublicKey& out) {
  const int nid = OBJ_obj2nid(curve);
  const char* name = nid != NID_undef ? EC_curve_nid2nist(nid) : nullptr;
  out.curve = name ? name : nid != NID_undef ? OBJ_nid2sn(nid) : "unknown";
  switch (nid) {
    case NID_X9_62_prime256v1:
    case NID_secp256k1:
      out.bits = 256;
      return;
    case NID_secp384r1:
      out.bits = 384;
      return;
    case NID_secp521r1:
      out.bits = 521;
      return;
    case NID_X9_62_prime192v1:
      out.bits = 192;
      return;
    case NID_secp224r1:
      out.bits = 224;
      return;
    default:
      break;
  }
  const std::unique_ptr<EC_GROUP, FreeWith<EC_GROUP_free>> group(EC_GROUP_new_by_curve_name(nid));
  if (group) out.bits = EC_GROUP_get_degree(group.get());
}

}  // namespace

PublicKey read_public_key(const X509_ALGOR* algorithm, ByteView key, Bytes spki) {
  PublicKey out;
  out.spki = std::move(spki);
  out.fingerprint = KeyFingerprint::of(out.spki);
  const ASN1_OBJECT* object = nullptr;
  int type = 0;
  const void* parameters = nullptr;
  X509_ALGOR_get0(&object, &type, &parameters, algorithm);
  switch (OBJ_obj2nid(object)) {
    case NID_rsaEncryption:
      out.algorithm = KeyAlgorithm::rsa;
      out.name = "RSA";
      break;
    case NID_rsassaPss:
      out.algorithm = KeyAlgorithm::rsa_pss;
      out.name = "RSA-PSS";
      break;
    case NID_X9_62_id_ecPublicKey:
      out.algorithm = KeyAlgorithm::ec;
      out.name = "EC";
      break;
    case NID_ED25519:
      out.algorithm = KeyAlgorithm::ed25519;
      out.name = "Ed25519";
      out.bits = 256;
      break;
    case NID_ED448:
      out.algorithm = KeyAlgorithm::ed448;
      out.name = "Ed448";
      out.bits = 456;
      break;
    case NID_dsa:
      out.algorithm = KeyAlgorithm::dsa;
      out.name = "DSA";
      break;
    default:
      out.name = object_name(object);
  }
  if (out.algorithm == KeyAlgorithm::rsa || out.algorithm == KeyAlgorithm::rsa_pss)
    out.bits = first_integer_bits(key);
  if (out.algorithm == KeyAlgorithm::dsa && type == V_ASN1_SEQUENCE) {
    const auto* sequence = static_cast<const ASN1_STRING*>(parameters);
    out.bits = first_integer_bits(
        {ASN1_STRING_get0_data(sequence), static_cast<std::size_t>(ASN1_STRING_length(sequence))});
  }
  if (out.algorithm == KeyAlgorithm::ec) {
    if (type == V_ASN1_OBJECT)
      read_curve(static_cast<const ASN1_OBJECT*>(parameters), out);
    else
      out.curve = "explicit parameters";
  }
  return out;
}

std::optional<PublicKey> read_public_key(ByteView spki) {
  const ErrorQueueScope errors;
  const unsigned char* at = spki.data();
  const X509PubkeyPtr info(d2i_X509_PUBKEY(nullptr, &at, static_cast<long>(spki.size())));
  const unsigned char* key = nullptr;
  int size = 0;
  X509_ALGOR* algorithm = nullptr;
  if (!info || X509_PUBKEY_get0_param(nullptr, &key, &size, &algorithm, info.get()) != 1) return std::nullopt;
  return read_public_key(algorithm, {key, static_cast<std::size_t>(size)}, Bytes(spki.begin(), spki.end()));
}

ByteView key_octets(ByteView spki) {
  const auto info = tlv::take(spki);
  if (!info || info->identifier != tlv::sequence || !spki.empty()) return {};
  ByteView rest = info->content;
  const auto algorithm = tlv::take(rest);
  const auto bits = tlv::take(rest);
  if (!algorithm || algorithm->identifier != tlv::sequence || !bits || bits->identifier != tlv::bit_string ||
      !rest.empty())
    return {};
  const bool whole_octets = !bits->content.empty() && bits->content[0] == 0;  // X.690 8.6.2: no unused bits
  return whole_octets ? bits->content.subspan(1) : ByteView{};
}

std::optional<ByteView> p256_point(ByteView spki) {
  // id-ecPublicKey with namedCurve secp256r1, the head of a BIT STRING of 65 octets, and the form.
  constexpr std::uint8_t head[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                   0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                   0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};
  constexpr std::size_t octets = 65;
  if (spki.size() != std::size(head) - 1 + octets || !std::ranges::equal(spki.first(std::size(head)), head))
    return std::nullopt;
  return spki.last(octets);
}

std::string key_summary(const PublicKey& key) {
  if (!key.curve.empty()) return fmt::format("EC {}", key.curve);
  if (key.bits > 0 && key.algorithm != KeyAlgorithm::ed25519 && key.algorithm != KeyAlgorithm::ed448)
    return fmt::format("{} {}", key.name, key.bits);
  return key.name;
}

}  // namespace chaintier
