// Keys and certificates made in memory, for servers of the tests.
#pragma once

#include <string>
#include <vector>

#include "src/base/bytes.h"
#include "src/base/openssl_handles.h"

namespace chaintier::test {

enum class Kind { rsa, ec };

EvpPkeyPtr make_key(Kind kind);
// The same key as a server would hold it: decode_keys_quickly() concerns this whole process, its servers too.
EvpPkeyPtr as_in_a_server(const EVP_PKEY& made);
// An EC or RSA key whose public half is that of `shown` while it signs with the private half of `used`: what
// somebody has who holds a certificate but not its key.
EvpPkeyPtr forged_key(const EVP_PKEY& shown, const EVP_PKEY& used);

Bytes der_of(X509* certificate);

struct Identity {
  X509Ptr certificate;
  EvpPkeyPtr key;
  Bytes der;
};
// Valid from 2026 to 2036; issued by `issuer`, or self-signed.
Identity make_identity(Kind kind, const std::string& common_name, const Identity* issuer = nullptr);

// A leaf, its issuer and a root, made once for all tests of the process.
struct TestChain {
  Identity root, issuer, leaf;
};
const TestChain& rsa_chain();
const TestChain& ec_chain();

}  // namespace chaintier::test
