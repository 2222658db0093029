#include "probes/tls_session.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "probes/client_hello.h"
#include "probes/tls_numbers.h"
#include "src/base/openssl_handles.h"

namespace chaintier {
namespace {

using BioMethodPtr = std::unique_ptr<BIO_METHOD, FreeWith<BIO_meth_free>>;

// The wire as libssl has it. What it writes is held back until it has nothing more to say for now: a flight
// leaves as one packet, and the last one with the close_notify behind it.
class HeldWire {
 public:
  explicit HeldWire(TlsWire& wire) : wire_(wire) {}

  void write(ByteView octets) { held_.insert(held_.end(), octets.begin(), octets.end()); }
  bool holds_any() const { return sent_ < held_.size(); }
  // `done` when nothing is held any more.
  TlsWire::Status send() {
    while (holds_any()) {
      const auto moved = wire_.write(ByteView(held_).subspan(sent_));
      if (moved.status != TlsWire::Status::done) return moved.status;
      sent_ += moved.octets;
    }
    held_.clear();
    sent_ = 0;
    return TlsWire::Status::done;
  }
  TlsWire::Moved read(std::span<std::uint8_t> into) { return wire_.read(into); }

 private:
  TlsWire& wire_;
  Bytes held_;
  std::size_t sent_ = 0;
};

HeldWire& wire_of(BIO* bio) { return *static_cast<HeldWire*>(BIO_get_data(bio)); }

int wire_read(BIO* bio, char* into, int size) {
  BIO_clear_retry_flags(bio);
  if (size <= 0) return 0;
  const auto sent = wire_of(bio).send();
  if (sent == TlsWire::Status::would_block) {
    BIO_set_retry_write(bio);  // SSL_get_error() says SSL_ERROR_WANT_WRITE then, for a read too
    return -1;
  }
  if (sent == TlsWire::Status::closed) return 0;
  const auto moved =
      wire_of(bio).read({reinterpret_cast<std::uint8_t*>(into), static_cast<std::size_t>(size)});
  if (moved.status == TlsWire::Status::done) return static_cast<int>(moved.octets);
  if (moved.status == TlsWire::Status::would_block) {
    BIO_set_retry_read(bio);
    return -1;
  }
  return 0;
}

int wire_write(BIO* bio, const char* octets, int size) {
  BIO_clear_retry_flags(bio);
  if (size <= 0) return 0;
  wire_of(bio).write({reinterpret_cast<const std::uint8_t*>(octets), static_cast<std::size_t>(size)});
  return size;
}

long wire_control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

BioMethodPtr make_wire_method() {
  BioMethodPtr method(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "chaintier wire"));
  if (!method) throw std::bad_alloc();
  BIO_meth_set_read(method.get(), wire_read);
  BIO_meth_set_write(method.get(), wire_write);
  BIO_meth_set_ctrl(method.get(), wire_control);
  return method;
}

BIO* new_wire_bio(HeldWire& wire) {
  static const BioMethodPtr method = make_wire_method();  // never changed after this
  BIO* bio = BIO_new(method.get());
  if (!bio) throw std::bad_alloc();
  BIO_set_data(bio, &wire);
  BIO_set_init(bio, 1);
  return bio;
}

// The reason that libssl itself gave; others in the queue are its causes (an ASN.1 error below a bad
// certificate).
unsigned long error_of_libssl() {
  unsigned long first = 0;
  while (const unsigned long error = ERR_get_error()) {
    if (ERR_GET_LIB(error) == ERR_LIB_SSL) return error;
    if (!first) first = error;
  }
  return first;
}

std::string cipher_name(SSL* ssl, std::uint16_t code) {
  const std::array<unsigned char, 2> octets{static_cast<unsigned char>(code >> 8),
                                            static_cast<unsigned char>(code)};
  const SSL_CIPHER* cipher = SSL_CIPHER_find(ssl, octets.data());
  const char* name = cipher ? SSL_CIPHER_standard_name(cipher) : nullptr;
  return name ? name : fmt::format("0x{:04x}", code);
}

enum class KeyExchange { none, ecdhe, dhe };

// Of a suite of TLS 1.2 or below whose ServerKeyExchange carries a signature of the leaf's key.
KeyExchange signed_key_exchange(SSL* ssl, std::uint16_t code) {
  const std::array<unsigned char, 2> octets{static_cast<unsigned char>(code >> 8),
                                            static_cast<unsigned char>(code)};
  const SSL_CIPHER* cipher = SSL_CIPHER_find(ssl, octets.data());
  if (!cipher) return KeyExchange::none;
  const int authentication = SSL_CIPHER_get_auth_nid(cipher);
  if (authentication != NID_auth_rsa && authentication != NID_auth_ecdsa && authentication != NID_auth_dss)
    return KeyExchange::none;
  const int exchange = SSL_CIPHER_get_kx_nid(cipher);
  return exchange == NID_kx_ecdhe ? KeyExchange::ecdhe
         : exchange == NID_kx_dhe ? KeyExchange::dhe
                                  : KeyExchange::none;
}

}  // namespace

struct TlsSession::State {
  explicit State(TlsWire& to) : wire(to) {}

  HeldWire wire;  // outlives `ssl`, which writes to it
  SslPtr ssl;
  HandshakeRecord record;
  TlsFailure failure;
  bool complete = false;
  bool over = false;              // for libssl: nothing but sending is left
  bool owes_flight = false;       // what is then left to send is more than the close_notify
  bool closed_by_notice = false;  // the server sent close_notify instead of going on

  // Called by libssl with each whole message, before it parses it.
  static void on_message(int sent, int, int type, const void* data, std::size_t size, SSL*, void* argument) {
    if (sent) return;
    auto& state = *static_cast<State*>(argument);
    const ByteView octets(static_cast<const std::uint8_t*>(data), size);
    if (type == SSL3_RT_HANDSHAKE) state.record.on_message(octets);
    if (type == SSL3_RT_ALERT && size == 2 && octets[1] == tls::alert::close_notify)
      state.closed_by_notice = true;
    if (type == SSL3_RT_ALERT && size == 2 && octets[0] == tls::alert::fatal) state.failure.alert = octets[1];
  }

  void note_failure() {
    const unsigned long error = error_of_libssl();
    if (!error) {
      if (closed_by_notice && !failure.alert) failure.alert = tls::alert::close_notify;
      return;
    }
    const int reason = ERR_GET_REASON(error);
    const bool from_libssl = ERR_GET_LIB(error) == ERR_LIB_SSL;
    if (from_libssl && reason > SSL_AD_REASON_OFFSET && reason < SSL_AD_REASON_OFFSET + 256)
      failure.alert = static_cast<std::uint8_t>(reason - SSL_AD_REASON_OFFSET);
    if (closed_by_notice && !failure.alert) failure.alert = tls::alert::close_notify;
    failure.list_too_long = from_libssl && reason == SSL_R_EXCESSIVE_MESSAGE_SIZE;
    if (const char* text = ERR_reason_error_string(error)) failure.reason = text;
  }
};

TlsSession::TlsSession(TlsContexts& contexts, const TlsRequest& request, TlsWire& wire)
    : state_(std::make_unique<State>(wire)) {
  const ErrorQueueScope errors;
  state_->ssl = contexts.new_client(request.key_type);
  SSL* ssl = state_->ssl.get();
  BIO* bio = new_wire_bio(state_->wire);
  SSL_set_bio(ssl, bio, bio);  // takes the one reference for both directions
  SSL_set_connect_state(ssl);
  SSL_set_msg_callback(ssl, State::on_message);
  SSL_set_msg_callback_arg(ssl, state_.get());
  bool good = SSL_set_max_proto_version(ssl, request.max_version) == 1;
  if (request.sni) good = good && SSL_set_tlsext_host_name(ssl, request.sni->c_str()) == 1;
  // SSL_set_alpn_protos alone returns 0 for success.
  if (request.offer_http)
    good = good &&
           SSL_set_alpn_protos(ssl, http_protocols.data(), static_cast<unsigned>(http_protocols.size())) == 0;
  if (!good) throw std::runtime_error("OpenSSL refused the settings of a TLS client");
}

TlsSession::~TlsSession() = default;

TlsSession::Step TlsSession::handshake() {
  const ErrorQueueScope errors;
  SSL* ssl = state_->ssl.get();
  if (!state_->over) {
    const int done = SSL_do_handshake(ssl);
    if (done != 1) {
      switch (SSL_get_error(ssl, done)) {
        case SSL_ERROR_WANT_READ:
          return Step::want_read;
        case SSL_ERROR_WANT_WRITE:
          return Step::want_write;
        default:
          state_->note_failure();
          state_->wire.send();  // the alert, if there is one
          return Step::failed;
      }
    }
    state_->over = true;
    state_->owes_flight = state_->wire.holds_any();
    SSL_shutdown(ssl);
  }
  const auto sent = state_->wire.send();
  // A close_notify that does not go through is nobody's loss.
  if (sent != TlsWire::Status::done && state_->owes_flight)
    return sent == TlsWire::Status::would_block ? Step::want_write : Step::failed;
  state_->complete = true;
  return Step::done;
}

const HandshakeRecord& TlsSession::record() const { return state_->record; }
const TlsFailure& TlsSession::failure() const { return state_->failure; }

bool TlsSession::key_proved() const {
  const HandshakeRecord& record = state_->record;
  if (record.certificates().empty()) return false;
  if (state_->complete) return true;
  if (record.is_tls13()) return record.saw_finished();
  return record.hello() && record.passed_key_exchange() &&
         signed_key_exchange(state_->ssl.get(), record.hello()->cipher) != KeyExchange::none;
}

std::optional<TlsFacts> TlsSession::facts() const {
  const HandshakeRecord& record = state_->record;
  if (!record.hello()) return std::nullopt;
  SSL* ssl = state_->ssl.get();
  TlsFacts facts;
  facts.version = tls_version_name(record.hello()->version);
  facts.cipher = cipher_name(ssl, record.hello()->cipher);
  const auto exchange = signed_key_exchange(ssl, record.hello()->cipher);
  if (record.is_tls13() || exchange == KeyExchange::ecdhe) {
    if (record.group()) facts.group = tls_group_name(*record.group());
  } else if (exchange == KeyExchange::dhe && record.dh_bits()) {
    facts.group = fmt::format("dhe-{}", *record.dh_bits());
  }
  const unsigned char* protocol = nullptr;
  unsigned length = 0;
  SSL_get0_alpn_selected(ssl, &protocol, &length);
  if (protocol) facts.alpn.assign(reinterpret_cast<const char*>(protocol), length);
  return facts;
}

std::string alert_name(std::uint8_t alert) {
  // libssl knows no name for a number above those of its time.
  const std::string name = SSL_alert_desc_string_long(alert);
  return name == "unknown" ? fmt::format("alert {}", alert) : name;
}

}  // namespace chaintier
