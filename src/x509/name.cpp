#include "src/x509/name.h"

#include <algorithm>
#include <climits>
#include <cstdlib>
#include <memory>
#include <utility>

#include <unicase.h>
#include <uninorm.h>

#include "src/base/digest.h"
#include "src/base/text.h"
#include "src/x509/openssl_text.h"
#include "src/x509/tlv.h"

namespace chaintier {

namespace {

// The attribute types that certificates use (X.520), by the octets of their OID; OpenSSL knows the others.
std::string type_text(ByteView oid, const std::string& dotted) {
  if (oid.size() == 3 && oid[0] == 0x55 && oid[1] == 0x04) {
    switch (oid[2]) {
      case 3:
        return "CN";
      case 5:
        return "serialNumber";
      case 6:
        return "C";
      case 7:
        return "L";
      case 8:
        return "ST";
      case 10:
        return "O";
      case 11:
        return "OU";
      default:
        break;
    }
  }
  const int nid = OBJ_txt2nid(dotted.c_str());
  return nid != NID_undef ? OBJ_nid2sn(nid) : dotted;
}

// What OpenSSL says of an OID that is not well formed, or has huge arcs.
std::string odd_oid_text(ByteView element) {
  const unsigned char* at = element.data();
  const std::unique_ptr<ASN1_OBJECT, FreeWith<ASN1_OBJECT_free>> object(
      d2i_ASN1_OBJECT(nullptr, &at, static_cast<long>(element.size())));
  const std::string text = object ? dotted_oid(object.get()) : std::string();
  return text.empty() ? '#' + to_hex(element) : text;
}

// Nothing for what is no text. `invalid` is set for text that is not valid for its type.
std::optional<std::string> text_of_value(const tlv::Element& value, bool& invalid) {
  const std::string_view raw = text_of(value.content);
  switch (value.identifier) {
    case tlv::utf8_string:
    case tlv::printable_string:
    case tlv::t61_string:
    case tlv::ia5_string:
    case tlv::visible_string:
    case tlv::numeric_string:
      if (is_ascii(raw)) return std::string(raw);
      break;
    case tlv::universal_string:
    case tlv::bmp_string:
      break;
    default:
      return std::nullopt;
  }
  const std::unique_ptr<ASN1_STRING, FreeWith<ASN1_STRING_free>> string(
      ASN1_STRING_type_new(value.identifier));
  unsigned char* utf8 = nullptr;
  if (!string || raw.size() > INT_MAX ||
      ASN1_STRING_set(string.get(), raw.data(), static_cast<int>(raw.size())) != 1)
    return std::nullopt;
  const int size = ASN1_STRING_to_UTF8(&utf8, string.get());
  if (size < 0) {
    invalid = true;
    return std::nullopt;
  }
  std::string text(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size));
  OPENSSL_free(utf8);
  return text;
}

std::string fold(std::string_view text) {
  if (is_ascii(text)) return lower_ascii(text);
  std::size_t size = 0;
  const std::unique_ptr<std::uint8_t, decltype(&std::free)> folded(
      u8_casefold(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(), nullptr, UNINORM_NFKC,
                  nullptr, &size),
      &std::free);
  if (!folded) return std::string(text);
  return std::string(reinterpret_cast<const char*>(folded.get()), size);
}

}  // namespace

std::string canonical_value(std::string_view utf8) {
  std::string text = fold(utf8);
  std::size_t size = 0;  // of what is kept, which moves to the front
  bool gap = false;
  for (const char c : text) {
    const bool space = c == ' ' || (c >= '\t' && c <= '\r');
    if (space) {
      gap = size != 0;
      continue;
    }
    if (std::exchange(gap, false)) text[size++] = ' ';
    text[size++] = c;
  }
  text.resize(size);
  return text;
}

namespace {

// One AttributeTypeAndValue; false when it is none.
bool read_attribute(ByteView content, std::size_t rdn, Name& name, std::vector<std::string>& canonical_forms,
                    bool& bad) {
  const auto type = tlv::take(content);
  const auto value = tlv::take(content);
  if (!type || type->identifier != tlv::oid || !value || !content.empty()) return false;
  auto known = tlv::oid_text(type->content);
  const std::string dotted = known ? std::move(*known) : odd_oid_text(type->whole);
  std::string canonical = dotted + '=';
  bool invalid = false;
  auto text = text_of_value(*value, invalid);
  if (invalid) return false;  // no client that builds on OpenSSL reads it
  if (text) {
    canonical += canonical_value(*text);
  } else {
    text = std::string(text_of(value->content));
    canonical += '#' + std::to_string(value->identifier) + ':' + *text;
  }
  if (text->find('\0') != std::string::npos) bad = true;
  // Lengths in front keep two attributes from running together into the canonical form of one.
  canonical.insert(0, std::to_string(canonical.size()) + ':');
  canonical_forms.push_back(std::move(canonical));
  name.attributes.push_back({type_text(type->content, dotted), valid_utf8(*text), rdn});
  return true;
}

std::optional<Name> read_der_name(ByteView encoded, bool& bad) {
  const auto list = tlv::take(encoded);
  if (!list || list->identifier != tlv::sequence || !encoded.empty()) return std::nullopt;
  Name result;
  result.der.assign(list->whole.begin(), list->whole.end());
  ByteView rdns = list->content;
  while (!rdns.empty()) {
    const auto rdn = tlv::take(rdns);
    if (!rdn || rdn->identifier != tlv::set) return std::nullopt;
    std::vector<std::string> canonical_forms;
    ByteView attributes = rdn->content;
    while (!attributes.empty()) {
      const auto attribute = tlv::take(attributes);
      if (!attribute || attribute->identifier != tlv::sequence ||
          !read_attribute(attribute->content, result.canonical_rdns.size(), result, canonical_forms, bad))
        return std::nullopt;
    }
    std::ranges::sort(canonical_forms);  // an RDN is a SET
    std::string joined;
    for (const auto& attribute : canonical_forms) (joined += attribute) += '+';
    (result.canonical += joined) += '/';
    result.canonical_rdns.push_back(std::move(joined));
  }
  result.digest = name_digest(result.canonical);
  return result;
}

}  // namespace

std::optional<Name> read_name(ByteView encoded, bool& bad) {
  bool bad_as_der = bad;
  if (auto name = read_der_name(encoded, bad_as_der)) {
    bad = bad_as_der;
    return name;
  }
  const unsigned char* at = encoded.data();
  const X509NamePtr name(d2i_X509_NAME(nullptr, &at, static_cast<long>(encoded.size())));
  if (!name) return std::nullopt;
  Name result = read_name(name.get(), bad);
  result.der.assign(encoded.begin(), encoded.end());
  return result;
}

Name read_name(const X509_NAME* name, bool& bad) {
  const unsigned char* der = nullptr;  // stays the name's own
  std::size_t size = 0;
  if (X509_NAME_get0_der(name, &der, &size) != 1) return {};
  auto result = read_der_name({der, size}, bad);
  if (!result) bad = true;
  return result.value_or(Name{});
}

std::uint64_t name_digest(std::string_view canonical) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : canonical) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

std::string Name::text() const {
  std::string result;
  for (std::size_t i = 0; i < attributes.size(); ++i) {
    if (i > 0) result += attributes[i].rdn == attributes[i - 1].rdn ? " + " : ", ";
    result += attributes[i].type + '=' + attributes[i].value;
  }
  return result;
}

std::string Name::value(std::string_view type) const {
  for (auto it = attributes.rbegin(); it != attributes.rend(); ++it)
    if (it->type == type) return it->value;
  return {};
}

std::string Name::short_text() const {
  for (const std::string_view type : {"CN", "OU", "O"})
    if (std::string found = value(type); !found.empty()) return found;
  return text();
}

}  // namespace chaintier
