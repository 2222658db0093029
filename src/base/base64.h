// RFC 4648 4, without line breaks.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "src/base/bytes.h"

namespace chaintier {

std::string to_base64(ByteView bytes);
std::optional<Bytes> from_base64(
    std::string_view text);  // nothing for anything that is not base64 throughout

}  // namespace chaintier
