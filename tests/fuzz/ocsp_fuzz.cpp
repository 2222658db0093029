// An OCSP response about a certificate: its length, the certificate, its issuer's length, the issuer, the
// response.
#include <memory>

#include <openssl/ocsp.h>

#include "src/base/openssl_handles.h"
#include "src/x509/ocsp.h"
#include "tests/fuzz/fuzz.h"

using namespace chaintier;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  const auto certificate = parse_certificate(input.take(input.number()));
  const auto issuer = parse_certificate(input.take(input.number()));
  if (!certificate || !issuer) return 0;
  SignatureChecker signatures;
  const ByteView response = input.all();
  const auto answer = read_ocsp(response, **certificate, **issuer, signatures);
  if (!answer) {
    promise_printable(answer.error().detail);
    return 0;
  }
  const unsigned char* at = response.data();
  const std::unique_ptr<OCSP_RESPONSE, FreeWith<OCSP_RESPONSE_free>> whole(
      d2i_OCSP_RESPONSE(nullptr, &at, static_cast<long>(response.size())));
  promise(whole != nullptr, "OpenSSL reads what was answered");
  const std::unique_ptr<OCSP_BASICRESP, FreeWith<OCSP_BASICRESP_free>> basic(
      OCSP_response_get1_basic(whole.get()));
  promise(basic != nullptr, "OpenSSL reads what is within");
  return 0;
}
