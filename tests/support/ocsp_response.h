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
  Bytes status = der::implicit_tag(0, der::null());  // good
  std::string_view this_update = "20260901000000Z";
  std::optional<Bytes> next_update = der::explicit_tag(0, generalized("20260908000000Z"));
  const EVP_MD* hash = EVP_sha1();
  std::optional<Bytes> responder{};  // ResponderID; the issuer's key when absent
  Bytes produced_at = generalized("20260901000000Z");
  TestKey signer;
  std::vector<Bytes> certificates{};  // of a delegated responder
  std::vector<Bytes> before{};        // SingleResponses
  // At the end of the SingleResponse, of tbsResponseData and of all: where extensions belong, and nothing
  // else.
  std::vector<Bytes> in_single{}, in_data{}, at_end{};
};

Bytes ocsp_single(const OcspDraft& draft);
// About `certificate`, whose serial number is the usual one of a Draft. The issuer's key is on P-256.
Bytes ocsp_response(const OcspDraft& draft);

}  // namespace chaintier
