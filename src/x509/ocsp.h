// What an OCSP response says of one certificate (RFC 6960).
#pragma once

#include <optional>
#include <string_view>

#include "src/x509/certificate.h"
#include "src/x509/signature.h"

namespace chaintier {

enum class OcspStatus { good, revoked, unknown };
std::string_view id(OcspStatus status);

struct OcspAnswer {
  OcspStatus status = OcspStatus::unknown;
  Time this_update{};
  std::optional<Time> next_update;
  std::optional<Time> revoked_at;
  bool signature_good = false;  // by the issuer, or by a responder that the issuer named for it (4.2.2.2)
};

// The answer for `certificate`, whose issuer must be known: the response names certificates by their issuer's
// hash. Fails when the response cannot be read, is an error message, or speaks of other certificates.
Result<OcspAnswer> read_ocsp(ByteView response, const Certificate& certificate, const Certificate& issuer,
                             SignatureChecker& signatures);

}  // namespace chaintier
