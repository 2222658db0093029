// The composition root: arguments as UTF-8, OpenSSL left alone by the machine's settings, an exit code out.
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include <openssl/crypto.h>

#include "src/cli/exit_code.h"
#include "src/cli/run.h"

int main(int argc, char** argv) {
  // The machine's openssl.cnf must not change what is seen: security levels and protocol bounds are ours.
  OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
  try {
    return chaintier::run(std::vector<std::string>(argv + 1, argv + argc));
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "chaintier: internal error: %s. Please report it with the command that you typed.\n",
                 failure.what());
    return static_cast<int>(chaintier::ExitCode::internal_error);
  }
}
