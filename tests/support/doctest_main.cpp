// The tests run as the program does. With CHAINTIER_PLAIN_KEYS in the environment keys are decoded as OpenSSL
// does by itself, which is what the program falls back to.
#define DOCTEST_CONFIG_IMPLEMENT
#include <cstdlib>

#include <doctest/doctest.h>

#include "src/base/openssl_start.h"

int main(int argc, char** argv) {
  chaintier::start_openssl();
  if (!std::getenv("CHAINTIER_PLAIN_KEYS")) chaintier::decode_keys_quickly();
  return doctest::Context(argc, argv).run();
}
