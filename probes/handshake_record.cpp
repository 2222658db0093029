#include "probes/handshake_record.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include <fmt/format.h>

#include "probes/tls_encoding.h"
#include "probes/tls_numbers.h"

namespace chaintier {
namespace {

constexpr std::uint8_t status_type_ocsp = 1;

// SHA-256 of "HelloRetryRequest", RFC 8446 4.1.3.
constexpr std::array<std::uint8_t, 32> retry_random{
    0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91,
    0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C};

Error malformed(std::string what) { return {Stage::handshake, Fault::peer, std::move(what)}; }

Result<ByteView> status_response(ByteView status) {
  TlsCursor in(status);
  const std::uint32_t type = in.number(1);
  const ByteView response = in.vector(3);
  if (!in.ok() || !in.at_end() || type != status_type_ocsp || response.empty())
    return malformed("the stapled certificate status cannot be read");
  return response;
}

}  // namespace

Result<CertificateList> read_certificates_12(ByteView body) {
  TlsCursor in(body);
  TlsCursor entries(in.vector(3));
  CertificateList list;
  while (in.ok() && entries.ok() && !entries.at_end()) {
    const ByteView certificate = entries.vector(3);
    if (certificate.empty()) return malformed("an entry of the certificate list is empty or cut off");
    list.certificates.push_back(certificate);
  }
  if (!in.ok() || !in.at_end())
    return malformed("the length of the certificate list does not fit its message");
  return list;
}

Result<CertificateList> read_certificates_13(ByteView body) {
  TlsCursor in(body);
  const ByteView context = in.vector(1);
  TlsCursor entries(in.vector(3));
  CertificateList list;
  list.oddities = !context.empty();  // a server has no request to answer
  while (in.ok() && entries.ok() && !entries.at_end()) {
    const ByteView certificate = entries.vector(3);
    TlsCursor extensions(entries.vector(2));
    if (!entries.ok() || certificate.empty())
      return malformed("an entry of the certificate list is empty or cut off");
    list.certificates.push_back(certificate);
    while (extensions.ok() && !extensions.at_end()) {
      const std::uint32_t type = extensions.number(2);
      const ByteView data = extensions.vector(2);
      if (!extensions.ok()) return malformed("an extension of a certificate entry is cut off");
      // Neither costs us the certificates.
      const bool asked_for = type == tls::extension::status_request;
      const auto response = status_response(data);
      if (!asked_for || !response)
        list.oddities = true;
      else if (list.certificates.size() == 1)
        list.staple = *response;
    }
  }
  if (!in.ok() || !in.at_end())
    return malformed("the length of the certificate list does not fit its message");
  return list;
}

Result<ByteView> read_certificate_status(ByteView body) { return status_response(body); }

Result<ServerHello> read_server_hello(ByteView body) {
  TlsCursor in(body);
  ServerHello hello;
  hello.version = static_cast<std::uint16_t>(in.number(2));
  const ByteView random = in.take(32);
  in.vector(1);  // session id
  hello.cipher = static_cast<std::uint16_t>(in.number(2));
  in.number(1);  // compression
  if (!in.ok()) return malformed("the ServerHello is cut off");
  hello.retry_request = std::ranges::equal(random, retry_random);
  if (in.at_end()) return hello;  // no extensions: before RFC 3546
  TlsCursor extensions(in.vector(2));
  while (in.ok() && extensions.ok() && !extensions.at_end()) {
    const std::uint32_t type = extensions.number(2);
    const ByteView data = extensions.vector(2);
    if (!extensions.ok()) return malformed("an extension of the ServerHello is cut off");
    TlsCursor content(data);
    if (type == tls::extension::supported_versions)
      hello.version = static_cast<std::uint16_t>(content.number(2));
    if (type == tls::extension::key_share) hello.group = static_cast<std::uint16_t>(content.number(2));
  }
  if (!in.ok() || !in.at_end()) return malformed("the extensions of the ServerHello do not fit their length");
  return hello;
}

void HandshakeRecord::on_message(ByteView message) {
  if (message.size() < 4) return;
  const std::uint8_t type = message[0];
  const ByteView body = message.subspan(4);
  switch (type) {
    case tls::message::server_hello:
      if (auto hello = read_server_hello(body)) hello_ = *hello;
      break;
    case tls::message::certificate:
      // One list a handshake; a second one (a renegotiation, or nonsense) is not what was asked.
      if (!saw_certificate_) on_certificate(body);
      break;
    case tls::message::certificate_status:
      if (const auto response = read_certificate_status(body)) {
        status_message_.assign(response->begin(), response->end());
        status_ = status_message_;
      }
      break;
    case tls::message::server_key_exchange:
      on_key_exchange(body);
      break;
    case tls::message::certificate_request:
    case tls::message::server_hello_done:
      after_key_exchange_ = key_exchange_;
      break;
    case tls::message::finished:
      finished_ = true;
      break;
    default:
      break;
  }
}

void HandshakeRecord::on_certificate(ByteView body) {
  saw_certificate_ = true;
  certificate_message_.assign(body.begin(), body.end());
  auto list =
      is_tls13() ? read_certificates_13(certificate_message_) : read_certificates_12(certificate_message_);
  if (list)
    list_ = std::move(*list);
  else
    malformed_ = list.error();
}

void HandshakeRecord::on_key_exchange(ByteView body) {
  key_exchange_ = true;
  TlsCursor ecdh(body);
  if (ecdh.number(1) == tls::named_curve) {
    const auto curve = static_cast<std::uint16_t>(ecdh.number(2));
    if (ecdh.ok()) curve_ = curve;
  }
  // RFC 5246 7.4.3: ServerDHParams begin with the prime.
  TlsCursor dh(body);
  const ByteView prime = dh.vector(2);
  const auto first = std::ranges::find_if(prime, [](std::uint8_t octet) { return octet != 0; });
  if (dh.ok() && first != prime.end())
    dh_bits_ = static_cast<std::size_t>(prime.end() - first - 1) * 8 +
               static_cast<std::size_t>(std::bit_width(*first));
}

std::optional<ByteView> HandshakeRecord::staple() const { return is_tls13() ? list_.staple : status_; }

std::optional<std::uint16_t> HandshakeRecord::group() const { return is_tls13() ? hello_->group : curve_; }

std::string tls_version_name(std::uint16_t version) {
  switch (version) {
    case 0x0300:
      return "SSLv3";
    case 0x0301:
      return "TLSv1";
    case 0x0302:
      return "TLSv1.1";
    case 0x0303:
      return "TLSv1.2";
    case 0x0304:
      return "TLSv1.3";
    default:
      return fmt::format("0x{:04x}", version);
  }
}

std::string tls_group_name(std::uint16_t group) {
  static constexpr std::array<std::pair<std::uint16_t, std::string_view>, 16> names{{
      {0x0013, "secp192r1"},
      {0x0015, "secp224r1"},
      {0x0016, "secp256k1"},
      {0x0017, "secp256r1"},
      {0x0018, "secp384r1"},
      {0x0019, "secp521r1"},
      {0x001a, "brainpoolP256r1"},
      {0x001b, "brainpoolP384r1"},
      {0x001c, "brainpoolP512r1"},
      {0x001d, "x25519"},
      {0x001e, "x448"},
      {0x0100, "ffdhe2048"},
      {0x0101, "ffdhe3072"},
      {0x0102, "ffdhe4096"},
      {0x0103, "ffdhe6144"},
      {0x0104, "ffdhe8192"},
  }};
  const auto found = std::ranges::find(names, group, &std::pair<std::uint16_t, std::string_view>::first);
  return found != names.end() ? std::string(found->second) : fmt::format("0x{:04x}", group);
}

}  // namespace chaintier
