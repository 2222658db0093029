// Certificates as sent, each kept once: the issuers of a bulk run are the same few over and over.
#pragma once

#include <cstddef>
#include <memory>
#include <unordered_map>

#include "src/observe/observation.h"

namespace chaintier {

class SentPool {
 public:
  // The certificate with these bytes; the pool itself does not keep it alive.
  SentPtr keep(ByteView der);
  SentPtr keep(std::shared_ptr<const Certificate> parsed);

 private:
  SentPtr keep(ByteView der, const CertFingerprint& fingerprint, std::shared_ptr<const Certificate> parsed);

  std::unordered_map<CertFingerprint, std::weak_ptr<const SentCertificate>> known_;
  std::size_t sweep_at_ = 1024;  // entries whose certificate is gone are dropped when this many are there
};

}  // namespace chaintier
