#include "probes/tls_capture.h"

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "probes/capture_error.h"
#include "probes/connection.h"
#include "probes/not_tls.h"
#include "probes/recording_wire.h"
#include "probes/starttls.h"
#include "probes/tls_numbers.h"

namespace chaintier {
namespace {

// Who shakes hands, in which order.
struct Client {
  bool own = false;  // else libssl
  std::uint16_t max_version = tls::version::tls13;
};
constexpr std::array<Client, 4> clients_in_turn{
    {{true}, {false}, {false, tls::version::tls12}, {false, tls::version::tls10}}};
constexpr Milliseconds reconnect_pause{100};

// One connection. `sample` is filled as far as it comes; `cancelled` when it was told to stop.
class Attempt {
 public:
  Attempt(TlsClients& clients, SentPool& pool, const CaptureRequest& request, Sample& sample)
      : clients_(clients), pool_(pool), request_(request), sample_(sample) {}

  // `latest`: no later than this, whatever the stage.
  Awaitable<void> run(Client client, Deadline latest) {
    Connection connection(co_await boost::asio::this_coro::executor);
    if (!co_await connect(connection, latest)) co_return;
    if (!handshake_deadline_) handshake_deadline_ = SteadyClock::now() + request_.handshake_timeout;
    if (uses_starttls(request_.protocol)) {
      const auto start = SteadyClock::now();
      const bool good = co_await starttls(connection, std::min(latest, start + request_.handshake_timeout));
      sample_.ms.starttls = elapsed_since(start);
      if (!good) co_return;
      handshake_deadline_ = SteadyClock::now() + request_.handshake_timeout;
    }
    const auto start = SteadyClock::now();
    const Deadline deadline = std::min(latest, *handshake_deadline_);
    RecordingWire wire(connection);
    const TlsRequest asked{request_.asked.key_type, request_.asked.sni, request_.protocol == Protocol::tls,
                           client.max_version};
    if (client.own) {
      OwnTlsSession session(*clients_.own(), asked, wire);
      co_await handshake(session, connection, wire, deadline);
    } else {
      TlsSession session(clients_.contexts(), asked, wire);
      co_await handshake(session, connection, wire, deadline);
    }
    sample_.ms.handshake = elapsed_since(start);
  }

  bool cancelled() const { return cancelled_; }
  bool declined() const { return declined_; }  // by our own client
  bool saw_hello() const { return saw_hello_; }
  std::optional<Deadline> handshake_deadline() const { return handshake_deadline_; }

 private:
  Awaitable<bool> connect(Connection& connection, Deadline latest) {
    const auto start = SteadyClock::now();
    const Deadline deadline = std::min(latest, start + request_.connect_timeout);
    const Waited waited = co_await connection.connect(request_.address, request_.port, deadline,
                                                      start + request_.exhaustion_wait);
    sample_.ms.connect = elapsed_since(start);
    co_return went_on(waited, connection, Stage::connect, request_.connect_timeout, "no connection");
  }

  // Notes why a wait did not succeed.
  bool went_on(Waited waited, const Connection& connection, Stage stage, Milliseconds limit,
               std::string_view what) {
    switch (waited) {
      case Waited::ready:
        return true;
      case Waited::cancelled:
        cancelled_ = true;
        break;
      case Waited::timed_out:
        sample_.error = timeout_error(stage, limit, SteadyClock::now() >= request_.give_up, what);
        break;
      case Waited::failed:
        sample_.error = connection_error(stage, connection.error());
        break;
    }
    return false;
  }

  Awaitable<bool> starttls(Connection& connection, Deadline deadline) {
    Bytes heard;
    const bool good = co_await starttls(connection, deadline, heard);
    if (sample_.error) sample_.error->detail += starttls_hint(request_.protocol, heard);
    co_return good;
  }

  // `heard`: the first octets from the server.
  Awaitable<bool> starttls(Connection& connection, Deadline deadline, Bytes& heard) {
    const auto dialogue = make_starttls(request_.protocol, request_.host);
    std::array<std::uint8_t, 2048> buffer;
    StarttlsStep step = dialogue->advance({});
    const auto what = [&heard] {
      return heard.empty() ? "the server said nothing" : "the dialogue before TLS did not end";
    };
    for (;;) {
      if (step.next == StarttlsStep::Next::failed) {
        sample_.error = Error{Stage::starttls, Fault::peer, step.detail, Cause::starttls};
        co_return false;
      }
      for (ByteView rest = step.send; !rest.empty();) {
        const auto moved = connection.write(rest);
        if (moved.status == TlsWire::Status::closed) {
          sample_.error = connection_error(Stage::starttls, connection.error());
          co_return false;
        }
        rest = rest.subspan(moved.octets);
        if (moved.status == TlsWire::Status::done) continue;
        const Waited waited = co_await connection.wait_writable(deadline);
        if (!went_on(waited, connection, Stage::starttls, request_.handshake_timeout, what()))
          co_return false;
      }
      if (step.next == StarttlsStep::Next::go_ahead) co_return true;

      const auto moved = connection.read(buffer);
      if (moved.status == TlsWire::Status::closed) {
        sample_.error = connection_error(Stage::starttls, connection.error());
        co_return false;
      }
      if (moved.status == TlsWire::Status::would_block) {
        const Waited waited = co_await connection.wait_readable(deadline);
        if (!went_on(waited, connection, Stage::starttls, request_.handshake_timeout, what()))
          co_return false;
        step = {StarttlsStep::Next::read, {}, {}};
        continue;
      }
      const ByteView fresh(buffer.data(), moved.octets);
      heard.insert(heard.end(), fresh.begin(),
                   fresh.begin() +
                       static_cast<std::ptrdiff_t>(std::min(moved.octets, first_octets_kept - heard.size())));
      step = dialogue->advance(fresh);
    }
  }

  template <class Session>
  Awaitable<void> handshake(Session& session, Connection& connection, const RecordingWire& wire,
                            Deadline deadline) {
    std::optional<Error> late;  // set when the deadline has passed
    for (;;) {
      const auto step = session.handshake();
      if (step == Session::Step::done) break;
      if (failed(step, session, connection, wire)) {
        // Nobody is asked anew for what did not come in time.
        if (late && std::exchange(declined_, false)) sample_.error = late;
        break;
      }
      if (late) {
        sample_.error = may_be_tls(wire.first()) ? late : not_tls_error(wire.first());
        break;
      }
      // Named first: gcc 12 miscompiles some temporaries inside a co_await expression.
      Awaitable<Waited> wait = step == Session::Step::want_read ? connection.wait_readable(deadline)
                                                                : connection.wait_writable(deadline);
      const Waited waited = co_await std::move(wait);
      if (went_on(waited, connection, Stage::handshake, request_.handshake_timeout,
                  "the TLS handshake did not end"))
        continue;
      if (waited != Waited::timed_out) break;
      // What has come in time counts, even if we were too busy to read it: one more step, without waiting.
      late = std::exchange(sample_.error, std::nullopt);
    }
    saw_hello_ = session.record().hello().has_value();
    if (!cancelled_) note(session);
  }

  bool failed(TlsSession::Step step, const TlsSession& session, const Connection& connection,
              const RecordingWire& wire) {
    if (step != TlsSession::Step::failed) return false;
    sample_.error = handshake_error(session, connection, wire, request_.port);
    return true;
  }

  bool failed(OwnTlsSession::Step step, const OwnTlsSession&, const Connection&, const RecordingWire& wire) {
    if (step != OwnTlsSession::Step::declined) return false;
    declined_ = may_be_tls(wire.first());
    if (!declined_) sample_.error = not_tls_error(wire.first());
    return true;
  }

  static CertificatePtr leaf_of(const TlsSession&) { return nullptr; }
  static CertificatePtr leaf_of(const OwnTlsSession& session) { return session.leaf(); }

  void note(const auto& session) {
    sample_.tls = session.facts();
    const CertificatePtr leaf = leaf_of(session);
    for (const ByteView certificate : session.record().certificates()) {
      const bool is_read = leaf && sample_.served.empty();
      sample_.served.push_back(is_read ? pool_.keep(leaf) : pool_.keep(certificate));
    }
    if (const auto staple = session.record().staple()) sample_.staple = Bytes(staple->begin(), staple->end());
    sample_.key_proved = session.key_proved();
    sample_.outcome = sample_.served.empty() ? Outcome::failed
                      : sample_.key_proved   ? Outcome::captured
                                             : Outcome::partial;
    if (sample_.served.empty() && !sample_.error)
      sample_.error =
          Error{Stage::handshake, Fault::peer, "the handshake brought no certificate", Cause::no_certificate};
  }

  TlsClients& clients_;
  SentPool& pool_;
  const CaptureRequest& request_;
  Sample& sample_;
  std::optional<Deadline> handshake_deadline_;
  bool cancelled_ = false;
  bool declined_ = false, saw_hello_ = false;
};

// A server that is just being restarted, or whose queue is full, refuses; a moment later it may not. Silence
// is not tried again: the system has sent its SYN several times by then.
bool worth_connecting_again(const Sample& sample) {
  return sample.error && sample.error->stage == Stage::connect &&
         (sample.error->cause == Cause::refused || sample.error->cause == Cause::reset);
}

// False when the coroutine was told to stop, or when the pause would go beyond `latest`.
Awaitable<bool> pause_before(Deadline latest) {
  const Deadline until = SteadyClock::now() + reconnect_pause;
  if (until >= latest) co_return false;
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, until);
  const auto [error] = co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  co_return !error;
}

bool worth_another_try(const Sample& sample) {
  return sample.served.empty() && sample.error && sample.error->stage == Stage::handshake &&
         (sample.error->cause == Cause::alert || sample.error->cause == Cause::reset);
}

// What our own client had seen, when libssl could not be asked after it: a server that was just there.
Sample seen_at_first(Sample declined, const Error& after) {
  declined.error =
      Error{Stage::handshake, after.fault,
            fmt::format("the handshake was not completed, and on a further connection: {}", after.detail),
            Cause::none};
  return declined;
}

}  // namespace

bool lacked_room(const Sample& sample) {
  return sample.error && sample.error->stage == Stage::connect && sample.error->cause == Cause::limit;
}

OwnTlsClient* TlsClients::own() {
  if (!own_was_tried_) own_ = OwnTlsClient::make(contexts_);
  own_was_tried_ = true;
  return own_.get();
}

Awaitable<Capture> capture(TlsClients& clients, SentPool& pool, CaptureRequest request) {
  Capture result;
  std::optional<Sample> first, declined;
  Deadline latest = request.give_up;
  bool connected_again = false;
  const bool own_client = request.own_client && !uses_starttls(request.protocol) && clients.own();
  for (std::size_t i = own_client ? 0 : 1; i < clients_in_turn.size(); ++i) {
    const Client client = clients_in_turn[i];
    Sample sample;
    sample.asked = request.asked;
    sample.outcome = Outcome::failed;
    Attempt attempt(clients, pool, request, sample);
    ++result.connections;
    co_await attempt.run(client, latest);
    if (!connected_again && worth_connecting_again(sample)) {
      connected_again = true;
      const bool again = co_await pause_before(latest);
      if (again) {
        --i;
        continue;
      }
    }
    if (attempt.cancelled()) {
      result.sample = Sample{};
      result.sample.asked = request.asked;
      co_return result;
    }
    if (attempt.declined()) {
      // An alert instead of a ServerHello says nothing about which client the server should be asked by.
      result.own_client_declined = attempt.saw_hello();
      if (!sample.served.empty()) declined = std::move(sample);
      latest = std::min(latest, *attempt.handshake_deadline() + request.connect_timeout);
      continue;
    }
    if (!sample.served.empty() || (!first && !worth_another_try(sample))) {
      if (sample.served.empty() && declined && !lacked_room(sample))
        result.sample = seen_at_first(std::move(*declined), *sample.error);
      else
        result.sample = std::move(sample);
      co_return result;
    }
    // The further attempts share what is left of this one's time.
    if (!first) {
      first = std::move(sample);
      latest = std::min(latest, attempt.handshake_deadline().value_or(latest));
    }
  }
  explain_alert(*first->error);
  result.sample = declined ? seen_at_first(std::move(*declined), *first->error) : std::move(*first);
  co_return result;
}

}  // namespace chaintier
