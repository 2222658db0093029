#include "src/observe/sent_pool.h"

#include <algorithm>
#include <utility>

#include "src/x509/certificate.h"

namespace chaintier {

SentPtr SentPool::keep(ByteView der) { return keep(der, CertFingerprint::of(der), nullptr); }

SentPtr SentPool::keep(CertificatePtr parsed) {
  const ByteView der = parsed->der;
  const CertFingerprint fingerprint = parsed->fingerprint;
  return keep(der, fingerprint, std::move(parsed));
}

SentPtr SentPool::keep(ByteView der, const CertFingerprint& fingerprint, CertificatePtr parsed) {
  auto& entry = known_[fingerprint];
  if (auto known = entry.lock()) return known;
  auto sent = std::make_shared<const SentCertificate>(
      SentCertificate{fingerprint, Bytes(der.begin(), der.end()), std::move(parsed)});
  entry = sent;
  if (known_.size() >= sweep_at_) {
    std::erase_if(known_, [](const auto& item) { return item.second.expired(); });
    sweep_at_ = std::max<std::size_t>(1024, 2 * known_.size());
  }
  return sent;
}

}  // namespace chaintier
