#include "src/local/csr.h"

#include <algorithm>

#include "src/base/openssl_handles.h"
#include "src/base/text.h"
#include "src/x509/name.h"
#include "src/x509/public_key.h"

namespace chaintier {

namespace {

using RequestPtr = std::unique_ptr<X509_REQ, FreeWith<X509_REQ_free>>;
constexpr int most_bits_verified = 16'384;

std::vector<std::string> requested_names(X509_REQ* request) {
  std::vector<std::string> names;
  STACK_OF(X509_EXTENSION)* extensions = X509_REQ_get_extensions(request);
  if (!extensions) return names;
  auto* list =
      static_cast<GENERAL_NAMES*>(X509V3_get_d2i(extensions, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(list); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(list, i);
    if (name->type != GEN_DNS) continue;
    names.push_back(valid_utf8({reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                                static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName))}));
  }
  GENERAL_NAMES_free(list);
  sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
  return names;
}

}  // namespace

std::optional<LocalItem> read_csr(ByteView der) {
  const ErrorQueueScope errors;
  const unsigned char* at = der.data();
  const RequestPtr request(d2i_X509_REQ(nullptr, &at, static_cast<long>(der.size())));
  if (!request) return std::nullopt;
  // A certificate has the same outermost shape; its to-be-signed part does not parse as a request's.
  LocalItem item;
  item.kind = ItemKind::csr;
  CsrFacts facts;
  bool bad_name = false;
  facts.subject = read_name(X509_REQ_get_subject_name(request.get()), bad_name);
  facts.dns_names = requested_names(request.get());
  const int signature = X509_REQ_get_signature_nid(request.get());
  facts.signature = signature == NID_undef ? "?" : OBJ_nid2ln(signature);
  unsigned char* spki = nullptr;
  const int size = i2d_X509_PUBKEY(X509_REQ_get_X509_PUBKEY(request.get()), &spki);
  const OpensslText owner(reinterpret_cast<char*>(spki));
  if (size > 0)
    if (auto key = read_public_key({spki, static_cast<std::size_t>(size)})) facts.key = std::move(*key);
  if (!facts.key.spki.empty()) item.spki = facts.key.fingerprint;
  item.key = key_summary(facts.key);
  EVP_PKEY* key = X509_REQ_get0_pubkey(request.get());
  facts.signature_good =
      key && EVP_PKEY_get_bits(key) <= most_bits_verified && X509_REQ_verify(request.get(), key) == 1;
  if (!facts.signature_good) {
    item.checked = false;
    item.problem = Reason{"csr_signature", {}};
  }
  item.csr = std::move(facts);
  return item;
}

bool is_crl(ByteView der) {
  const ErrorQueueScope errors;
  const unsigned char* at = der.data();
  const std::unique_ptr<X509_CRL, FreeWith<X509_CRL_free>> list(
      d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size())));
  return list != nullptr;
}

}  // namespace chaintier
