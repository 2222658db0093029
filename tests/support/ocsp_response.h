// OCSP responses (RFC 6960 4.2.1) put together as a test wants them.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include <openssl/evp.h>

#include "tests/support/chain_builder.h"

namespace chaintier {

Bytes generalized(std::string_view text);

struct OcspDraft {
  CertificatePtr certificate, issuer;
  Bytes serial = der::integer(0x1234);               // that of a Draft
  Bytes status = der::implicit_tag(0, der::null());  // good
  std::string_view this_update = "20260901000000Z";
  std::optional<Bytes> next_update = der::explicit_tag(0, generalized("20260908000000Z"));
  const EVP_MD* hash = EVP_sha1();
  std::vector<Bytes> version{};
  std::optional<Bytes> responder{};  // ResponderID; the issuer's key when absent
  Bytes produced_at = generalized("20260901000000Z");
  std::vector<Bytes> before{};  // SingleResponses
  TestKey signer;
  std::vector<Bytes> certificates{};               // of a delegated responder
  std::string_view type = "1.3.6.1.5.5.7.48.1.1";  // id-pkix-ocsp-basic
  Bytes response_status = der::tlv(0x0a, Bytes{0});
  // What ends SingleResponse and ResponseData, where extensions belong; BasicOCSPResponse, where certificates
  // do; CertID, ResponseBytes and OCSPResponse, where nothing does.
  std::vector<Bytes> in_single{}, in_data{}, in_basic{}, in_id{}, in_bytes{}, at_end{};
};

Bytes ocsp_single(const OcspDraft& draft);
// The issuer's key is on P-256.
Bytes ocsp_response(const OcspDraft& draft);

}  // namespace chaintier
