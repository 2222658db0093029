// Files of people: whatever they hold, a list or a sentence.
#include "src/x509/certificate.h"
#include "src/x509/certificate_file.h"
#include "tests/fuzz/fuzz.h"

using namespace chaintier;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto certificates = certificates_in({data, size});
  if (!certificates) {
    promise_printable(certificates.error().detail);
    return 0;
  }
  promise(!certificates->empty(), "no certificates are an error");
  for (const Bytes& der : *certificates) {
    if (der.empty()) continue;
    const auto again = certificates_in(bytes_of(to_pem(der)));
    promise(again && again->size() == 1 && again->front() == der, "PEM is read as it was written");
  }
  return 0;
}
