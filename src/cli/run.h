// The program: arguments in, reports and an exit code out.
#pragma once

#include <string>
#include <vector>

#include "src/cli/exit_code.h"

namespace chaintier {

// `arguments` without the program's name, in UTF-8.
ExitCode run(const std::vector<std::string>& arguments);

}  // namespace chaintier
