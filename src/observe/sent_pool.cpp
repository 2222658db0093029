#include "src/observe/sent_pool.h"

#include <algorithm>

namespace chaintier {

SentPtr SentPool::keep(ByteView der) {
  const CertFingerprint fingerprint = CertFingerprint::of(der);
  auto& entry = known_[fingerprint];
  if (auto known = entry.lock()) return known;
  auto sent =
      std::make_shared<const SentCertificate>(SentCertificate{fingerprint, Bytes(der.begin(), der.end())});
  entry = sent;
  if (known_.size() >= sweep_at_) {
    std::erase_if(known_, [](const auto& item) { return item.second.expired(); });
    sweep_at_ = std::max<std::size_t>(1024, 2 * known_.size());
  }
  return sent;
}

}  // namespace chaintier
