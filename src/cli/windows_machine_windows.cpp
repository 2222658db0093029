// Reads what src/local/windows_machine.h describes. Everything is asked for reading only; nothing here needs
// more than an administrator's rights, and without them keys are told to be there but not opened.
// clang-format off: winsock2.h has to come before windows.h, and the others after it.
#include <http.h>
#include <ncrypt.h>
#include <wincrypt.h>
#include <windows.h>
#include <winsock2.h>
#include <ws2tcpip.h>
// clang-format on

#include <bit>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "src/cli/config_files.h"

namespace chaintier {

namespace {

std::string utf8(const wchar_t* text) {
  if (!text || !*text) return {};
  const int size = WideCharToMultiByte(CP_UTF8, 0, text, -1, nullptr, 0, nullptr, nullptr);
  std::string result(size > 0 ? static_cast<std::size_t>(size) : 1, '\0');
  WideCharToMultiByte(CP_UTF8, 0, text, -1, result.data(), size, nullptr, nullptr);
  result.pop_back();  // the terminating zero
  return result;
}

// "Disable all purposes for this certificate": the property is there and its list is empty.
bool is_disabled(const CERT_CONTEXT* certificate) {
  DWORD size = 0;
  if (!CertGetEnhancedKeyUsage(certificate, CERT_FIND_PROP_ONLY_ENHKEY_USAGE_FLAG, nullptr, &size))
    return false;
  std::vector<BYTE> buffer(size + sizeof(CERT_ENHKEY_USAGE));
  auto* const usage = reinterpret_cast<CERT_ENHKEY_USAGE*>(buffer.data());
  SetLastError(ERROR_SUCCESS);
  if (!CertGetEnhancedKeyUsage(certificate, CERT_FIND_PROP_ONLY_ENHKEY_USAGE_FLAG, usage, &size))
    return false;
  // Without the property the list is empty too, and the last error CRYPT_E_NOT_FOUND.
  return usage->cUsageIdentifier == 0 && GetLastError() == ERROR_SUCCESS;
}

// CRYPT_ACQUIRE_COMPARE_KEY_FLAG is not heeded everywhere, so the public halves are compared here.
WindowsKey compare_public(const CERT_CONTEXT* certificate, HCRYPTPROV_OR_NCRYPT_KEY_HANDLE key, DWORD spec) {
  DWORD size = 0;
  if (!CryptExportPublicKeyInfo(key, spec, X509_ASN_ENCODING, nullptr, &size)) return WindowsKey::unopened;
  std::vector<BYTE> buffer(size);
  auto* const info = reinterpret_cast<CERT_PUBLIC_KEY_INFO*>(buffer.data());
  if (!CryptExportPublicKeyInfo(key, spec, X509_ASN_ENCODING, info, &size)) return WindowsKey::unopened;
  return CertComparePublicKeyInfo(X509_ASN_ENCODING, info, &certificate->pCertInfo->SubjectPublicKeyInfo)
             ? WindowsKey::present
             : WindowsKey::other;
}

WindowsKey key_of(const CERT_CONTEXT* certificate) {
  DWORD size = 0;
  if (!CertGetCertificateContextProperty(certificate, CERT_KEY_PROV_INFO_PROP_ID, nullptr, &size))
    return WindowsKey::none;
  HCRYPTPROV_OR_NCRYPT_KEY_HANDLE key = 0;
  DWORD spec = 0;
  BOOL to_free = FALSE;
  constexpr DWORD flags = CRYPT_ACQUIRE_SILENT_FLAG | CRYPT_ACQUIRE_ALLOW_NCRYPT_KEY_FLAG;
  if (!CryptAcquireCertificatePrivateKey(certificate, flags, nullptr, &key, &spec, &to_free)) {
    const auto error = static_cast<HRESULT>(GetLastError());
    return error == NTE_BAD_KEYSET || error == CRYPT_E_NO_KEY_PROPERTY ? WindowsKey::none
                                                                       : WindowsKey::unopened;
  }
  const WindowsKey result = compare_public(certificate, key, spec);
  if (to_free && spec == CERT_NCRYPT_KEY_SPEC)
    NCryptFreeObject(key);
  else if (to_free)
    CryptReleaseContext(key, 0);
  return result;
}

struct CloseStore {
  void operator()(void* store) const noexcept { CertCloseStore(store, 0); }
};

// A store that was never used may not be there: then it is empty.
std::vector<WindowsCertificate> read_store(const wchar_t* name, bool with_keys) {
  std::vector<WindowsCertificate> result;
  constexpr DWORD flags =
      CERT_SYSTEM_STORE_LOCAL_MACHINE | CERT_STORE_OPEN_EXISTING_FLAG | CERT_STORE_READONLY_FLAG;
  const std::unique_ptr<void, CloseStore> store(CertOpenStore(CERT_STORE_PROV_SYSTEM_W, 0, 0, flags, name));
  if (!store) return result;
  const CERT_CONTEXT* at = nullptr;
  while ((at = CertEnumCertificatesInStore(store.get(), at)) != nullptr) {  // frees the one before
    WindowsCertificate& one = result.emplace_back();
    one.der.assign(at->pbCertEncoded, at->pbCertEncoded + at->cbCertEncoded);
    one.disabled = is_disabled(at);
    if (with_keys) one.key = key_of(at);
  }
  return result;
}

// -- http.sys. Some headers lack the part on SNI (Windows 8 and later): as the HTTP Server API documents it.

constexpr auto sni_certificates =
    std::bit_cast<HTTP_SERVICE_CONFIG_ID>(5);  // HttpServiceConfigSslSniCertInfo
struct SniKey {
  SOCKADDR_STORAGE address;
  PWSTR host;
};
struct SniSet {
  SniKey key;
  HTTP_SERVICE_CONFIG_SSL_PARAM parameters;
};
struct SniQuery {
  HTTP_SERVICE_CONFIG_QUERY_TYPE kind;
  SniKey key;
  DWORD token;
};

Bytes thumbprint(const HTTP_SERVICE_CONFIG_SSL_PARAM& parameters) {
  const auto* octets = static_cast<const std::uint8_t*>(parameters.pSslHash);
  return octets ? Bytes(octets, octets + parameters.SslHashLength) : Bytes();
}

std::string address_text(const SOCKADDR* address) {
  if (!address) return {};
  char host[NI_MAXHOST], port[NI_MAXSERV];
  const int size = address->sa_family == AF_INET6 ? static_cast<int>(sizeof(SOCKADDR_IN6))
                                                  : static_cast<int>(sizeof(SOCKADDR_IN));
  if (getnameinfo(address, size, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) != 0)
    return {};
  return address->sa_family == AF_INET6 ? '[' + std::string(host) + "]:" + port
                                        : std::string(host) + ':' + port;
}

WindowsBinding binding_of(const HTTP_SERVICE_CONFIG_SSL_SET& set) {
  return {address_text(set.KeyDesc.pIpPort), std::nullopt, thumbprint(set.ParamDesc)};
}

WindowsBinding binding_of(const SniSet& set) {
  const std::string name = utf8(set.key.host);
  const auto* address =
      reinterpret_cast<const SOCKADDR_IN*>(&set.key.address);  // the port lies alike in both
  return {name + ':' + std::to_string(ntohs(address->sin_port)), name, thumbprint(set.parameters)};
}

// One after the other, until there is no more. Set and Query belong to the kind asked for.
template <class Set, class Query>
void add_bindings(HTTP_SERVICE_CONFIG_ID kind, Query query, DWORD Query::*token,
                  std::vector<WindowsBinding>& into) {
  std::vector<BYTE> buffer(4096);
  for (query.*token = 0;; ++(query.*token)) {
    ULONG needed = 0;
    ULONG error = HttpQueryServiceConfiguration(nullptr, kind, &query, sizeof query, buffer.data(),
                                                static_cast<ULONG>(buffer.size()), &needed, nullptr);
    if (error == ERROR_INSUFFICIENT_BUFFER && needed > buffer.size()) {
      buffer.resize(needed);
      error = HttpQueryServiceConfiguration(nullptr, kind, &query, sizeof query, buffer.data(),
                                            static_cast<ULONG>(buffer.size()), &needed, nullptr);
    }
    if (error != NO_ERROR) return;  // ERROR_NO_MORE_ITEMS, or a kind that this Windows does not have
    into.push_back(binding_of(*reinterpret_cast<const Set*>(buffer.data())));
  }
}

std::vector<WindowsBinding> read_bindings() {
  std::vector<WindowsBinding> bindings;
  WSADATA sockets{};
  if (WSAStartup(MAKEWORD(2, 2), &sockets) != 0) return bindings;  // for getnameinfo
  if (HttpInitialize(HTTPAPI_VERSION_1, HTTP_INITIALIZE_CONFIG, nullptr) == NO_ERROR) {
    HTTP_SERVICE_CONFIG_SSL_QUERY by_address{};
    by_address.QueryDesc = HttpServiceConfigQueryNext;
    add_bindings<HTTP_SERVICE_CONFIG_SSL_SET>(HttpServiceConfigSSLCertInfo, by_address,
                                              &HTTP_SERVICE_CONFIG_SSL_QUERY::dwToken, bindings);
    SniQuery by_name{};
    by_name.kind = HttpServiceConfigQueryNext;
    add_bindings<SniSet>(sni_certificates, by_name, &SniQuery::token, bindings);
    HttpTerminate(HTTP_INITIALIZE_CONFIG, nullptr);
  }
  WSACleanup();
  return bindings;
}

}  // namespace

std::optional<WindowsMachine> read_windows_machine() {
  WindowsMachine machine;
  machine.roots = read_store(L"ROOT", false);
  machine.intermediates = read_store(L"CA", false);
  machine.own = read_store(L"MY", true);
  machine.bindings = read_bindings();
  return machine;
}

}  // namespace chaintier
