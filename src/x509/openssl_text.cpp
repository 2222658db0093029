#include "src/x509/openssl_text.h"

#include <algorithm>

#include <openssl/objects.h>
#include <openssl/x509.h>

namespace chaintier {

namespace {

// What does not fit is cut off; OpenSSL returns the whole length all the same.
std::string text_of(const ASN1_OBJECT* object, bool dotted) {
  char text[256];
  const int size = OBJ_obj2txt(text, sizeof text, object, dotted ? 1 : 0);
  if (size <= 0) return {};
  return std::string(text, std::min<std::size_t>(static_cast<std::size_t>(size), sizeof text - 1));
}

}  // namespace

std::string dotted_oid(const ASN1_OBJECT* object) { return text_of(object, true); }
std::string object_name(const ASN1_OBJECT* object) { return text_of(object, false); }

}  // namespace chaintier
