// --expect PATH: what a CA issued, from whatever the user has of it.
#pragma once

#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/files/archive.h"
#include "src/findings/expectation.h"

namespace chaintier {

// The files at `path`: one file, or all below a folder, links to folders left alone. Names are those below
// the folder, in UTF-8 and sorted. Within the limits of an archive.
Result<std::vector<ArchiveEntry>> read_files_at(const std::string& path, const ArchiveLimits& limits = {});

// cert.zip, a folder, PEM, DER or PKCS#7. Says on standard error which files with private keys were left
// alone.
Result<Expectation> read_expectation(const std::string& path);

}  // namespace chaintier
