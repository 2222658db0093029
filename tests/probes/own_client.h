// What the tests of our own TLS client share: the client, and servers whose messages are changed.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <vector>

#include "probes/own_tls_session.h"
#include "tests/probes/scripted_tls_server.h"

namespace chaintier::test {

using Step = OwnTlsSession::Step;

constexpr std::array<std::uint16_t, 2> versions{0x0304, 0x0303};
inline const TlsRequest request{KeyType::any, "www.example.tw", true, 0x0304};

struct OwnClient {
  TlsContexts contexts;
  std::unique_ptr<OwnTlsClient> made = OwnTlsClient::make(contexts);
  OwnTlsClient& client = *made;
};

// A self-signed certificate of the key; `usage` as OpenSSL's configuration has it.
X509Ptr certificate_of(EVP_PKEY* key, const char* usage = nullptr);

// A leaf on P-256 with its issuer, a suite that fits, and nothing changed.
TlsScript script_for(std::uint16_t version);
// The same but for a leaf with an RSA key.
TlsScript rsa_script_for(std::uint16_t version);

// When it is `done`, the server must have been content too.
Step step_with(TlsScript script, const TlsRequest& asked = request);
bool proves_key(TlsScript script);

// Changes the messages of one type; the others stay.
using Messages = std::vector<Bytes>;
using Change = std::function<Messages(Bytes)>;
std::function<Messages(const Bytes&)> changing(std::uint8_t type, Change change);
Step step_when(std::uint16_t version, std::uint8_t type, Change change);

}  // namespace chaintier::test
