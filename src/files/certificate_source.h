// The certificates that somebody has in files: those of an archive or of a folder, whatever their names are.
#pragma once

#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/files/archive.h"
#include "src/x509/certificate.h"

namespace chaintier {

struct FoundCertificate {
  CertificatePtr certificate;  // not null
  std::string file;
};

// A file, or a part of one, that brought no certificate.
struct LeftOutFile {
  std::string file;
  std::string why;      // English, begins with what it holds or is: "a private key ..."
  bool secret = false;  // it holds a private key, or may: PKCS#12, Java keystore
};

struct CertificateSource {
  std::vector<FoundCertificate> found;  // in the order of the files, copies included
  std::vector<LeftOutFile> left_out;
};

// PEM, DER and PKCS#7 by content. An archive among the files is read too, but not one within that. Nothing of
// a private key is kept: the octets of such a file are overwritten. A certificate that is there and damaged
// is an error that names the file; files of other kinds are left out.
Result<CertificateSource> certificates_of(std::vector<ArchiveEntry> files, const ArchiveLimits& limits = {});

}  // namespace chaintier
