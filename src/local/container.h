// Files that hold several things under a password: PKCS#12 (RFC 7292) and Java keystores.
#pragma once

#include <optional>

#include "src/local/local_report.h"
#include "src/local/private_key.h"

namespace chaintier {

struct Container {
  FileKind kind = FileKind::pkcs12;
  bool opened = false;           // everything in it could be read
  std::optional<Reason> reason;  // why not
  std::vector<LocalItem> items;
  std::optional<Pkcs12Locks> locks;
  bool empty_password = false;  // opened without a password or with the empty one
};

// Nothing for anything that is no PKCS#12.
std::optional<Container> read_pkcs12(ByteView der, const Unlocker& unlocker);

// JKS and JCEKS, told by their first four octets. Their certificates are readable without a password.
bool is_java_keystore(ByteView content);
Container read_java_keystore(ByteView content, const Unlocker& unlocker);

// A certificate as an item, parsed where it can be.
LocalItem certificate_item(ByteView der);

}  // namespace chaintier
