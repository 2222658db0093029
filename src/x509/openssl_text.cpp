#include "src/x509/openssl_text.h"

#include <algorithm>
#include <chrono>
#include <ctime>

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

std::optional<Time> time_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  using namespace std::chrono;
  const sys_days date =
      year_month_day{year{parts.tm_year + 1900}, month{static_cast<unsigned>(parts.tm_mon + 1)},
                     day{static_cast<unsigned>(parts.tm_mday)}};
  return date + hours{parts.tm_hour} + minutes{parts.tm_min} + seconds{parts.tm_sec};
}

}  // namespace chaintier
