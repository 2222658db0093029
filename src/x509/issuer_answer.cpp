#include "src/x509/issuer_answer.h"

#include <algorithm>

#include "src/x509/certificate_file.h"

namespace chaintier {

namespace {

constexpr std::size_t most = 32;

}  // namespace

Result<std::vector<CertificatePtr>> issuers_in(ByteView body) {
  const auto ders = certificates_in(body);
  if (!ders) return Error{Stage::parse, Fault::peer, ders.error().detail};
  std::vector<CertificatePtr> found;
  for (const Bytes& der : *ders) {
    if (found.size() == most) break;
    const auto certificate = parse_certificate(der);
    if (!certificate) continue;
    const auto same = [&](const CertificatePtr& one) {
      return one->fingerprint == (*certificate)->fingerprint;
    };
    if (std::ranges::none_of(found, same)) found.push_back(*certificate);
  }
  if (found.empty())
    return Error{Stage::parse, Fault::peer, "it holds no certificate that can be read as X.509"};
  return found;
}

}  // namespace chaintier
