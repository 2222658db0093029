#include "probes/own_tls_session.h"

#include <algorithm>
#include <stdexcept>

#include <openssl/rand.h>

#include "probes/server_flight.h"
#include "probes/tls_encoding.h"
#include "probes/tls_numbers.h"
#include "src/base/openssl_handles.h"

namespace chaintier {
namespace {

constexpr std::size_t longest_plaintext = std::size_t{1} << 14;  // RFC 8446 5.1
constexpr std::size_t longest_record = longest_plaintext + 256;  // 5.2; GCM of TLS 1.2 needs less
constexpr int most_warnings = 4, most_cipher_changes = 31;       // libssl bears so many of the latter
constexpr int most_uses_of_a_key_share = 1000;

}  // namespace

std::unique_ptr<OwnTlsClient> OwnTlsClient::make(TlsContexts& contexts) try {
  const ErrorQueueScope errors;
  std::unique_ptr<OwnTlsClient> client(new OwnTlsClient(contexts));
  client->key_share(KeyShare::Group::x25519);
  return client;
} catch (const std::runtime_error&) {
  return nullptr;
}

const ClientHelloForm& OwnTlsClient::hello_form(KeyType type) {
  auto& form = forms_.at(static_cast<std::size_t>(type));
  if (!form) form = ClientHelloForm::from(contexts_.client_hello(type));
  if (!form) throw std::runtime_error("libssl's ClientHello is no use");
  return *form;
}

OwnTlsClient::Randoms OwnTlsClient::randoms() {
  if (randoms_left_ == 0) {
    if (RAND_bytes(randoms_.data(), static_cast<int>(randoms_.size())) != 1)
      throw std::runtime_error("OpenSSL has no random numbers");
    randoms_left_ = randoms_.size();
  }
  Randoms next{};
  randoms_left_ -= next.size();
  std::copy_n(randoms_.begin() + static_cast<std::ptrdiff_t>(randoms_left_), next.size(), next.begin());
  return next;
}

std::shared_ptr<KeyShare> OwnTlsClient::key_share(KeyShare::Group group) {
  Share& share = shares_.at(static_cast<std::size_t>(group));
  if (!share.pair || ++share.uses > most_uses_of_a_key_share) share = {std::make_shared<KeyShare>(group), 1};
  return share.pair;
}

struct OwnTlsSession::State {
  State(OwnTlsClient& client, const TlsRequest& request, TlsWire& to)
      : wire(to), connection{client, request} {}

  void begin() {
    begun = true;
    OwnTlsClient& client = connection.client;
    const TlsRequest& request = connection.request;
    random = client.randoms();
    connection.share = client.key_share(KeyShare::Group::x25519);
    connection.client_random = ByteView(random).first(32);
    connection.session_id = ByteView(random).last(32);
    connection.hello = client.hello_form(request.key_type)
                           .filled({connection.client_random, connection.session_id,
                                    connection.share->public_key(), request.sni, request.offer_http});
    // RFC 8446 5.1: the first record may bear the number of TLS 1.0, as libssl's does.
    put_record(connection.out, tls::content::handshake, connection.hello, tls::version::tls10);
  }

  TlsWire::Status send() {
    Bytes& out = connection.out;
    while (sent < out.size()) {
      const auto moved = wire.write(ByteView(out).subspan(sent));
      if (moved.status != TlsWire::Status::done) return moved.status;
      sent += moved.octets;
    }
    out.clear();
    sent = 0;
    return TlsWire::Status::done;
  }

  bool complete() const { return flight && flight->complete(); }

  // The rest: false means to decline.

  bool take_records() {
    std::size_t taken = 0;
    while (!complete() && in.size() - taken >= record_header) {
      const ByteView rest = ByteView(in).subspan(taken);
      const std::size_t length = std::size_t{rest[3]} << 8 | rest[4];
      // Before the ServerHello the minor number may be any (RFC 8446 5.1).
      if (rest[1] != 3 || rest[2] > 4 || (flight && rest[2] != 3) || length > longest_record) return false;
      if (rest.size() < record_header + length) break;
      if (!on_record(rest.first(record_header + length))) return false;
      taken += record_header + length;
    }
    in.erase(in.begin(), in.begin() + static_cast<std::ptrdiff_t>(taken));
    return true;
  }

  bool on_record(ByteView record) {
    const ByteView content = record.subspan(record_header);
    if (record[0] == tls::content::change_cipher_spec)
      return content.size() == 1 && content[0] == 1 && flight && messages.empty() &&
             ++cipher_changes <= most_cipher_changes && flight->on_change_cipher_spec();
    if (is_harmless_warning(record[0], content)) return true;
    if (flight && flight->sealed()) {
      const std::size_t before = messages.size();
      return flight->open(record, messages) && messages.size() - before <= longest_plaintext &&
             take_messages();
    }
    if (record[0] != tls::content::handshake || content.empty() || content.size() > longest_plaintext)
      return false;
    messages.insert(messages.end(), content.begin(), content.end());
    return take_messages();
  }

  // Some servers begin with the warning that they do not know the name (RFC 6066 3).
  bool is_harmless_warning(std::uint8_t type, ByteView content) {
    return !flight && messages.empty() && type == tls::content::alert && content.size() == 2 &&
           content[0] == tls::alert::warning && content[1] != tls::alert::close_notify &&
           ++warnings <= most_warnings;
  }

  // As libssl limits them.
  std::size_t longest_message(std::uint8_t type) const {
    switch (type) {
      case tls::message::certificate:
        return connection.client.list_limit();
      case tls::message::finished:
        return 64;
      default:
        return 16'384;
    }
  }

  bool take_messages() {
    std::size_t taken = 0;
    while (messages.size() - taken >= tls::message::header) {
      const ByteView rest = ByteView(messages).subspan(taken);
      // Its body may never come.
      if (flight ? !flight->expects(rest[0]) : rest[0] != tls::message::server_hello) return false;
      const std::size_t size =
          tls::message::header + (std::size_t{rest[1]} << 16 | std::size_t{rest[2]} << 8 | rest[3]);
      if (size > tls::message::header + longest_message(rest[0])) return false;
      if (rest.size() < size) break;
      const bool sealed = flight && flight->sealed();
      if (!on_message(rest.first(size))) return false;
      taken += size;
      // No message may share a record with one that is sealed otherwise (RFC 8446 5.1).
      if ((flight->sealed() != sealed || flight->complete()) && taken != messages.size()) return false;
    }
    messages.erase(messages.begin(), messages.begin() + static_cast<std::ptrdiff_t>(taken));
    return true;
  }

  bool on_message(ByteView message) {
    if (flight) return flight->on_message(message);
    connection.record.on_message(message);
    const auto& hello = connection.record.hello();
    if (!hello || hello->retry_request) return false;
    flight = hello->version == tls::version::tls13   ? begin_tls13(connection, message)
             : hello->version == tls::version::tls12 ? begin_tls12(connection, message)
                                                     : nullptr;
    return flight != nullptr;
  }

  TlsWire& wire;
  OwnTlsClient::Randoms random{};
  ConnectionState connection;
  std::unique_ptr<ServerFlight> flight;  // once the ServerHello was read

  bool begun = false;
  int warnings = 0, cipher_changes = 0;
  std::size_t sent = 0;  // of connection.out
  Bytes in;              // records not yet taken
  Bytes messages;        // what came out of them, not yet taken
};

OwnTlsSession::OwnTlsSession(OwnTlsClient& client, const TlsRequest& request, TlsWire& wire)
    : state_(std::make_unique<State>(client, request, wire)) {}

OwnTlsSession::~OwnTlsSession() = default;

OwnTlsSession::Step OwnTlsSession::handshake() try {
  const ErrorQueueScope errors;
  if (!state_->begun) state_->begin();
  for (;;) {
    const auto sent = state_->send();
    // A close_notify that does not go through is nobody's loss.
    if (state_->complete() && (sent == TlsWire::Status::done || !state_->flight->owes_finished()))
      return Step::done;
    if (sent == TlsWire::Status::would_block) return Step::want_write;
    if (sent == TlsWire::Status::closed) return Step::declined;
    Bytes& buffer = state_->connection.client.buffer();
    const auto moved = state_->wire.read(buffer);
    if (moved.status == TlsWire::Status::would_block) return Step::want_read;
    if (moved.status == TlsWire::Status::closed) return Step::declined;
    const ByteView fresh = ByteView(buffer).first(moved.octets);
    state_->in.insert(state_->in.end(), fresh.begin(), fresh.end());
    if (!state_->take_records()) return Step::declined;
  }
} catch (const std::runtime_error&) {
  return Step::declined;
}

const HandshakeRecord& OwnTlsSession::record() const { return state_->connection.record; }

bool OwnTlsSession::key_proved() const { return state_->flight && state_->flight->key_proved(); }

std::optional<TlsFacts> OwnTlsSession::facts() const {
  if (!state_->flight) return std::nullopt;
  return state_->flight->facts();
}

CertificatePtr OwnTlsSession::leaf() const { return state_->flight ? state_->flight->leaf() : nullptr; }

}  // namespace chaintier
