// TLS 1.3, RFC 8446: the course of section 2, figure 1, without pre-shared keys and without a second
// ClientHello.
#include <algorithm>
#include <array>
#include <cstdlib>

#include <openssl/crypto.h>

#include "probes/server_flight.h"
#include "probes/tls_encoding.h"
#include "probes/tls_numbers.h"

namespace chaintier {
namespace {

constexpr std::array<std::uint8_t, 6> change_cipher_spec{tls::content::change_cipher_spec, 3, 3, 0, 1, 1};

struct Answer {
  const CipherSuite* suite = nullptr;
  ByteView key_share;
};

// A ServerHello (4.1.3) with nothing in it but what belongs there.
std::optional<Answer> read_answer(ByteView body, ByteView session_id) {
  Answer answer;
  TlsCursor in(body);
  if (in.number16() != tls::version::tls12) return std::nullopt;
  in.take(32);
  if (!std::ranges::equal(in.vector(1), session_id)) return std::nullopt;
  answer.suite = cipher_suite(in.number16());
  if (in.number(1) != 0 || !answer.suite || answer.suite->version != tls::version::tls13) return std::nullopt;
  TlsCursor extensions(in.vector(2));
  bool version = false;
  bool share = false;
  while (extensions.ok() && !extensions.at_end()) {
    const std::uint16_t type = extensions.number16();
    TlsCursor data(extensions.vector(2));
    if (type == tls::extension::supported_versions && !version) {
      version = data.number16() == tls::version::tls13;
    } else if (type == tls::extension::key_share && !share) {
      share = data.number16() == tls::group::x25519;
      answer.key_share = data.vector(2);
    } else {
      return std::nullopt;
    }
    if (!data.ok() || !data.at_end()) return std::nullopt;
  }
  if (!in.ok() || !in.at_end() || !extensions.ok() || !version || !share) return std::nullopt;
  return answer;
}

class Tls13Flight final : public ServerFlight {
 public:
  Tls13Flight(ConnectionState& connection, const CipherSuite& suite)
      : connection_(connection),
        crypto_(connection.client.crypto()),
        suite_(suite),
        transcript_(crypto_, suite.hash) {
    facts_.version = tls_version_name(tls::version::tls13);
    facts_.cipher = suite.name;
    facts_.group = tls_group_name(tls::group::x25519);
  }

  // 7.1, without a pre-shared key.
  bool begin(ByteView server_hello, ByteView key_share) {
    const auto shared = connection_.share->shared_with(key_share);
    if (!shared) return false;
    transcript_.add(connection_.hello);
    transcript_.add(server_hello);
    const TlsHash hash = suite_.hash;
    const Secret handshake = crypto_.extract(hash, crypto_.handshake_salt(hash), *shared);
    const Secret so_far = transcript_.so_far();
    client_handshake_ = crypto_.derive(hash, handshake, "c hs traffic", so_far);
    server_handshake_ = crypto_.derive(hash, handshake, "s hs traffic", so_far);
    master_ = crypto_.extract(hash, crypto_.derive_next(hash, handshake), TlsCrypto::zeros(hash));
    server_keys_ = crypto_.traffic_keys(suite_, server_handshake_);
    return true;
  }

  bool sealed() const override { return true; }
  bool on_change_cipher_spec() override { return true; }  // 5: it has no meaning
  bool complete() const override { return expected_ == Expected::nothing; }
  bool owes_finished() const override { return true; }

  // 5.2: what was sealed is the content, its type, zeros.
  bool open(ByteView record, Bytes& messages) override {
    const std::size_t before = messages.size();
    if (record[0] != tls::content::application_data ||
        !crypto_.open(suite_.aead, server_keys_.key, next_nonce(server_keys_), record.first(record_header),
                      record.subspan(record_header), messages))
      return false;
    while (messages.size() > before && messages.back() == 0) messages.pop_back();
    if (messages.size() < before + 2 || messages.back() != tls::content::handshake) return false;
    messages.pop_back();
    return true;
  }

  bool expects(std::uint8_t type) const override {
    switch (expected_) {
      case Expected::extensions:
        return type == tls::message::encrypted_extensions;
      case Expected::certificate:
        return type == tls::message::certificate ||
               (type == tls::message::certificate_request && !client_certificate_wanted_);
      case Expected::certificate_verify:
        return type == tls::message::certificate_verify;
      case Expected::finished:
        return type == tls::message::finished;
      case Expected::nothing:
        return false;
    }
    std::abort();
  }

  bool on_message(ByteView message) override {
    const ByteView body = message.subspan(tls::message::header);
    switch (message[0]) {
      case tls::message::encrypted_extensions:
        if (!read_extensions(body)) return false;
        expected_ = Expected::certificate;
        break;
      case tls::message::certificate_request:
        if (!read_request(body)) return false;
        client_certificate_wanted_ = true;
        break;
      case tls::message::certificate:
        connection_.record.on_message(message);
        leaf_ = connection_.client.key_proof().leaf_of(connection_.record.certificates());
        if (!leaf_ || connection_.record.has_oddities()) return false;
        expected_ = Expected::certificate_verify;
        break;
      case tls::message::certificate_verify:
        if (!proves_key(body)) return false;
        expected_ = Expected::finished;
        break;
      case tls::message::finished:
        if (!is_finished(body)) return false;
        connection_.record.on_message(message);
        key_proved_ = true;
        expected_ = Expected::nothing;
        break;
      default:
        return false;
    }
    transcript_.add(message);
    if (expected_ == Expected::nothing) put_last_flight();
    return true;
  }

 private:
  enum class Expected { extensions, certificate, certificate_verify, finished, nothing };

  // EncryptedExtensions, 4.3.1
  bool read_extensions(ByteView body) {
    TlsCursor in(body);
    TlsCursor extensions(in.vector(2));
    ExtensionTypes types;
    while (extensions.ok() && !extensions.at_end()) {
      const std::uint16_t type = extensions.number16();
      const ByteView data = extensions.vector(2);
      if (!types.is_new(type)) return false;
      if (type == tls::extension::server_name && connection_.request.sni && data.empty()) continue;
      if (type == tls::extension::supported_groups) continue;  // for connections to come
      if (type != tls::extension::alpn || !connection_.request.offer_http || !facts_.alpn.empty())
        return false;
      const auto chosen = chosen_protocol(data);
      if (!chosen) return false;
      facts_.alpn = *chosen;
    }
    return in.ok() && in.at_end() && extensions.ok();
  }

  // CertificateRequest, 4.3.2. What it asks for does not matter: we have no certificate to show.
  static bool read_request(ByteView body) {
    TlsCursor in(body);
    const ByteView context = in.vector(1);
    TlsCursor extensions(in.vector(2));
    ExtensionTypes types;
    bool algorithms = false;
    while (extensions.ok() && !extensions.at_end()) {
      const std::uint16_t type = extensions.number16();
      const ByteView data = extensions.vector(2);
      if (!types.is_new(type)) return false;
      algorithms = algorithms || (type == tls::extension::signature_algorithms && data.size() > 2);
    }
    return in.ok() && in.at_end() && extensions.ok() && context.empty() && algorithms;
  }

  bool proves_key(ByteView body) {
    return connection_.client.key_proof().in_certificate_verify(body, transcript_.so_far().view(), *leaf_,
                                                                connection_.request.key_type);
  }

  bool is_finished(ByteView body) {
    const Secret right = crypto_.finished(suite_.hash, server_handshake_, transcript_.so_far());
    return body.size() == right.size && CRYPTO_memcmp(body.data(), right.octets.data(), right.size) == 0;
  }

  // Our Certificate if it was asked for, Finished, and close_notify.
  void put_last_flight() {
    const TlsHash hash = suite_.hash;
    const Secret client_application = crypto_.derive(hash, master_, "c ap traffic", transcript_.so_far());
    TlsWriter(connection_.out).put(change_cipher_spec);  // D.4

    Bytes flight;
    flight.reserve(64);
    TlsWriter writer(flight);
    if (client_certificate_wanted_) {
      writer.number(tls::message::certificate, 1);
      writer.number(4, 3);
      writer.number(0, 4);  // no context, no certificate
      transcript_.add(flight);
    }
    const Secret proof = crypto_.finished(hash, client_handshake_, transcript_.so_far());
    writer.number(tls::message::finished, 1);
    writer.number(proof.size, 3);
    writer.put(proof.view());
    seal(crypto_.traffic_keys(suite_, client_handshake_), tls::content::handshake, std::move(flight));

    seal(crypto_.traffic_keys(suite_, client_application), tls::content::alert,
         {tls::alert::warning, tls::alert::close_notify});
  }

  // The first record with these keys.
  void seal(TrafficKeys keys, std::uint8_t type, Bytes content) {
    content.push_back(type);
    const std::size_t length = content.size() + aead_tag;
    const std::array<std::uint8_t, record_header> header{tls::content::application_data, 3, 3,
                                                         static_cast<std::uint8_t>(length >> 8),
                                                         static_cast<std::uint8_t>(length)};
    TlsWriter(connection_.out).put(header);
    crypto_.seal(suite_.aead, keys.key, next_nonce(keys), header, content, connection_.out);
  }

  ConnectionState& connection_;
  TlsCrypto& crypto_;
  const CipherSuite& suite_;
  Transcript transcript_;
  Secret client_handshake_, server_handshake_, master_;
  TrafficKeys server_keys_;
  Expected expected_ = Expected::extensions;
  bool client_certificate_wanted_ = false;
};

}  // namespace

std::unique_ptr<ServerFlight> begin_tls13(ConnectionState& connection, ByteView server_hello) {
  const auto answer = read_answer(server_hello.subspan(tls::message::header), connection.session_id);
  if (!answer) return nullptr;
  auto flight = std::make_unique<Tls13Flight>(connection, *answer->suite);
  if (!flight->begin(server_hello, answer->key_share)) return nullptr;
  return flight;
}

}  // namespace chaintier
