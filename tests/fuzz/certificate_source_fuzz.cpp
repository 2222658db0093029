// What people hand over as issued: whatever it holds, certificates, a chain or a sentence.
#include "src/files/certificate_source.h"
#include "src/findings/expectation.h"
#include "src/report/report.h"
#include "tests/fuzz/fuzz.h"

using namespace chaintier;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ArchiveLimits limits{1u << 16, 20, 1u << 16, 1u << 17};
  const auto source = certificates_of({{"input", Bytes(data, data + size)}}, limits);
  if (!source) {
    promise_printable(source.error().detail);
    return 0;
  }
  std::vector<CertificatePtr> certificates;
  std::vector<SentPtr> served;
  for (const FoundCertificate& one : source->found) {
    certificates.push_back(one.certificate);
    served.push_back(make_sent(one.certificate->der));
  }
  for (const LeftOutFile& file : source->left_out)
    promise(!file.why.empty(), "what is left out has a reason");
  SignatureChecker signatures;
  const auto expectation = expectation_of(certificates, signatures);
  if (!expectation) {
    promise_printable(expectation.error().detail);
    return 0;
  }
  for (const IssuedChain& issued : expectation->issued) {
    promise(!issued.served.empty(), "an issued chain begins with its leaf");
    std::vector<SentPtr> right;
    for (const CertificatePtr& one : issued.served) right.push_back(make_sent(one->der));
    promise(compare_with(issued, right, issued.served).differences.empty(), "a chain is as it was issued");
    compare_with(issued, served, certificates);
  }
  return 0;
}
