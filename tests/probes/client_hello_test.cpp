#include "probes/client_hello.h"

#include <doctest/doctest.h>

#include "probes/tls_context.h"
#include "probes/tls_encoding.h"

using namespace chaintier;

namespace {

// Where the parts of a ClientHello stand.
struct Parts {
  ByteView random, session_id, key_share;
};

Parts parts_of(ByteView hello) {
  Parts parts;
  TlsCursor in(hello.subspan(4 + 2));
  parts.random = in.take(32);
  parts.session_id = in.vector(1);
  in.vector(2);
  in.vector(1);
  TlsCursor extensions(in.vector(2));
  while (!extensions.at_end()) {
    const std::uint16_t type = extensions.number16();
    const ByteView data = extensions.vector(2);
    if (type == 51) parts.key_share = data.subspan(6);
  }
  REQUIRE(extensions.ok());
  REQUIRE(in.at_end());
  return parts;
}

}  // namespace

TEST_CASE("ClientHello: with libssl's values it is libssl's, octet by octet") {
  TlsContexts contexts;
  for (const KeyType type : {KeyType::any, KeyType::rsa, KeyType::ecdsa}) {
    const Bytes original = contexts.client_hello(type);
    const auto form = ClientHelloForm::from(original);
    REQUIRE(form);
    const Parts parts = parts_of(original);
    CHECK(parts.session_id.size() == 32);
    CHECK(parts.key_share.size() == 32);
    const std::optional<std::string> sni = "name.invalid";
    CHECK(form->filled({parts.random, parts.session_id, parts.key_share, sni, true}) == original);
  }
}

TEST_CASE("ClientHello: every name, and no length that makes old balancers hang") {
  TlsContexts contexts;
  const auto form = ClientHelloForm::from(contexts.client_hello(KeyType::rsa));
  REQUIRE(form);
  const Bytes value(32, 0x11);
  for (const bool http : {false, true})
    for (std::size_t length = 0; length <= 253; ++length) {
      std::optional<std::string> sni;
      if (length) sni = std::string(length, 'a');
      const Bytes hello = form->filled({value, value, value, sni, http});
      CHECK((hello.size() < 256 || hello.size() >= 512));
      CHECK(std::ranges::equal(parts_of(hello).key_share, value));
      CHECK(ClientHelloForm::from(hello));
    }
}

TEST_CASE("ClientHello: what is none") {
  TlsContexts contexts;
  Bytes hello = contexts.client_hello(KeyType::any);
  for (std::size_t size = 0; size < hello.size(); ++size)
    CHECK_FALSE(ClientHelloForm::from(ByteView(hello).first(size)));
  hello[0] = 2;
  CHECK_FALSE(ClientHelloForm::from(hello));
}
