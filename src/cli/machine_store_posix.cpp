#include <array>
#include <cstdlib>

#include "src/cli/files.h"
#include "src/cli/machine_store.h"
#include "src/x509/certificate_file.h"

namespace chaintier {

MachineStore read_machine_store() {
  std::vector<std::string> files;
  if (const char* chosen = std::getenv("SSL_CERT_FILE"); chosen && *chosen) {
    files.emplace_back(chosen);
  } else {
    files = {"/etc/ssl/certs/ca-certificates.crt",                 // Debian, Ubuntu, Arch
             "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // RHEL, Fedora
             "/etc/ssl/ca-bundle.pem",                             // SUSE
             "/etc/ssl/cert.pem"};                                 // Alpine, macOS
  }
  for (const std::string& file : files) {
    const auto content = read_file(file);
    if (!content) continue;
    auto certificates = certificates_in(*content);
    if (!certificates) continue;
    return {file, std::make_shared<const CertificateStore>(std::move(*certificates))};
  }
  return {};
}

}  // namespace chaintier
