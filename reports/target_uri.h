// A target as a reference that other programs take (RFC 3986).
#pragma once

#include <string>
#include <string_view>

#include "src/report/report.h"

namespace chaintier {

// The path, an absolute one as a file URI. Always valid, and ASCII.
std::string file_uri(std::string_view path);
// "https://host:port/", "smtp://host:25/", with "?connect=ADDRESS" for name@address; of a file its path, an
// absolute one as a file URI. Of a line that is no target the line, escaped. Always valid, and ASCII.
std::string target_uri(const TargetReport& target);

}  // namespace chaintier
