// The certificate stores of a Windows machine and what http.sys, and so IIS, binds to them
// (manual 5.4, 5.5, 6.4). They are read elsewhere, on Windows only; what is made of them is here, and
// recorded contents test it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/local/local_report.h"
#include "src/local/stores.h"

namespace chaintier {

enum class WindowsKey {
  none,      // no key belongs to the certificate, or its container is gone
  present,   // its public half is the certificate's
  other,     // it belongs to another certificate
  unopened,  // there is one, and this user may not open it
};

struct WindowsCertificate {
  Bytes der;
  bool disabled = false;  // its property CERT_ENHKEY_USAGE_PROP_ID is there and lists no use
  WindowsKey key = WindowsKey::none;
};

struct WindowsBinding {
  std::string listen;               // "0.0.0.0:443", "www.example.tw:443"
  std::optional<std::string> name;  // of one that is chosen by SNI
  Bytes sha1;                       // of the certificate in LocalMachine\MY
};

// Of LocalMachine.
struct WindowsMachine {
  std::vector<WindowsCertificate> roots, intermediates, own;  // the stores Root, CA and MY
  std::vector<WindowsBinding> bindings;
};

StoreContents store_contents(const WindowsMachine& machine);

// One for each binding and one for each server certificate that none binds, of kind "iis"; the certificate's
// file is its place in the store, LocalMachine\MY\ and the SHA-1.
std::vector<ServerSite> iis_sites(const WindowsMachine& machine);

// What stands at such a place: the certificate, the chain that Windows sends with it, and its key as far as
// there is one. Windows ends at the first enabled root of its own that fits and never sends it, so that an
// enabled newer root keeps back its cross certificate.
LocalFile load_place(const WindowsMachine& machine, const std::string& place);

}  // namespace chaintier
