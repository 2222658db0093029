#include "src/x509/ocsp.h"

#include <cstdlib>
#include <ctime>

#include <openssl/ocsp.h>

#include "src/base/openssl_handles.h"

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
using CertIdPtr = std::unique_ptr<OCSP_CERTID, FreeWith<OCSP_CERTID_free>>;
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

// OpenSSL checks the signature, and for a delegated responder its extended key usage and that the issuer
// signed it. The dates of that responder are left alone: time is an argument here, and the answer's own dates
// are judged.
bool signature_good(OCSP_BASICRESP* basic, X509* issuer) {
  const StorePtr store(X509_STORE_new());
  const StackPtr chain(sk_X509_new_null());
  if (!store || !chain || sk_X509_push(chain.get(), issuer) <= 0 ||
      X509_STORE_add_cert(store.get(), issuer) != 1)
    return false;
  X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_NO_CHECK_TIME);
  return OCSP_basic_verify(basic, chain.get(), store.get(), 0) == 1;
}

// The single response for the certificate, whichever digest the responder names it by.
OCSP_SINGLERESP* single_for(OCSP_BASICRESP* basic, X509* certificate, X509* issuer) {
  for (int i = 0; i < OCSP_resp_count(basic); ++i) {
    OCSP_SINGLERESP* single = OCSP_resp_get0(basic, i);
    const OCSP_CERTID* id = OCSP_SINGLERESP_get0_id(single);
    ASN1_OBJECT* digest = nullptr;
    OCSP_id_get0_info(nullptr, &digest, nullptr, nullptr, const_cast<OCSP_CERTID*>(id));
    const EVP_MD* method = EVP_get_digestbyobj(digest);
    const CertIdPtr wanted(method ? OCSP_cert_to_id(method, certificate, issuer) : nullptr);
    if (wanted && OCSP_id_cmp(const_cast<OCSP_CERTID*>(id), wanted.get()) == 0) return single;
  }
  return nullptr;
}

}  // namespace

Result<OcspAnswer> read_ocsp(ByteView response, const Certificate& certificate, const Certificate& issuer) {
  const ErrorQueueScope errors;
  const unsigned char* at = response.data();
  const ResponsePtr parsed(d2i_OCSP_RESPONSE(nullptr, &at, static_cast<long>(response.size())));
  if (!parsed) return unusable("the response cannot be read");
  if (const int status = OCSP_response_status(parsed.get()); status != OCSP_RESPONSE_STATUS_SUCCESSFUL)
    return unusable(std::string("the responder answered \"") + OCSP_response_status_str(status) + "\"");
  const BasicPtr basic(OCSP_response_get1_basic(parsed.get()));
  const X509Ptr subject = to_x509(certificate);
  const X509Ptr authority = to_x509(issuer);
  if (!basic || !subject || !authority) return unusable("the response cannot be read");

  OCSP_SINGLERESP* single = single_for(basic.get(), subject.get(), authority.get());
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
  answer.signature_good = signature_good(basic.get(), authority.get());
  return answer;
}

}  // namespace chaintier
