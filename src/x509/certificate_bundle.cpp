#include "src/x509/certificate_bundle.h"

#include <new>

#include <openssl/pem.h>
#include <openssl/pkcs7.h>

#include "src/base/openssl_handles.h"

namespace chaintier {

std::string pem_bundle(std::span<const CertificatePtr> certificates) {
  std::string text;
  for (const CertificatePtr& certificate : certificates) text += to_pem(certificate->der);
  return text;
}

std::string pkcs7_bundle(std::span<const CertificatePtr> certificates) {
  const ErrorQueueScope errors;
  const std::unique_ptr<PKCS7, FreeWith<PKCS7_free>> message(PKCS7_new());
  if (!message || PKCS7_set_type(message.get(), NID_pkcs7_signed) != 1 ||
      PKCS7_content_new(message.get(), NID_pkcs7_data) != 1)
    throw std::bad_alloc();
  PKCS7_set_detached(message.get(), 1);
  for (const CertificatePtr& certificate : certificates) {
    const unsigned char* at = certificate->der.data();
    const X509Ptr parsed(d2i_X509(nullptr, &at, static_cast<long>(certificate->der.size())));
    if (!parsed || PKCS7_add_certificate(message.get(), parsed.get()) != 1) throw std::bad_alloc();
  }
  const BioPtr memory(BIO_new(BIO_s_mem()));
  if (!memory || PEM_write_bio_PKCS7(memory.get(), message.get()) != 1) throw std::bad_alloc();
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
}

}  // namespace chaintier
