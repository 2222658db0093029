// An OCSP response about a certificate: its length, the certificate, its issuer's length, the issuer, the
// response.
#include "src/x509/ocsp.h"
#include "tests/fuzz/fuzz.h"

using namespace chaintier;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  const auto certificate = parse_certificate(input.take(input.number()));
  const auto issuer = parse_certificate(input.take(input.number()));
  if (!certificate || !issuer) return 0;
  SignatureChecker signatures;
  const auto answer = read_ocsp(input.all(), **certificate, **issuer, signatures);
  if (!answer) {
    promise_printable(answer.error().detail);
    return 0;
  }
  promise(!answer->revoked_at || answer->status == OcspStatus::revoked,
          "only what is revoked has a date of it");
  return 0;
}
