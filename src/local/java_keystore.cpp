// JKS and JCEKS as java.security.KeyStore of OpenJDK writes them: big-endian, strings with a two-octet
// length.
#include <algorithm>
#include <array>

#include <openssl/evp.h>

#include "src/base/openssl_handles.h"
#include "src/base/text.h"
#include "src/local/container.h"
#include "src/local/openssl_context.h"
#include "src/x509/openssl_text.h"

namespace chaintier {

namespace {

constexpr std::array<std::uint8_t, 4> jks_mark{0xfe, 0xed, 0xfe, 0xed}, jceks_mark{0xce, 0xce, 0xce, 0xce};
constexpr std::size_t most_entries = 10'000;
constexpr std::size_t sha1_size = 20;
constexpr std::int64_t most_rounds = 5'000'000;

class Cursor {
 public:
  explicit Cursor(ByteView rest) : rest_(rest) {}

  std::optional<ByteView> take(std::size_t size) {
    if (size > rest_.size()) return std::nullopt;
    const ByteView part = rest_.first(size);
    rest_ = rest_.subspan(size);
    return part;
  }
  std::optional<std::uint32_t> number(std::size_t size) {
    const auto part = take(size);
    if (!part) return std::nullopt;
    std::uint32_t value = 0;
    for (const std::uint8_t octet : *part) value = value << 8 | octet;
    return value;
  }
  std::optional<ByteView> counted(std::size_t length_size) {
    const auto size = number(length_size);
    return size ? take(*size) : std::nullopt;
  }
  std::size_t left() const { return rest_.size(); }

 private:
  ByteView rest_;
};

// Java's String.toCharArray(): UTF-16, big-endian. For octets that are not UTF-8, one unit for each.
Secret as_java_chars(const Secret& password) {
  const std::string_view text = password.text();
  const bool utf8 = valid_utf8(text) == text;
  Secret result(text.size() * 4);
  std::size_t used = 0;
  const auto put = [&](std::uint32_t unit) {
    result.data()[used++] = static_cast<std::uint8_t>(unit >> 8 & 0xff);
    result.data()[used++] = static_cast<std::uint8_t>(unit & 0xff);
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto octet = static_cast<unsigned char>(text[i]);
    if (octet < 0x80 || !utf8) {
      put(octet);
      continue;
    }
    const std::size_t more = octet >= 0xf0 ? 3 : octet >= 0xe0 ? 2 : 1;
    std::uint32_t point = octet & (0x3fu >> more);
    for (std::size_t k = 0; k < more; ++k)
      point = point << 6 | (static_cast<unsigned char>(text[++i]) & 0x3fu);
    if (point >= 0x10000) {
      put(0xd800 + ((point - 0x10000) >> 10));
      put(0xdc00 + ((point - 0x10000) & 0x3ff));
    } else {
      put(point);
    }
  }
  result.shrink(used);
  return result;
}

using Block = std::array<std::uint8_t, sha1_size>;

Block sha1(std::initializer_list<ByteView> parts, OSSL_LIB_CTX* context) {
  Block digest{};
  const EvpMdPtr kind(EVP_MD_fetch(context, "SHA1", nullptr));
  const EvpMdCtxPtr state(EVP_MD_CTX_new());
  if (!kind || !state || EVP_DigestInit_ex(state.get(), kind.get(), nullptr) != 1) return digest;
  for (const ByteView part : parts) EVP_DigestUpdate(state.get(), part.data(), part.size());
  EVP_DigestFinal_ex(state.get(), digest.data(), nullptr);
  return digest;
}

// sun.security.provider.KeyProtector: salt, key XOR a chain of SHA-1, SHA-1 of password and key.
std::optional<Secret> open_jks_key(ByteView locked, const Secret& chars, OSSL_LIB_CTX* context) {
  if (locked.size() < 2 * sha1_size) return std::nullopt;
  const ByteView check = locked.last(sha1_size);
  const ByteView content = locked.subspan(sha1_size, locked.size() - 2 * sha1_size);
  Block stream{};
  std::copy_n(locked.begin(), sha1_size, stream.begin());
  Secret key(content.size());
  for (std::size_t i = 0; i < content.size(); ++i) {
    if (i % sha1_size == 0) stream = sha1({chars.view(), stream}, context);
    key.data()[i] = content[i] ^ stream[i % sha1_size];
  }
  const Block expected = sha1({chars.view(), key.view()}, context);
  OPENSSL_cleanse(stream.data(), stream.size());
  if (!std::ranges::equal(expected, check)) return std::nullopt;
  return key;
}

// com.sun.crypto.provider.KeyProtector, PBEWithMD5AndTripleDES: each half of the salt is digested with the
// password again and again; 24 octets of the result are the key, 8 the initialization vector.
std::optional<Secret> open_jceks_key(ByteView locked, ByteView salt, std::int64_t rounds,
                                     const Secret& password, OSSL_LIB_CTX* context) {
  if (salt.size() != 8 || rounds < 1) return std::nullopt;
  const EvpMdPtr md5(EVP_MD_fetch(context, "MD5", nullptr));
  const std::unique_ptr<EVP_CIPHER, FreeWith<EVP_CIPHER_free>> cipher(
      EVP_CIPHER_fetch(context, "DES-EDE3-CBC", nullptr));
  const EvpMdCtxPtr state(EVP_MD_CTX_new());
  if (!md5 || !cipher || !state) return std::nullopt;
  std::array<std::uint8_t, 8> start{};
  std::ranges::copy(salt, start.begin());
  // Halves that are the same would give the same key twice.
  if (std::equal(start.begin(), start.begin() + 4, start.begin() + 4)) {
    std::swap(start[0], start[3]);
    std::swap(start[1], start[2]);
  }
  Secret derived(32);
  for (std::size_t half = 0; half < 2; ++half) {
    std::array<std::uint8_t, 16> digest{};
    ByteView input(start.data() + half * 4, 4);
    for (std::int64_t i = 0; i < rounds; ++i) {
      EVP_DigestInit_ex(state.get(), md5.get(), nullptr);
      EVP_DigestUpdate(state.get(), input.data(), input.size());
      EVP_DigestUpdate(state.get(), password.view().data(), password.size());
      EVP_DigestFinal_ex(state.get(), digest.data(), nullptr);
      input = digest;
    }
    std::ranges::copy(digest, derived.data() + half * 16);
    OPENSSL_cleanse(digest.data(), digest.size());
  }
  const std::unique_ptr<EVP_CIPHER_CTX, FreeWith<EVP_CIPHER_CTX_free>> decoder(EVP_CIPHER_CTX_new());
  Secret key(locked.size() + 8);
  int size = 0, rest = 0;
  if (!decoder ||
      EVP_DecryptInit_ex2(decoder.get(), cipher.get(), derived.data(), derived.data() + 24, nullptr) != 1 ||
      EVP_DecryptUpdate(decoder.get(), key.data(), &size, locked.data(), static_cast<int>(locked.size())) !=
          1 ||
      EVP_DecryptFinal_ex(decoder.get(), key.data() + size, &rest) != 1)
    return std::nullopt;
  key.shrink(static_cast<std::size_t>(size + rest));
  return key;
}

// An EncryptedPrivateKeyInfo with one of Java's own schemes.
std::optional<Secret> open_java_key(ByteView der, const Secret& password, OSSL_LIB_CTX* context,
                                    bool& too_much) {
  const unsigned char* at = der.data();
  const std::unique_ptr<X509_SIG, FreeWith<X509_SIG_free>> locked(
      d2i_X509_SIG(nullptr, &at, static_cast<long>(der.size())));
  if (!locked) return std::nullopt;
  const X509_ALGOR* algorithm = nullptr;
  const ASN1_OCTET_STRING* octets = nullptr;
  X509_SIG_get0(locked.get(), &algorithm, &octets);
  const ByteView content(ASN1_STRING_get0_data(octets), static_cast<std::size_t>(ASN1_STRING_length(octets)));
  const ASN1_OBJECT* object = nullptr;
  int type = V_ASN1_UNDEF;
  const void* parameter = nullptr;
  X509_ALGOR_get0(&object, &type, &parameter, algorithm);
  const std::string oid = dotted_oid(object);
  if (oid == "1.3.6.1.4.1.42.2.17.1.1") return open_jks_key(content, as_java_chars(password), context);
  if (oid != "1.3.6.1.4.1.42.2.19.1" || type != V_ASN1_SEQUENCE) return std::nullopt;
  const auto* encoded = static_cast<const ASN1_STRING*>(parameter);
  at = ASN1_STRING_get0_data(encoded);
  const std::unique_ptr<PBEPARAM, FreeWith<PBEPARAM_free>> pbe(
      d2i_PBEPARAM(nullptr, &at, ASN1_STRING_length(encoded)));
  std::int64_t rounds = 0;
  if (!pbe || ASN1_INTEGER_get_int64(&rounds, pbe->iter) != 1) return std::nullopt;
  too_much = rounds > most_rounds;
  if (too_much) return std::nullopt;
  const ByteView salt(ASN1_STRING_get0_data(pbe->salt),
                      static_cast<std::size_t>(ASN1_STRING_length(pbe->salt)));
  return open_jceks_key(content, salt, rounds, password, context);
}

class Reader {
 public:
  Reader(const Unlocker& unlocker, Container& out) : unlocker_(unlocker), out_(out) {}

  void read(ByteView content) {
    if (!entries(content) && !out_.reason) out_.reason = Reason{"container_damaged", {}};
    if (!out_.reason && key_closed_)
      out_.reason = has_password_of(content) ? Reason{"part_locked", {}} : not_opened(unlocker_);
    out_.opened = !out_.reason;
  }

 private:
  bool entries(ByteView content) {
    Cursor in(content);
    in.take(4);
    const auto version = in.number(4), count = in.number(4);
    if (!version || !count || *version < 1 || *version > 2 || *count > most_entries) return false;
    version_ = *version;
    for (std::uint32_t i = 0; i < *count; ++i) {
      const auto tag = in.number(4);
      const auto alias = in.counted(2);
      if (!tag || !alias || !in.take(8)) return false;  // the date tells nothing here
      const std::string name = valid_utf8(text_of(*alias));
      if (*tag == 1) {
        if (!key_entry(in, name, i + 1)) return false;
      } else if (*tag == 2) {
        if (!certificate(in, name, i + 1)) return false;
      } else {
        // A secret key is a serialized Java object without a length: what follows it cannot be found.
        out_.reason = Reason{"secret_key_entry", {{"alias", name}}};
        return *tag == 3;
      }
    }
    return in.left() == sha1_size;
  }

  // The store itself is signed with its password, which may be another one than that of a key.
  bool has_password_of(ByteView content) const {
    static constexpr std::string_view salt = "Mighty Aphrodite";
    const auto signed_part = content.first(content.size() - sha1_size);
    return std::ranges::any_of(unlocker_.passwords(), [&](const Secret& password) {
      const Block own =
          sha1({as_java_chars(password).view(), bytes_of(salt), signed_part}, unlocker_.state().context);
      return std::ranges::equal(own, content.last(sha1_size));
    });
  }

  bool key_entry(Cursor& in, const std::string& alias, std::size_t entry) {
    const auto locked = in.counted(4);
    const auto chain = in.number(4);
    if (!locked || !chain || *chain > most_entries) return false;
    LocalItem item = open(*locked);
    item.alias = alias;
    item.entry = entry;
    key_closed_ = key_closed_ || !item.checked;
    out_.items.push_back(std::move(item));
    for (std::uint32_t i = 0; i < *chain; ++i)
      if (!certificate(in, alias, entry)) return false;
    return true;
  }

  bool certificate(Cursor& in, const std::string& alias, std::size_t entry) {
    if (version_ == 2 && !in.counted(2)) return false;  // "X.509"
    const auto der = in.counted(4);
    if (!der) return false;
    LocalItem item = certificate_item(*der);
    item.alias = alias;
    item.entry = entry;
    out_.items.push_back(std::move(item));
    return true;
  }

  LocalItem open(ByteView locked) const {
    const ErrorQueueScope errors;
    LocalItem item;
    item.kind = ItemKind::private_key;
    bool too_much = false;
    for (const Secret& password : unlocker_.passwords())
      if (const auto der = open_java_key(locked, password, unlocker_.state().context, too_much))
        if (const auto key = read_private_key(der->view(), unlocker_)) {
          item = key_item(*key);
          item.encrypted = true;
          return item;
        }
    item.encrypted = true;
    item.checked = false;
    item.problem = too_much ? Reason{"too_many_rounds", {}} : not_opened(unlocker_);
    return item;
  }

  const Unlocker& unlocker_;
  Container& out_;
  std::uint32_t version_ = 2;
  bool key_closed_ = false;
};

}  // namespace

bool is_java_keystore(ByteView content) {
  return content.size() >= 12 &&
         (std::ranges::equal(content.first(4), jks_mark) || std::ranges::equal(content.first(4), jceks_mark));
}

Container read_java_keystore(ByteView content, const Unlocker& unlocker) {
  Container container;
  container.kind = std::ranges::equal(content.first(4), jceks_mark) ? FileKind::jceks : FileKind::jks;
  Reader(unlocker, container).read(content);
  return container;
}

}  // namespace chaintier
