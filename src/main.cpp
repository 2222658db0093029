// The composition root: arguments as UTF-8, OpenSSL left alone by the machine's settings, an exit code out.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "src/base/openssl_start.h"
#include "src/cli/exit_code.h"
#include "src/cli/private_memory.h"
#include "src/cli/run.h"
#include "src/cli/terminal.h"

int main(int argc, char** argv) {
  chaintier::hold_standard_streams();
  chaintier::hold_interrupts();  // before anything that takes time
  // Nobody uses stdout beside std::cout, which then hands over a JSON line in one call.
  std::ios_base::sync_with_stdio(false);
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  // Only "local" reads private keys; a host of that name costs a little time.
  if (std::ranges::find(arguments, "local") != arguments.end()) chaintier::overwrite_freed_memory();
  chaintier::start_openssl();
  chaintier::decode_keys_quickly();  // or as slowly as OpenSSL does by itself
  try {
    return chaintier::run(arguments);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "chaintier: %s\n", chaintier::sentence_for(failure).c_str());
    return static_cast<int>(chaintier::ExitCode::internal_error);
  }
}
