// Passwords of the user: from a file, the environment, or typed. Never printed, never logged.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/base/secret.h"

namespace chaintier {

// One a line, the octets as they are; an empty line is the empty password. A line that ends with CR is tried
// with and without it. Besides, the environment variable CHAINTIER_PASSWORD, which is overwritten.
Result<std::vector<Secret>> collect_passwords(const std::optional<std::string>& file);

bool can_ask_for_password();  // standard input and standard error are terminals
// One line from the terminal, not echoed; nothing when it ends without one.
std::optional<Secret> ask_for_password(const std::string& prompt);

}  // namespace chaintier
