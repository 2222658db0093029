#include "probes/client_hello.h"

#include <algorithm>

#include "probes/tls_encoding.h"
#include "probes/tls_numbers.h"

namespace chaintier {
namespace {

// A ClientHello of 256 to 511 octets makes some old balancers hang (RFC 7685 1).
constexpr std::size_t hangs_from = 256, hangs_below = 512;

void put_server_name(TlsWriter& out, const std::string& name) {
  out.number(tls::extension::server_name, 2);
  const auto data = out.open(2);
  const auto list = out.open(2);  // RFC 6066 3
  out.number(0, 1);               // host_name
  const auto host = out.open(2);
  out.put(bytes_of(name));
  out.close(host);
  out.close(list);
  out.close(data);
}

void put_protocols(TlsWriter& out) {
  out.number(tls::extension::alpn, 2);
  const auto data = out.open(2);
  const auto list = out.open(2);
  out.put(http_protocols);
  out.close(list);
  out.close(data);
}

void put_key_share(TlsWriter& out, ByteView key) {
  out.number(tls::extension::key_share, 2);
  const auto data = out.open(2);
  const auto shares = out.open(2);  // RFC 8446 4.2.8
  out.number(tls::group::x25519, 2);
  const auto share = out.open(2);
  out.put(key);
  out.close(share);
  out.close(shares);
  out.close(data);
}

void put_padding(TlsWriter& out, std::size_t size) {
  if (size < hangs_from || size >= hangs_below) return;
  constexpr std::size_t header = 4;
  const std::size_t missing = hangs_below - size;
  // One octet at the least: an empty extension at the very end makes other servers stumble.
  const Bytes zeros(missing > header ? missing - header : 1, 0);
  out.number(tls::extension::padding, 2);
  out.number(zeros.size(), 2);
  out.put(zeros);
}

}  // namespace

std::optional<ClientHelloForm> ClientHelloForm::from(ByteView message) {
  ClientHelloForm form;
  TlsCursor outer(message);
  if (outer.number(1) != tls::message::client_hello) return std::nullopt;
  TlsCursor in(outer.vector(3));
  in.number16();
  in.take(32);
  in.vector(1);
  const ByteView suites = in.vector(2);
  const ByteView compressions = in.vector(1);
  TlsCursor extensions(in.vector(2));
  form.cipher_suites_.assign(suites.begin(), suites.end());
  form.compressions_.assign(compressions.begin(), compressions.end());
  while (extensions.ok() && !extensions.at_end()) {
    const std::uint16_t type = extensions.number16();
    const ByteView data = extensions.vector(2);
    form.extensions_.push_back({type, Bytes(data.begin(), data.end())});
  }
  if (!outer.ok() || !outer.at_end() || !in.ok() || !in.at_end() || !extensions.ok()) return std::nullopt;
  if (std::ranges::find(form.extensions_, tls::extension::key_share, &Extension::type) ==
      form.extensions_.end())
    return std::nullopt;
  return form;
}

Bytes ClientHelloForm::filled(const Values& values) const {
  Bytes message;
  message.reserve(hangs_below + 64);
  TlsWriter out(message);
  out.number(tls::message::client_hello, 1);
  const auto body = out.open(3);
  out.number(tls::version::tls12, 2);
  out.put(values.random);
  const auto session = out.open(1);
  out.put(values.session_id);
  out.close(session);
  const auto suites = out.open(2);
  out.put(cipher_suites_);
  out.close(suites);
  const auto compressions = out.open(1);
  out.put(compressions_);
  out.close(compressions);
  const auto extensions = out.open(2);
  for (const Extension& extension : extensions_) {
    switch (extension.type) {
      case tls::extension::server_name:
        if (values.sni) put_server_name(out, *values.sni);
        break;
      case tls::extension::alpn:
        if (values.offer_http) put_protocols(out);
        break;
      case tls::extension::key_share:
        put_key_share(out, values.key_share);
        break;
      case tls::extension::padding:
        break;
      default:
        out.number(extension.type, 2);
        out.number(extension.data.size(), 2);
        out.put(extension.data);
    }
  }
  put_padding(out, message.size());
  out.close(extensions);
  out.close(body);
  return message;
}

}  // namespace chaintier
