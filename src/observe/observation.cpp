#include "src/observe/observation.h"

#include <cstdlib>

namespace chaintier {

SentPtr make_sent(ByteView der) {
  return std::make_shared<const SentCertificate>(
      SentCertificate{CertFingerprint::of(der), Bytes(der.begin(), der.end())});
}

std::string_view id(KeyType type) {
  switch (type) {
    case KeyType::any:
      return "any";
    case KeyType::rsa:
      return "rsa";
    case KeyType::ecdsa:
      return "ecdsa";
  }
  std::abort();
}

std::string_view id(Outcome outcome) {
  switch (outcome) {
    case Outcome::captured:
      return "captured";
    case Outcome::partial:
      return "partial";
    case Outcome::failed:
      return "failed";
    case Outcome::not_started:
      return "not_started";
  }
  std::abort();
}

std::string_view id(EndpointRole role) {
  switch (role) {
    case EndpointRole::edge:
      return "edge";
    case EndpointRole::origin:
      return "origin";
    case EndpointRole::file:
      return "file";
  }
  std::abort();
}

}  // namespace chaintier
