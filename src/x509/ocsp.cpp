#include "src/x509/ocsp.h"

#include <algorithm>
#include <cstdlib>
#include <ctime>

#include <openssl/bn.h>
#include <openssl/ocsp.h>

#include "src/base/openssl_handles.h"
#include "src/x509/der_rules.h"
#include "src/x509/name.h"
#include "src/x509/openssl_text.h"
#include "src/x509/public_key.h"
#include "src/x509/tlv.h"

namespace chaintier {

std::string_view id(OcspStatus status) {
  switch (status) {
    case OcspStatus::good:
      return "good";
    case OcspStatus::revoked:
      return "revoked";
    case OcspStatus::unknown:
      return "unknown";
  }
  std::abort();
}

namespace {

using ResponsePtr = std::unique_ptr<OCSP_RESPONSE, FreeWith<OCSP_RESPONSE_free>>;
using BasicPtr = std::unique_ptr<OCSP_BASICRESP, FreeWith<OCSP_BASICRESP_free>>;
using StorePtr = std::unique_ptr<X509_STORE, FreeWith<X509_STORE_free>>;
using StackPtr =
    std::unique_ptr<STACK_OF(X509), decltype([](STACK_OF(X509) * stack) { sk_X509_free(stack); })>;

Error unusable(std::string detail) { return {Stage::parse, Fault::peer, std::move(detail)}; }

X509Ptr to_x509(const Certificate& certificate) {
  const unsigned char* at = certificate.der.data();
  return X509Ptr{d2i_X509(nullptr, &at, static_cast<long>(certificate.der.size()))};
}

std::optional<Time> to_time(const ASN1_GENERALIZEDTIME* time) {
  std::tm parts{};
  if (!time || ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  using namespace std::chrono;
  const sys_days date =
      year_month_day{year{parts.tm_year + 1900}, month{static_cast<unsigned>(parts.tm_mon + 1)},
                     day{static_cast<unsigned>(parts.tm_mday)}};
  return date + hours{parts.tm_hour} + minutes{parts.tm_min} + seconds{parts.tm_sec};
}

// OpenSSL checks the signature of a delegated responder, its extended key usage and that the issuer signed it
// (4.2.2.2). The dates of that responder are left alone: time is an argument here, and the answer's own dates
// are judged.
bool signed_for_issuer(OCSP_BASICRESP* basic, const Certificate& by) {
  const X509Ptr certificate = to_x509(by);
  X509* const issuer = certificate.get();
  const StorePtr store(X509_STORE_new());
  const StackPtr chain(sk_X509_new_null());
  if (!issuer || !store || !chain || sk_X509_push(chain.get(), issuer) <= 0 ||
      X509_STORE_add_cert(store.get(), issuer) != 1)
    return false;
  X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_NO_CHECK_TIME);
  return OCSP_basic_verify(basic, chain.get(), store.get(), 0) == 1;
}

bool is_digest(const ASN1_OCTET_STRING* hash, const EVP_MD* method, ByteView content) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  return EVP_Digest(content.data(), content.size(), digest, &size, method, nullptr) == 1 &&
         std::ranges::equal(ByteView(digest, size), octets(hash));
}

bool is_serial(const ASN1_INTEGER* serial, const Certificate& certificate) {
  BIGNUM* wanted = nullptr;
  BN_hex2bn(&wanted, certificate.serial.c_str());
  const BignumPtr expected(wanted);
  const BignumPtr found(ASN1_INTEGER_to_BN(serial, nullptr));
  return expected && found && BN_cmp(expected.get(), found.get()) == 0;
}

// The single response for the certificate, whichever digest the responder names it by (4.1.1).
OCSP_SINGLERESP* single_for(OCSP_BASICRESP* basic, const Certificate& certificate,
                            const Certificate& issuer) {
  for (int i = 0; i < OCSP_resp_count(basic); ++i) {
    OCSP_SINGLERESP* single = OCSP_resp_get0(basic, i);
    ASN1_OCTET_STRING *name = nullptr, *key = nullptr;
    ASN1_OBJECT* digest = nullptr;
    ASN1_INTEGER* serial = nullptr;
    OCSP_id_get0_info(&name, &digest, &key, &serial,
                      const_cast<OCSP_CERTID*>(OCSP_SINGLERESP_get0_id(single)));
    const EVP_MD* method = EVP_get_digestbyobj(digest);
    if (method && is_serial(serial, certificate) && is_digest(name, method, certificate.issuer.der) &&
        is_digest(key, method, key_octets(issuer.key.spki)))
      return single;
  }
  return nullptr;
}

// tbsResponseData as it was sent (4.2.1), which spares encoding it anew. Nothing where BER was used that is
// not DER.
std::optional<ByteView> sent_data(ByteView response) {
  constexpr std::uint8_t enumerated = 0x0a, response_bytes = 0xa0, octet_string = 0x04;
  ByteView rest = response;
  const auto enter = [&rest](std::uint8_t identifier) {
    const auto element = tlv::take(rest);
    if (!element || element->identifier != identifier) return false;
    rest = element->content;
    return true;
  };
  const auto skip = [&rest](std::uint8_t identifier) {
    const auto element = tlv::take(rest);
    return element && element->identifier == identifier;
  };
  if (!enter(tlv::sequence) || !skip(enumerated) || !enter(response_bytes) || !enter(tlv::sequence) ||
      !skip(tlv::oid) || !enter(octet_string) || !enter(tlv::sequence))
    return std::nullopt;
  const auto data = tlv::take(rest);
  if (!data || data->identifier != tlv::sequence || !is_der(data->whole)) return std::nullopt;
  return data->whole;
}

bool is_name_of(const X509_NAME* name, const Certificate& certificate) {
  const unsigned char* der = nullptr;
  std::size_t size = 0;
  bool bad = false;
  return (X509_NAME_get0_der(name, &der, &size) == 1 &&
          std::ranges::equal(ByteView(der, size), certificate.subject.der)) ||
         read_name(name, bad).canonical == certificate.subject.canonical;
}

// Signed with the issuer's own key, as its ResponderID says (4.2.1): the common case, and the cheap one.
bool signed_by_issuer(ByteView response, OCSP_BASICRESP* basic, const Certificate& issuer,
                      SignatureChecker& signatures) {
  const ASN1_OCTET_STRING* by_key = nullptr;
  const X509_NAME* by_name = nullptr;
  if (OCSP_resp_get0_id(basic, &by_key, &by_name) != 1) return false;
  if (by_key ? !is_digest(by_key, EVP_sha1(), key_octets(issuer.key.spki)) : !is_name_of(by_name, issuer))
    return false;
  const auto sent = sent_data(response);
  const Bytes anew = sent ? Bytes{} : encoded<i2d_OCSP_RESPDATA>(OCSP_resp_get0_respdata(basic));
  const Bytes algorithm = encoded<i2d_X509_ALGOR>(OCSP_resp_get0_tbs_sigalg(basic));
  return signatures.check(sent ? *sent : ByteView(anew), algorithm, octets(OCSP_resp_get0_signature(basic)),
                          issuer.key) == SignatureState::good;
}

}  // namespace

Result<OcspAnswer> read_ocsp(ByteView response, const Certificate& certificate, const Certificate& issuer,
                             SignatureChecker& signatures) {
  const ErrorQueueScope errors;
  const unsigned char* at = response.data();
  const ResponsePtr parsed(d2i_OCSP_RESPONSE(nullptr, &at, static_cast<long>(response.size())));
  if (!parsed) return unusable("the response cannot be read");
  if (const int status = OCSP_response_status(parsed.get()); status != OCSP_RESPONSE_STATUS_SUCCESSFUL)
    return unusable(std::string("the responder answered \"") + OCSP_response_status_str(status) + "\"");
  const BasicPtr basic(OCSP_response_get1_basic(parsed.get()));
  if (!basic) return unusable("the response cannot be read");

  OCSP_SINGLERESP* single = single_for(basic.get(), certificate, issuer);
  if (!single) return unusable("the response is about another certificate");
  ASN1_GENERALIZEDTIME* revoked_at = nullptr;
  ASN1_GENERALIZEDTIME* this_update = nullptr;
  ASN1_GENERALIZEDTIME* next_update = nullptr;
  const int status = OCSP_single_get0_status(single, nullptr, &revoked_at, &this_update, &next_update);

  OcspAnswer answer;
  if (status == V_OCSP_CERTSTATUS_GOOD) answer.status = OcspStatus::good;
  if (status == V_OCSP_CERTSTATUS_REVOKED) answer.status = OcspStatus::revoked;
  answer.this_update = to_time(this_update).value_or(Time{});
  answer.next_update = to_time(next_update);
  answer.revoked_at = to_time(revoked_at);
  answer.signature_good =
      signed_by_issuer(response, basic.get(), issuer, signatures) || signed_for_issuer(basic.get(), issuer);
  return answer;
}

}  // namespace chaintier
