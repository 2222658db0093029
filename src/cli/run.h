// The program: arguments in, reports and an exit code out.
#pragma once

#include <exception>
#include <string>
#include <vector>

namespace chaintier {

// `arguments` without the program's name, in UTF-8. What the process is to end with: an ExitCode, or with
// --nagios 0, 1, 2 or 3, where everything that is no verdict is 3 and has its line on standard output.
int run(const std::vector<std::string>& arguments);

// One sentence for what ended the program.
std::string sentence_for(const std::exception& failure);

}  // namespace chaintier
