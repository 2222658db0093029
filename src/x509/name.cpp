#include "src/x509/name.h"

#include <algorithm>
#include <cstdlib>
#include <memory>

#include <unicase.h>
#include <uninorm.h>

#include "src/base/text.h"

namespace chaintier {

namespace {

std::string oid_text(const ASN1_OBJECT* object) {
  char text[128];
  const int size = OBJ_obj2txt(text, sizeof text, object, 1);
  return size > 0 ? std::string(text, std::min<std::size_t>(static_cast<std::size_t>(size), sizeof text - 1))
                  : "";
}

std::string type_text(const ASN1_OBJECT* object) {
  const int nid = OBJ_obj2nid(object);
  return nid != NID_undef ? OBJ_nid2sn(nid) : oid_text(object);
}

bool is_text(int type) {
  switch (type) {
    case V_ASN1_UTF8STRING:
    case V_ASN1_PRINTABLESTRING:
    case V_ASN1_T61STRING:
    case V_ASN1_IA5STRING:
    case V_ASN1_UNIVERSALSTRING:
    case V_ASN1_BMPSTRING:
    case V_ASN1_VISIBLESTRING:
    case V_ASN1_NUMERICSTRING:
      return true;
    default:
      return false;
  }
}

std::string fold(std::string_view text) {
  if (std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; }))
    return lower_ascii(text);
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
  std::string result;
  bool gap = false;
  for (const char c : fold(utf8)) {
    const bool space = c == ' ' || (c >= '\t' && c <= '\r');
    if (space) {
      gap = !result.empty();
      continue;
    }
    if (gap) result += ' ';
    gap = false;
    result += c;
  }
  return result;
}

Bytes encoded_name(const X509_NAME* name) {
  const unsigned char* der = nullptr;  // stays the name's own
  std::size_t size = 0;
  if (X509_NAME_get0_der(name, &der, &size) != 1) return {};
  return Bytes(der, der + size);
}

Name read_name(const X509_NAME* name, bool& bad) {
  Name result;
  result.der = encoded_name(name);

  std::vector<std::vector<std::string>> rdns;
  for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
    const ASN1_OBJECT* type = X509_NAME_ENTRY_get_object(entry);
    const ASN1_STRING* value = X509_NAME_ENTRY_get_data(entry);
    const auto rdn = static_cast<std::size_t>(X509_NAME_ENTRY_set(entry));
    if (rdns.size() <= rdn) rdns.resize(rdn + 1);

    const std::string_view raw(reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
                               static_cast<std::size_t>(ASN1_STRING_length(value)));
    std::string text(raw);
    std::string canonical = oid_text(type) + '=';
    if (is_text(ASN1_STRING_type(value))) {
      unsigned char* utf8 = nullptr;
      const int size = ASN1_STRING_to_UTF8(&utf8, value);
      if (size >= 0) {
        text.assign(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size));
        OPENSSL_free(utf8);
      } else {
        bad = true;
      }
      canonical += canonical_value(text);
    } else {
      canonical += '#' + std::to_string(ASN1_STRING_type(value)) + ':' + std::string(raw);
    }
    if (text.find('\0') != std::string::npos) bad = true;
    // Lengths in front keep two attributes from running together into the canonical form of one.
    rdns[rdn].push_back(std::to_string(canonical.size()) + ':' + canonical);
    result.attributes.push_back({type_text(type), valid_utf8(text), rdn});
  }

  for (auto& rdn : rdns) {
    std::ranges::sort(rdn);  // an RDN is a SET
    std::string joined;
    for (const auto& attribute : rdn) joined += attribute + '+';
    result.canonical += joined + '/';
    result.canonical_rdns.push_back(std::move(joined));
  }
  return result;
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
