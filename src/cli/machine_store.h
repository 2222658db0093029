// The trust store of the scanning machine, for the client "curl".
#pragma once

#include <memory>
#include <string>

#include "src/x509/certificate_store.h"

namespace chaintier {

struct MachineStore {
  std::string where;                                     // the file; empty when none was found
  std::shared_ptr<const CertificateStore> certificates;  // null when none was found
};

// SSL_CERT_FILE where it is set, else the bundle of the distribution. What cannot be read counts as not
// there.
MachineStore read_machine_store();

}  // namespace chaintier
