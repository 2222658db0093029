// DNS names as users write them and as they go over the wire (RFC 5890, UTS #46 by libidn2).
#pragma once

#include <string>
#include <string_view>

#include "src/base/result.h"

namespace chaintier {

// The lower-case A-label form without a final dot: "中文.台灣" becomes "xn--fiq228c.xn--kpry57d".
// Fails for an empty or over-long name or label, and for characters that no host name has.
// An underscore is let through: such names exist, whatever RFC 952 says.
Result<std::string> to_ascii_host(std::string_view name);

// The form for people: U-labels where they round-trip, else the text unchanged.
std::string to_shown_host(std::string_view ascii_name);

}  // namespace chaintier
