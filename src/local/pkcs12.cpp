#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <openssl/pkcs12.h>

#include "src/base/openssl_handles.h"
#include "src/base/text.h"
#include "src/local/container.h"
#include "src/local/openssl_context.h"
#include "src/x509/openssl_text.h"
#include "src/x509/public_key.h"

namespace chaintier {

namespace {

using Pkcs12Ptr = std::unique_ptr<PKCS12, FreeWith<PKCS12_free>>;
using InfoPtr = std::unique_ptr<PKCS8_PRIV_KEY_INFO, FreeWith<PKCS8_PRIV_KEY_INFO_free>>;

struct FreeSafes {
  void operator()(STACK_OF(PKCS7) * safes) const noexcept { sk_PKCS7_pop_free(safes, PKCS7_free); }
};
struct FreeBags {
  void operator()(STACK_OF(PKCS12_SAFEBAG) * bags) const noexcept {
    sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
  }
};
using SafesPtr = std::unique_ptr<STACK_OF(PKCS7), FreeSafes>;
using BagsPtr = std::unique_ptr<STACK_OF(PKCS12_SAFEBAG), FreeBags>;

constexpr int deepest_bag = 8;
constexpr std::int64_t most_mac_rounds = 5'000'000;

// RFC 7292 B.1: no password at all and the empty one are two different things.
struct Password {
  const char* octets = nullptr;
  int size = 0;
};

std::vector<Password> candidates(const Unlocker& unlocker) {
  std::vector<Password> list{{nullptr, 0}, {"", 0}};
  for (const Secret& secret : unlocker.passwords())
    if (!secret.empty()) list.push_back({secret.text().data(), static_cast<int>(secret.size())});
  return list;
}

// "PBES2 aes-256-cbc hmacWithSHA256", or the name of an older scheme.
std::string scheme_text(const X509_ALGOR* algorithm) {
  const ASN1_OBJECT* oid = nullptr;
  int type = V_ASN1_UNDEF;
  const void* value = nullptr;
  X509_ALGOR_get0(&oid, &type, &value, algorithm);
  if (OBJ_obj2nid(oid) != NID_pbes2 || type != V_ASN1_SEQUENCE) return object_name(oid);
  const auto* octets = static_cast<const ASN1_STRING*>(value);
  const unsigned char* at = ASN1_STRING_get0_data(octets);
  const std::unique_ptr<PBE2PARAM, FreeWith<PBE2PARAM_free>> scheme(
      d2i_PBE2PARAM(nullptr, &at, ASN1_STRING_length(octets)));
  if (!scheme) return "PBES2";
  const ASN1_OBJECT* cipher = nullptr;
  X509_ALGOR_get0(&cipher, nullptr, nullptr, scheme->encryption);
  return "PBES2 " + object_name(cipher);
}

// RFC 2985 5.5.1: a BMPString. PKCS12_get_friendlyname() of some versions of OpenSSL 3.0 gives nothing for
// names beyond ASCII.
std::optional<std::string> friendly_name(const PKCS12_SAFEBAG* bag) {
  const ASN1_TYPE* attribute = PKCS12_SAFEBAG_get0_attr(bag, NID_friendlyName);
  if (!attribute || attribute->type != V_ASN1_BMPSTRING) return std::nullopt;
  unsigned char* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(&utf8, attribute->value.bmpstring);
  const std::unique_ptr<unsigned char, FreeWith<free_openssl_memory>> owner(utf8);
  if (size < 0) return std::nullopt;
  const std::string_view name(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size));
  return valid_utf8(name.substr(0, name.find('\0')));  // some end it as C does
}

class Reader {
 public:
  Reader(const Unlocker& unlocker, Container& out) : unlocker_(unlocker), out_(out) {}

  void read(PKCS12* p12) {
    out_.locks = Pkcs12Locks{};
    const bool mac = PKCS12_mac_present(p12) == 1;
    if (mac && !look_at_mac(p12)) return;
    const SafesPtr safes(PKCS12_unpack_authsafes(p12));
    if (!safes) {
      out_.reason = Reason{"container_damaged", {}};
      return;
    }
    if (mac) {
      for (const Password& one : candidates(unlocker_))
        if (PKCS12_verify_mac(p12, one.octets, one.size) == 1) {
          password_ = one;
          break;
        }
    }
    for (int i = 0; i < sk_PKCS7_num(safes.get()); ++i) safe(sk_PKCS7_value(safes.get(), i));
    if (!mac && !failed_ && !password_) password_ = Password{};  // nothing in it was locked
    finish();
  }

 private:
  bool look_at_mac(PKCS12* p12) {
    const X509_ALGOR* algorithm = nullptr;
    const ASN1_INTEGER* rounds = nullptr;
    PKCS12_get0_mac(nullptr, &algorithm, nullptr, &rounds, p12);
    const ASN1_OBJECT* oid = nullptr;
    X509_ALGOR_get0(&oid, nullptr, nullptr, algorithm);
    out_.locks->mac = object_name(oid);
    (OBJ_obj2nid(oid) == NID_sha1 ? out_.locks->old : out_.locks->modern) = true;
    std::int64_t number = 1;
    const bool sane = !rounds || (ASN1_INTEGER_get_int64(&number, rounds) == 1 && number <= most_mac_rounds);
    if (!sane) stop("too_many_rounds");
    return sane;
  }

  void stop(std::string_view id) {
    failed_ = true;
    if (!out_.reason) out_.reason = Reason{std::string(id), {}};
  }

  // False when it would take too long to try.
  bool locked_with(const X509_ALGOR* algorithm) {
    const std::string text = scheme_text(algorithm);
    if (std::ranges::find(out_.locks->algorithms, text) == out_.locks->algorithms.end())
      out_.locks->algorithms.push_back(text);
    const ASN1_OBJECT* oid = nullptr;
    X509_ALGOR_get0(&oid, nullptr, nullptr, algorithm);
    const int nid = OBJ_obj2nid(oid);
    (nid == NID_pbes2 ? out_.locks->modern : out_.locks->old) = true;
    needs_legacy_ = needs_legacy_ || nid == NID_pbe_WithSHA1And40BitRC2_CBC ||
                    nid == NID_pbe_WithSHA1And128BitRC2_CBC || nid == NID_pbe_WithSHA1And128BitRC4 ||
                    nid == NID_pbe_WithSHA1And40BitRC4;
    if (!costs_too_much(encoded<i2d_X509_ALGOR>(algorithm))) return true;
    stop("too_many_rounds");
    return false;
  }

  // The MAC's password first; without one every candidate may be it.
  std::vector<Password> tries() const {
    return password_ ? std::vector<Password>{*password_} : candidates(unlocker_);
  }

  void safe(PKCS7* part) {
    const int nid = OBJ_obj2nid(part->type);
    if (nid == NID_pkcs7_data) {
      const BagsPtr inside(PKCS12_unpack_p7data(part));
      if (inside)
        bags(inside.get(), 0);
      else
        stop("container_damaged");
      return;
    }
    if (nid != NID_pkcs7_encrypted || !part->d.encrypted || !part->d.encrypted->enc_data) {
      stop("part_unknown");  // locked for a recipient's key (RFC 7292 4.1), say
      return;
    }
    if (!locked_with(part->d.encrypted->enc_data->algorithm)) return;
    for (const Password& one : tries())
      if (const BagsPtr inside(PKCS12_unpack_p7encdata(part, one.octets, one.size)); inside) {
        if (!password_) password_ = one;
        bags(inside.get(), 0);
        return;
      }
    closed_safe_ = failed_ = true;
  }

  void bags(STACK_OF(PKCS12_SAFEBAG) * list, int depth) {
    for (int i = 0; i < sk_PKCS12_SAFEBAG_num(list); ++i) {
      PKCS12_SAFEBAG* bag = sk_PKCS12_SAFEBAG_value(list, i);
      switch (PKCS12_SAFEBAG_get_nid(bag)) {
        case NID_keyBag:
          plain_key(bag);
          break;
        case NID_pkcs8ShroudedKeyBag:
          locked_key(bag);
          break;
        case NID_certBag:
          certificate(bag);
          break;
        case NID_crlBag: {
          LocalItem item;
          item.kind = ItemKind::crl;
          add(std::move(item), bag);
          break;
        }
        case NID_safeContentsBag:
          if (depth < deepest_bag)
            bags(const_cast<STACK_OF(PKCS12_SAFEBAG)*>(PKCS12_SAFEBAG_get0_safes(bag)), depth + 1);
          break;
        default:
          break;
      }
    }
  }

  void add(LocalItem item, PKCS12_SAFEBAG* bag) {
    item.alias = friendly_name(bag);
    const ASN1_TYPE* attribute = PKCS12_SAFEBAG_get0_attr(bag, NID_localKeyID);
    if (attribute && attribute->type == V_ASN1_OCTET_STRING) {
      const ASN1_OCTET_STRING* octets = attribute->value.octet_string;
      const Bytes key(ASN1_STRING_get0_data(octets),
                      ASN1_STRING_get0_data(octets) + ASN1_STRING_length(octets));
      item.entry = entries_.try_emplace(key, entries_.size() + 1).first->second;
    }
    out_.items.push_back(std::move(item));
  }

  void plain_key(PKCS12_SAFEBAG* bag) {
    const EvpPkeyPtr key(
        EVP_PKCS82PKEY_ex(PKCS12_SAFEBAG_get0_p8inf(bag), unlocker_.state().context, nullptr));
    LocalItem item;
    item.kind = ItemKind::private_key;
    item.checked = false;
    item.problem = Reason{"key_damaged", {}};
    if (key) item = key_item(look_at(key.get(), unlocker_));
    add(std::move(item), bag);
  }

  void locked_key(PKCS12_SAFEBAG* bag) {
    LocalItem item;
    item.kind = ItemKind::private_key;
    item.encrypted = true;
    item.checked = false;
    const X509_ALGOR* algorithm = nullptr;
    X509_SIG_get0(PKCS12_SAFEBAG_get0_pkcs8(bag), &algorithm, nullptr);
    key_seen_ = true;
    if (!locked_with(algorithm)) {
      item.problem = Reason{"too_many_rounds", {}};
      add(std::move(item), bag);
      return;
    }
    for (const Password& one : tries()) {
      const InfoPtr info(
          PKCS12_decrypt_skey_ex(bag, one.octets, one.size, unlocker_.state().context, nullptr));
      if (!info) continue;
      const EvpPkeyPtr key(EVP_PKCS82PKEY_ex(info.get(), unlocker_.state().context, nullptr));
      if (!key) continue;
      if (!password_) password_ = one;
      item = key_item(look_at(key.get(), unlocker_));
      item.encrypted = true;
      add(std::move(item), bag);
      return;
    }
    failed_ = true;
    add(std::move(item), bag);
  }

  void certificate(PKCS12_SAFEBAG* bag) {
    const X509Ptr one(PKCS12_SAFEBAG_get1_cert(bag));
    if (!one) return;
    unsigned char* der = nullptr;
    const int size = i2d_X509(one.get(), &der);
    if (size <= 0) return;
    const OpensslText owner(reinterpret_cast<char*>(der));
    add(certificate_item({der, static_cast<std::size_t>(size)}), bag);
  }

  void finish() {
    out_.opened = !failed_;
    out_.empty_password = password_ && password_->size == 0;
    if (!failed_) return;
    if (closed_safe_ && !key_seen_) {  // whether a key is in there cannot be told
      LocalItem item;
      item.kind = ItemKind::private_key;
      item.encrypted = true;
      item.checked = false;
      out_.items.push_back(std::move(item));
    }
    if (!out_.reason) {
      if (!password_)
        out_.reason = not_opened(unlocker_);
      else
        out_.reason = Reason{needs_legacy_ && !unlocker_.has_legacy() ? "no_legacy" : "part_locked", {}};
    }
    for (LocalItem& item : out_.items)
      if (!item.checked && !item.problem) item.problem = out_.reason;
  }

  const Unlocker& unlocker_;
  Container& out_;
  std::optional<Password> password_;  // the one that opened something
  std::map<Bytes, std::size_t> entries_;
  bool failed_ = false, closed_safe_ = false, key_seen_ = false, needs_legacy_ = false;
};

}  // namespace

LocalItem certificate_item(ByteView der) {
  LocalItem item;
  item.kind = ItemKind::certificate;
  item.sent = make_sent(der);
  if (auto parsed = parse_certificate(der)) {
    item.certificate = std::move(*parsed);
    item.spki = item.certificate->key.fingerprint;
    item.key = key_summary(item.certificate->key);
  } else {
    item.checked = false;
    item.problem = Reason{"certificate_damaged", {}};
  }
  return item;
}

std::optional<Container> read_pkcs12(ByteView der, const Unlocker& unlocker) {
  const ErrorQueueScope errors;
  // Made with its context beforehand: what is unpacked later finds the old algorithms there.
  PKCS12* raw = PKCS12_init_ex(NID_pkcs7_data, unlocker.state().context, nullptr);
  const unsigned char* at = der.data();
  const bool read = raw && d2i_PKCS12(&raw, &at, static_cast<long>(der.size())) != nullptr;
  const Pkcs12Ptr p12(raw);
  if (!read) return std::nullopt;
  Container container;
  Reader(unlocker, container).read(p12.get());
  return container;
}

}  // namespace chaintier
