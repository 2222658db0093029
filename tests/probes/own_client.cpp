#include "tests/probes/own_client.h"

#include <utility>

#include <doctest/doctest.h>
#include <openssl/x509v3.h>

namespace chaintier::test {

X509Ptr certificate_of(EVP_PKEY* key, const char* usage) {
  X509Ptr certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  X509_set_pubkey(certificate.get(), key);
  REQUIRE(ASN1_TIME_set_string(X509_getm_notBefore(certificate.get()), "20260101000000Z") == 1);
  REQUIRE(ASN1_TIME_set_string(X509_getm_notAfter(certificate.get()), "20360101000000Z") == 1);
  if (usage) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_key_usage, usage);
    REQUIRE(extension);
    X509_add_ext(certificate.get(), extension, -1);
    X509_EXTENSION_free(extension);
  }
  const bool plain = EVP_PKEY_get_id(key) == EVP_PKEY_ED25519;
  REQUIRE(X509_sign(certificate.get(), key, plain ? nullptr : EVP_sha256()) > 0);
  return certificate;
}

TlsScript script_for(std::uint16_t version) {
  TlsScript script;
  script.version = version;
  script.suite = version == 0x0304 ? 0x1301 : 0xc02b;
  script.key = ec_chain().leaf.key.get();
  script.certificates = {ec_chain().leaf.der, ec_chain().issuer.der};
  return script;
}

TlsScript rsa_script_for(std::uint16_t version) {
  TlsScript script = script_for(version);
  script.key = rsa_chain().leaf.key.get();
  script.certificates = {rsa_chain().leaf.der};
  return script;
}

Step step_with(TlsScript script, const TlsRequest& asked) {
  OwnClient own;
  ScriptedTlsServer server(std::move(script));
  OwnTlsSession session(own.client, asked, server);
  const auto step = session.handshake();
  if (step == Step::done) {
    CHECK(server.finished());
    CHECK(session.key_proved());
  }
  return step;
}

bool proves_key(TlsScript script) {
  OwnClient own;
  ScriptedTlsServer server(std::move(script));
  OwnTlsSession session(own.client, request, server);
  session.handshake();
  return session.key_proved();
}

std::function<Messages(const Bytes&)> changing(std::uint8_t type, Change change) {
  return [type, change](const Bytes& message) {
    return message[0] == type ? change(message) : Messages{message};
  };
}

Step step_when(std::uint16_t version, std::uint8_t type, Change change) {
  TlsScript script = script_for(version);
  script.change = changing(type, std::move(change));
  return step_with(std::move(script));
}

}  // namespace chaintier::test
