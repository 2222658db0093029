// An OCSP response (RFC 6960 4.2.1) taken apart into its octets, for the .cpp files of x509.
#pragma once

#include <optional>
#include <vector>

#include "src/base/bytes.h"
#include "src/x509/ocsp.h"

namespace chaintier::ocsp {

// All views are of what was read.
struct Response {
  int status = 0;                          // OCSPResponseStatus
  std::optional<ByteView> basic_response;  // when its type is id-pkix-ocsp-basic
};

struct Single {
  ByteView hash_algorithm;  // OID, whole
  ByteView issuer_name_hash, issuer_key_hash;
  ByteView serial;  // INTEGER, whole
  OcspStatus status = OcspStatus::unknown;
  ByteView this_update;  // the characters of GeneralizedTime, as the next
  std::optional<ByteView> next_update, revoked_at;
};

struct Basic {
  ByteView data;                    // tbsResponseData, whole: what is signed
  std::optional<ByteView> by_name;  // ResponderID: one of the two
  std::optional<ByteView> by_key;
  std::vector<Single> responses;
  ByteView algorithm;  // AlgorithmIdentifier, whole
  ByteView signature;
  bool plain = true;  // one response, and nothing but by_name whose content was left unread
};

// Both want DER. The contents of names, extensions and certificates are left unread.
std::optional<Response> read_response(ByteView der);
std::optional<Basic> read_basic(ByteView der);

}  // namespace chaintier::ocsp
