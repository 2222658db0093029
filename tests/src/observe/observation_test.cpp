#include "src/observe/observation.h"

#include <doctest/doctest.h>

#include "src/observe/sent_pool.h"

using namespace chaintier;

TEST_CASE("observation: ids of the contract") {
  CHECK(id(KeyType::any) == "any");
  CHECK(id(KeyType::ecdsa) == "ecdsa");
  CHECK(id(Outcome::not_started) == "not_started");
  CHECK(id(Outcome::partial) == "partial");
  CHECK(id(EndpointRole::origin) == "origin");
}

TEST_CASE("sent certificates: fingerprint, and one copy in a pool") {
  const SentPtr alone = make_sent(bytes_of("abc"));
  CHECK(alone->fingerprint.hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(text_of(alone->der) == "abc");

  SentPool pool;
  const SentPtr first = pool.keep(bytes_of("abc"));
  CHECK(pool.keep(bytes_of("abc")) == first);
  CHECK(pool.keep(bytes_of("abd")) != first);
  CHECK(first->fingerprint == alone->fingerprint);
  for (int i = 0; i < 5000; ++i) pool.keep(bytes_of(std::to_string(i)));
  CHECK(pool.keep(bytes_of("abc")) == first);
}
