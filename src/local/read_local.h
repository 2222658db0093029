// What a file really is, by its content and never by its name (manual 6.5), and what is in it.
#pragma once

#include <string>

#include "src/local/local_report.h"
#include "src/local/private_key.h"

namespace chaintier {

// Never fails: what cannot be read says why. `path` is for showing, and its ending for one hint only: a
// request saved as if it were the certificate.
LocalFile read_local(const std::string& path, ByteView content, const Unlocker& unlocker);

// A file without anything in it that belongs to TLS: not worth a line unless it was asked for by name.
bool is_foreign(const LocalFile& file);

}  // namespace chaintier
