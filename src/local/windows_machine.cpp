#include "src/local/windows_machine.h"

#include <algorithm>

#include <openssl/evp.h>

#include "src/base/digest.h"
#include "src/base/text.h"
#include "src/x509/signature.h"

namespace chaintier {

namespace {

constexpr std::string_view own_store = "LocalMachine\\MY";
constexpr std::size_t longest_chain = 10;

Bytes sha1(ByteView der) {
  Bytes digest(20);
  EVP_Digest(der.data(), der.size(), digest.data(), nullptr, EVP_sha1(), nullptr);
  return digest;
}

std::string place_of(ByteView digest) { return std::string(own_store) + '\\' + to_hex(digest); }

std::vector<CertificatePtr> parsed(const std::vector<WindowsCertificate>& list) {
  std::vector<CertificatePtr> result;
  for (const WindowsCertificate& one : list)
    if (const auto certificate = parse_certificate(one.der)) result.push_back(*certificate);
  return result;
}

// The certificates above the leaf that Windows sends.
std::vector<CertificatePtr> sent_above(const WindowsMachine& machine, CertificatePtr at) {
  SignatureChecker signatures;
  const StoreContents stores = store_contents(machine);
  const auto issuer_in = [&](const std::vector<CertificatePtr>& store, bool enabled_only) -> CertificatePtr {
    for (const CertificatePtr& one : store)
      if (!(enabled_only && stores.disabled.contains(one->fingerprint)) &&
          one->subject.canonical == at->issuer.canonical &&
          signatures.check(*at, one->key) == SignatureState::good)
        return one;
    return nullptr;
  };
  std::vector<CertificatePtr> chain;
  while (!at->self_issued() && chain.size() < longest_chain && !issuer_in(stores.roots, true)) {
    at = issuer_in(*stores.intermediates, false);
    if (!at) break;
    chain.push_back(at);
  }
  return chain;
}

LocalItem item_of(const CertificatePtr& certificate) {
  LocalItem item;
  item.sent = make_sent(certificate->der);
  item.certificate = certificate;
  item.spki = certificate->key.fingerprint;
  return item;
}

std::optional<LocalItem> key_of(const WindowsCertificate& certificate, const KeyFingerprint& spki) {
  if (certificate.key == WindowsKey::none) return std::nullopt;
  LocalItem item;
  item.kind = ItemKind::private_key;
  item.encrypted = true;  // Windows keeps it; nobody reads it from a file
  if (certificate.key == WindowsKey::present) item.spki = spki;
  if (certificate.key == WindowsKey::unopened) {
    item.checked = false;
    item.problem = Reason{"cannot_open", {{"detail", std::string("this account may not open the key")}}};
  }
  return item;
}

}  // namespace

StoreContents store_contents(const WindowsMachine& machine) {
  StoreContents contents{
      "windows", "LocalMachine", true, parsed(machine.roots), {}, parsed(machine.intermediates)};
  for (const auto* store : {&machine.roots, &machine.intermediates})
    for (const WindowsCertificate& one : *store)
      if (one.disabled) contents.disabled.insert(CertFingerprint::of(one.der));
  return contents;
}

std::vector<ServerSite> iis_sites(const WindowsMachine& machine) {
  std::vector<ServerSite> sites;
  const auto add = [&](const std::string& place) -> ServerSite& {
    ServerSite& site = sites.emplace_back();
    site.kind = "iis";
    site.certificate_file = place;
    return site;
  };
  for (const WindowsBinding& binding : machine.bindings) {
    ServerSite& site = add(place_of(binding.sha1));
    site.file = "http.sys";
    site.listen = {binding.listen};
    if (binding.name) site.names = {*binding.name};
  }
  for (const WindowsCertificate& one : machine.own) {
    const std::string place = place_of(sha1(one.der));
    if (std::ranges::find(sites, place, &ServerSite::certificate_file) != sites.end()) continue;
    const auto certificate = parse_certificate(one.der);
    if (certificate && !(*certificate)->is_ca()) add(place).file = own_store;
  }
  return sites;
}

LocalFile load_place(const WindowsMachine& machine, const std::string& place) {
  LocalFile file;
  file.path = place;
  const auto found = std::ranges::find_if(
      machine.own, [&](const WindowsCertificate& one) { return place_of(sha1(one.der)) == place; });
  const auto certificate =
      found == machine.own.end()
          ? Result<CertificatePtr>(input_error(Stage::read, "no such certificate in the store"))
          : parse_certificate(found->der);
  if (!certificate) {
    file.reason = Reason{"cannot_open", {{"detail", certificate.error().detail}}};
    return file;
  }
  file.readable = true;
  file.items.push_back(item_of(*certificate));
  for (const CertificatePtr& above : sent_above(machine, *certificate)) file.items.push_back(item_of(above));
  if (auto key = key_of(*found, (*certificate)->key.fingerprint)) file.items.push_back(std::move(*key));
  return file;
}

}  // namespace chaintier
