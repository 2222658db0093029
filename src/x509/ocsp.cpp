#include "src/x509/ocsp.h"

#include <algorithm>
#include <cstdlib>

#include <openssl/bn.h>
#include <openssl/ocsp.h>

#include "src/base/openssl_handles.h"
#include "src/x509/der_rules.h"
#include "src/x509/name.h"
#include "src/x509/ocsp_layout.h"
#include "src/x509/openssl_text.h"
#include "src/x509/public_key.h"

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

std::optional<Time> to_time(ByteView generalized_time) {
  const std::unique_ptr<ASN1_GENERALIZEDTIME, FreeWith<ASN1_GENERALIZEDTIME_free>> time(
      ASN1_GENERALIZEDTIME_new());
  if (!time ||
      ASN1_STRING_set(time.get(), generalized_time.data(), static_cast<int>(generalized_time.size())) != 1)
    return std::nullopt;
  return time_of(time.get());
}

// The octets themselves when they are DER; else what OpenSSL makes of some other BER, which lives in `made`,
// or nothing when it cannot read it.
template <class Owner, auto Decode, auto Encode>
ByteView as_der(ByteView ber, Bytes& made) {
  if (is_der(ber)) return ber;
  const unsigned char* at = ber.data();
  const Owner value(Decode(nullptr, &at, static_cast<long>(ber.size())));
  if (value) made = encoded<Encode>(value.get());
  return made;
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

bool is_digest(ByteView hash, const EVP_MD* method, ByteView content) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  return EVP_Digest(content.data(), content.size(), digest, &size, method, nullptr) == 1 &&
         std::ranges::equal(ByteView(digest, size), hash);
}

// Nothing for what is no digest.
const EVP_MD* digest_method(ByteView oid) {
  const unsigned char* at = oid.data();
  const std::unique_ptr<ASN1_OBJECT, FreeWith<ASN1_OBJECT_free>> object(
      d2i_ASN1_OBJECT(nullptr, &at, static_cast<long>(oid.size())));
  return object ? EVP_get_digestbyobj(object.get()) : nullptr;
}

bool is_serial(ByteView integer, const Certificate& certificate) {
  BIGNUM* wanted = nullptr;
  BN_hex2bn(&wanted, certificate.serial.c_str());
  const BignumPtr expected(wanted);
  const unsigned char* at = integer.data();
  const std::unique_ptr<ASN1_INTEGER, FreeWith<ASN1_INTEGER_free>> serial(
      d2i_ASN1_INTEGER(nullptr, &at, static_cast<long>(integer.size())));
  const BignumPtr found(serial ? ASN1_INTEGER_to_BN(serial.get(), nullptr) : nullptr);
  return expected && found && BN_cmp(expected.get(), found.get()) == 0;
}

// The single response for the certificate, whichever digest the responder names it by (4.1.1).
const ocsp::Single* single_for(const ocsp::Basic& basic, const Certificate& certificate,
                               const Certificate& issuer) {
  for (const ocsp::Single& single : basic.responses) {
    const EVP_MD* method = digest_method(single.hash_algorithm);
    if (method && is_serial(single.serial, certificate) &&
        is_digest(single.issuer_name_hash, method, certificate.issuer.der) &&
        is_digest(single.issuer_key_hash, method, key_octets(issuer.key.spki)))
      return &single;
  }
  return nullptr;
}

// Octet by octet: then it was read with the certificate, and whoever cannot read it does not take the
// certificate either.
bool is_same_name(ByteView name, const Certificate& certificate) {
  return std::ranges::equal(name, certificate.subject.der);
}

bool is_name_of(ByteView name, const Certificate& certificate) {
  if (is_same_name(name, certificate)) return true;
  bool bad = false;
  const auto read = read_name(name, bad);
  return read && read->canonical == certificate.subject.canonical;
}

// Signed with the issuer's own key, as its ResponderID says (4.2.1): the common case, and the cheap one.
bool signed_by_issuer(const ocsp::Basic& basic, const Certificate& issuer, SignatureChecker& signatures) {
  const bool named = basic.by_key ? is_digest(*basic.by_key, EVP_sha1(), key_octets(issuer.key.spki))
                                  : is_name_of(*basic.by_name, issuer);
  return named &&
         signatures.check(basic.data, basic.algorithm, basic.signature, issuer.key) == SignatureState::good;
}

}  // namespace

Result<OcspAnswer> read_ocsp(ByteView response, const Certificate& certificate, const Certificate& issuer,
                             SignatureChecker& signatures) {
  const ErrorQueueScope errors;
  Bytes made, made_basic;
  const auto whole =
      ocsp::read_response(as_der<ResponsePtr, d2i_OCSP_RESPONSE, i2d_OCSP_RESPONSE>(response, made));
  if (!whole) return unusable("the response cannot be read");
  if (whole->status != OCSP_RESPONSE_STATUS_SUCCESSFUL)
    return unusable(std::string("the responder answered \"") + OCSP_response_status_str(whole->status) +
                    "\"");
  if (!whole->basic_response) return unusable("the response cannot be read");
  const ByteView basic_der =
      as_der<BasicPtr, d2i_OCSP_BASICRESP, i2d_OCSP_BASICRESP>(*whole->basic_response, made_basic);
  const auto basic = ocsp::read_basic(basic_der);
  if (!basic) return unusable("the response cannot be read");
  const ocsp::Single* single = single_for(*basic, certificate, issuer);
  const bool by_issuer = single && signed_by_issuer(*basic, issuer, signatures);
  // What was left unread must be right too: clients refuse the whole otherwise.
  const bool all_read = basic->plain && (!basic->by_name || is_same_name(*basic->by_name, issuer));
  BasicPtr decoded;
  if (!by_issuer || !all_read) {
    const unsigned char* at = basic_der.data();
    decoded.reset(d2i_OCSP_BASICRESP(nullptr, &at, static_cast<long>(basic_der.size())));
    if (!decoded) return unusable("the response cannot be read");
  }
  if (!single) return unusable("the response is about another certificate");

  OcspAnswer answer;
  answer.status = single->status;
  answer.this_update = to_time(single->this_update).value_or(Time{});
  if (single->next_update) answer.next_update = to_time(*single->next_update);
  if (single->revoked_at) answer.revoked_at = to_time(*single->revoked_at);
  answer.signature_good = by_issuer || signed_for_issuer(decoded.get(), issuer);
  return answer;
}

}  // namespace chaintier
