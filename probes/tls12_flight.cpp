// TLS 1.2, RFC 5246: the course of section 7.3, figure 1, with ECDHE (RFC 8422) and an AEAD (RFC 5288, 7905).
#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include <openssl/crypto.h>

#include "probes/server_flight.h"
#include "probes/tls_encoding.h"
#include "probes/tls_numbers.h"

namespace chaintier {
namespace {

constexpr std::uint8_t uncompressed = 0;  // ECPointFormat
constexpr std::size_t finished_octets = 12, premaster_octets = 48, salt_octets = 4, longest_session_id = 32,
                      explicit_nonce_octets = 8;

// RFC 8446 4.1.3: a server that could have spoken TLS 1.3 ends its random so.
constexpr std::array<std::uint8_t, 7> downgrade{'D', 'O', 'W', 'N', 'G', 'R', 'D'};

struct Answer {
  ByteView random;
  const CipherSuite* suite = nullptr;
  bool extended_master_secret = false, status = false;
  std::string alpn;
};

// A ServerHello (RFC 5246 7.4.1.3) with nothing in it but what we asked for.
std::optional<Answer> read_answer(ByteView body, const TlsRequest& request) {
  Answer answer;
  TlsCursor in(body);
  in.number16();
  answer.random = in.take(32);
  const ByteView session_id = in.vector(1);  // to be resumed with, which we shall not
  answer.suite = cipher_suite(in.number16());
  if (in.number(1) != 0 || !in.ok() || !answer.suite || answer.suite->version != tls::version::tls12 ||
      session_id.size() > longest_session_id)
    return std::nullopt;
  if (std::ranges::equal(answer.random.subspan(24, downgrade.size()), downgrade)) return std::nullopt;
  if (in.at_end()) return answer;
  TlsCursor extensions(in.vector(2));
  ExtensionTypes types;
  while (extensions.ok() && !extensions.at_end()) {
    const std::uint16_t type = extensions.number16();
    const ByteView data = extensions.vector(2);
    if (!types.is_new(type)) return std::nullopt;
    switch (type) {
      case tls::extension::server_name:
        if (!request.sni || !data.empty()) return std::nullopt;
        break;
      case tls::extension::status_request:
        if (!data.empty()) return std::nullopt;
        answer.status = true;
        break;
      case tls::extension::ec_point_formats:  // RFC 8422 5.1.2
        if (data.empty() || data[0] + std::size_t{1} != data.size() ||
            std::ranges::find(data.subspan(1), uncompressed) == data.end())
          return std::nullopt;
        break;
      case tls::extension::alpn: {
        const auto chosen = chosen_protocol(data);
        if (!request.offer_http || !chosen) return std::nullopt;
        answer.alpn = *chosen;
        break;
      }
      case tls::extension::supported_groups:  // not a server's to send; some balancers do, and clients bear
                                              // it
        break;
      case tls::extension::encrypt_then_mac:  // without a meaning for an AEAD, RFC 7366 3
        if (!data.empty()) return std::nullopt;
        break;
      case tls::extension::extended_master_secret:  // RFC 7627 5.2
        if (!data.empty()) return std::nullopt;
        answer.extended_master_secret = true;
        break;
      case tls::extension::renegotiation_info:  // RFC 5746 3.4
        if (data.size() != 1 || data[0] != 0) return std::nullopt;
        break;
      default:
        return std::nullopt;
    }
  }
  if (!in.ok() || !in.at_end() || !extensions.ok()) return std::nullopt;
  return answer;
}

Bytes joined(std::initializer_list<ByteView> parts) {
  Bytes out;
  TlsWriter writer(out);
  for (const ByteView part : parts) writer.put(part);
  return out;
}

void put_message(Bytes& out, std::uint8_t type, ByteView body) {
  TlsWriter writer(out);
  writer.number(type, 1);
  writer.number(body.size(), 3);
  writer.put(body);
}

class Tls12Flight final : public ServerFlight {
 public:
  Tls12Flight(ConnectionState& connection, const Answer& answer)
      : connection_(connection),
        crypto_(connection.client.crypto()),
        suite_(*answer.suite),
        extended_master_secret_(answer.extended_master_secret),
        status_may_come_(answer.status),
        server_random_(answer.random.begin(), answer.random.end()),
        transcript_(crypto_, suite_.hash) {
    facts_.version = tls_version_name(tls::version::tls12);
    facts_.cipher = suite_.name;
    facts_.alpn = answer.alpn;
  }

  void begin(ByteView server_hello) {
    transcript_.add(connection_.hello);
    transcript_.add(server_hello);
  }

  bool sealed() const override { return sealed_; }
  bool complete() const override { return expected_ == Expected::nothing; }
  bool owes_finished() const override { return false; }  // it went before the server's

  bool on_change_cipher_spec() override {
    if (expected_ != Expected::change_cipher_spec) return false;
    sealed_ = true;
    expected_ = Expected::finished;
    return true;
  }

  bool open(ByteView record, Bytes& messages) override {
    ByteView content = record.subspan(record_header);
    const bool gcm = suite_.aead != Aead::chacha20_poly1305;
    if (record[0] != tls::content::handshake || content.size() < (gcm ? explicit_nonce_octets : 0) + aead_tag)
      return false;
    const std::uint64_t sequence = server_keys_.sequence;
    Nonce nonce = next_nonce(server_keys_);
    if (gcm) {
      nonce = gcm_nonce(server_keys_, content.first(explicit_nonce_octets));
      content = content.subspan(explicit_nonce_octets);
    }
    const Bytes additional = additional_data(sequence, tls::content::handshake, content.size() - aead_tag);
    return crypto_.open(suite_.aead, server_keys_.key, nonce, additional, content, messages);
  }

  bool expects(std::uint8_t type) const override {
    switch (expected_) {
      case Expected::certificate:
        return type == tls::message::certificate;
      case Expected::key_exchange:
        return type == tls::message::server_key_exchange ||
               (type == tls::message::certificate_status && status_may_come_);
      case Expected::hello_done:
        return type == tls::message::server_hello_done ||
               (type == tls::message::certificate_request && !client_certificate_wanted_);
      case Expected::finished:
        return type == tls::message::finished;
      case Expected::change_cipher_spec:
      case Expected::nothing:
        return false;
    }
    std::abort();
  }

  bool on_message(ByteView message) override {
    const ByteView body = message.subspan(tls::message::header);
    connection_.record.on_message(message);
    if (message[0] == tls::message::finished) {
      if (!is_finished(body)) return false;
      put_goodbye();
      expected_ = Expected::nothing;
      return true;
    }
    if (!take(message[0], body)) return false;
    transcript_.add(message);
    if (expected_ == Expected::change_cipher_spec) put_last_flight();
    return true;
  }

 private:
  enum class Expected { certificate, key_exchange, hello_done, change_cipher_spec, finished, nothing };

  // A message of the server's first flight.
  bool take(std::uint8_t type, ByteView body) {
    switch (type) {
      case tls::message::certificate:
        leaf_ = connection_.client.key_proof().leaf_of(connection_.record.certificates());
        expected_ = Expected::key_exchange;
        return leaf_ != nullptr;
      case tls::message::certificate_status:
        status_may_come_ = false;
        return connection_.record.staple().has_value();
      case tls::message::server_key_exchange:
        key_proved_ = read_key_exchange(body);
        expected_ = Expected::hello_done;
        return key_proved_;
      case tls::message::certificate_request:
        client_certificate_wanted_ = true;
        return is_request(body);
      case tls::message::server_hello_done:
        expected_ = Expected::change_cipher_spec;
        return body.empty();
      default:
        return false;
    }
  }

  // RFC 8422 5.4: the parameters, and a signature upon them with both randoms.
  bool read_key_exchange(ByteView body) {
    TlsCursor in(body);
    const bool named = in.number(1) == tls::named_curve;
    const std::uint16_t curve = in.number16();
    const ByteView point = in.vector(1);
    const auto group = key_share_group(curve);
    if (!in.ok() || !named || !group) return false;
    const ByteView parameters = body.first(4 + point.size());
    const ByteView signature = body.subspan(parameters.size());
    facts_.group = tls_group_name(curve);
    share_ = *group == KeyShare::Group::x25519 ? connection_.share : connection_.client.key_share(*group);
    const auto shared = share_->shared_with(point);
    if (!shared) return false;
    premaster_ = *shared;
    return connection_.client.key_proof().in_key_exchange(
        signature, joined({connection_.client_random, server_random_, parameters}), *leaf_,
        connection_.request.key_type, suite_.ecdsa);
  }

  // CertificateRequest, RFC 5246 7.4.4. What it asks for does not matter: we have no certificate to show.
  static bool is_request(ByteView body) {
    TlsCursor in(body);
    in.vector(1);
    const ByteView algorithms = in.vector(2);
    TlsCursor names(in.vector(2));
    while (names.ok() && !names.at_end()) names.vector(2);
    return in.ok() && in.at_end() && names.ok() && !algorithms.empty() && algorithms.size() % 2 == 0;
  }

  // Our Certificate if it was asked for, ClientKeyExchange, ChangeCipherSpec, Finished.
  void put_last_flight() {
    Bytes flight;
    if (client_certificate_wanted_)
      put_message(flight, tls::message::certificate, std::array<std::uint8_t, 3>{});
    Bytes point;
    TlsWriter writer(point);
    const auto vector = writer.open(1);
    writer.put(share_->public_key());
    writer.close(vector);
    put_message(flight, tls::message::client_key_exchange, point);
    transcript_.add(flight);
    put_record(connection_.out, tls::content::handshake, flight);
    derive_keys();
    put_record(connection_.out, tls::content::change_cipher_spec, std::array<std::uint8_t, 1>{1});

    Bytes finished;
    put_message(finished, tls::message::finished, verify_data("client finished"));
    transcript_.add(finished);
    seal(tls::content::handshake, finished);
  }

  // RFC 5246 8.1 and 6.3; RFC 7627 4.
  void derive_keys() {
    const TlsHash hash = suite_.hash;
    const Secret so_far = transcript_.so_far();
    const Bytes master =
        extended_master_secret_
            ? crypto_.prf(hash, premaster_, "extended master secret", so_far.view(), premaster_octets)
            : crypto_.prf(hash, premaster_, "master secret",
                          joined({connection_.client_random, server_random_}), premaster_octets);
    master_ = secret_of(master);
    const std::size_t iv = suite_.aead == Aead::chacha20_poly1305 ? std::tuple_size_v<Nonce> : salt_octets;
    const Bytes block =
        crypto_.prf(hash, master_, "key expansion", joined({server_random_, connection_.client_random}),
                    2 * (suite_.key_octets + iv));
    TlsCursor in(block);
    client_keys_.key = secret_of(in.take(suite_.key_octets));
    server_keys_.key = secret_of(in.take(suite_.key_octets));
    std::ranges::copy(in.take(iv), client_keys_.iv.begin());
    std::ranges::copy(in.take(iv), server_keys_.iv.begin());
  }

  // 7.4.9
  Bytes verify_data(std::string_view label) {
    return crypto_.prf(suite_.hash, master_, label, transcript_.so_far().view(), finished_octets);
  }

  bool is_finished(ByteView body) {
    const Bytes right = verify_data("server finished");
    return body.size() == right.size() && CRYPTO_memcmp(body.data(), right.data(), right.size()) == 0;
  }

  void put_goodbye() { seal(tls::content::alert, std::array{tls::alert::warning, tls::alert::close_notify}); }

  void seal(std::uint8_t type, ByteView content) {
    Bytes sealed;
    Bytes number;
    TlsWriter(number).number(client_keys_.sequence, 8);
    const Bytes additional = additional_data(client_keys_.sequence, type, content.size());
    if (suite_.aead == Aead::chacha20_poly1305) {
      crypto_.seal(suite_.aead, client_keys_.key, next_nonce(client_keys_), additional, content, sealed);
    } else {
      TlsWriter(sealed).put(number);  // as the explicit part of the nonce, RFC 5288 3
      crypto_.seal(suite_.aead, client_keys_.key, gcm_nonce(client_keys_, number), additional, content,
                   sealed);
      ++client_keys_.sequence;
    }
    put_record(connection_.out, type, sealed);
  }

  static Nonce gcm_nonce(const TrafficKeys& keys, ByteView explicit_part) {
    Nonce nonce{};
    std::copy_n(keys.iv.begin(), salt_octets, nonce.begin());
    std::ranges::copy(explicit_part, nonce.begin() + salt_octets);
    return nonce;
  }

  // RFC 5246 6.2.3.3
  static Bytes additional_data(std::uint64_t sequence, std::uint8_t type, std::size_t size) {
    Bytes out;
    TlsWriter writer(out);
    writer.number(sequence, 8);
    writer.number(type, 1);
    writer.number(tls::version::tls12, 2);
    writer.number(size, 2);
    return out;
  }

  ConnectionState& connection_;
  TlsCrypto& crypto_;
  const CipherSuite& suite_;
  const bool extended_master_secret_;
  bool status_may_come_;
  const Bytes server_random_;
  Transcript transcript_;
  std::shared_ptr<KeyShare> share_;
  Secret premaster_, master_;
  TrafficKeys client_keys_, server_keys_;
  Expected expected_ = Expected::certificate;
  bool sealed_ = false, client_certificate_wanted_ = false;
};

}  // namespace

std::unique_ptr<ServerFlight> begin_tls12(ConnectionState& connection, ByteView server_hello) {
  const auto answer = read_answer(server_hello.subspan(tls::message::header), connection.request);
  if (!answer) return nullptr;
  auto flight = std::make_unique<Tls12Flight>(connection, *answer);
  flight->begin(server_hello);
  return flight;
}

}  // namespace chaintier
