#include "probes/capture_error.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "probes/not_tls.h"
#include "probes/tls_numbers.h"

namespace chaintier {
namespace {

namespace errc = boost::system::errc;

std::string seconds(Milliseconds limit) {
  return fmt::format("{:g} s", static_cast<double>(limit.count()) / 1000.0);
}

// With which TLS begins at once, for a server that does so where a dialogue was expected.
Protocol at_once(Protocol protocol) {
  switch (protocol) {
    case Protocol::smtp:
      return Protocol::smtps;
    case Protocol::imap:
      return Protocol::imaps;
    case Protocol::pop3:
      return Protocol::pop3s;
    case Protocol::ldap:
      return Protocol::ldaps;
    default:
      return Protocol::tls;
  }
}

std::string at_once_scheme(Protocol protocol) {
  const Protocol direct = at_once(protocol);
  return direct == Protocol::tls ? "https://" : fmt::format("{}://", id(direct));
}

// For a server that went away without a word when TLS was begun at once.
std::string plain_port_hint(std::uint16_t port) {
  for (int i = 0; i <= static_cast<int>(Protocol::xmpp); ++i) {
    const auto protocol = static_cast<Protocol>(i);
    if (uses_starttls(protocol) && default_port(protocol) == port)
      return fmt::format("; this port usually begins in the clear: write {}://", id(protocol));
  }
  return {};
}

}  // namespace

Error timeout_error(Stage stage, Milliseconds limit, bool target_is_over, std::string_view what) {
  if (target_is_over)
    return {stage, Fault::network, fmt::format("{} before the time for this target was over", what),
            Cause::timeout};
  return {stage, Fault::network, fmt::format("{} within {}", what, seconds(limit)), Cause::timeout};
}

Error connection_error(Stage stage, const boost::system::error_code& error) {
  if (!error) return {stage, Fault::peer, "the server closed the connection", Cause::reset};
  const auto made = [&](Fault fault, Cause cause) { return Error{stage, fault, error.message(), cause}; };
  if (error == errc::connection_refused) return made(Fault::peer, Cause::refused);
  if (error == errc::timed_out) return made(Fault::network, Cause::timeout);
  if (error == errc::connection_reset || error == errc::broken_pipe || error == errc::connection_aborted)
    return {stage, Fault::peer, "the connection was reset", Cause::reset};
  if (is_exhaustion(error))
    return {stage, Fault::internal,
            fmt::format("this machine has no descriptor or port left: {}", error.message()), Cause::limit};
  // No route, a firewall's refusal, a family that this machine does not have.
  return made(Fault::network, Cause::unreachable);
}

Error not_tls_error(ByteView first) {
  return {Stage::handshake, Fault::peer, describe_not_tls(first), Cause::not_tls};
}

Error handshake_error(const TlsSession& session, const Connection& connection, const RecordingWire& wire,
                      std::uint16_t port) {
  const TlsFailure& failure = session.failure();
  const HandshakeRecord& record = session.record();
  const auto made = [](Fault fault, std::string detail, Cause cause) {
    return Error{Stage::handshake, fault, std::move(detail), cause};
  };
  if (!may_be_tls(wire.first())) return not_tls_error(wire.first());
  if (failure.alert) {
    Error error = made(Fault::peer,
                       fmt::format("the server ended the handshake with alert {} ({})", *failure.alert,
                                   alert_name(*failure.alert)),
                       Cause::alert);
    error.alert = failure.alert;
    return error;
  }
  if (failure.list_too_long)
    return made(Fault::peer,
                fmt::format("a handshake message is longer than {} octets", longest_certificate_list),
                Cause::limit);
  if (wire.too_much())
    return made(
        Fault::peer,
        fmt::format("the server sends more than {} octets without coming to an end", most_octets_read),
        Cause::limit);
  if (connection.closed()) {
    Error error = connection_error(Stage::handshake, connection.error());
    if (wire.first().empty()) error.detail += plain_port_hint(port);
    return error;
  }
  if (record.malformed()) return made(Fault::peer, record.malformed()->detail, Cause::no_certificate);
  if (!record.certificates().empty())
    return made(Fault::peer,
                fmt::format("the handshake broke off after the certificates: {}", failure.reason),
                Cause::none);
  if (record.hello() && record.hello()->version < tls::version::tls10)
    return made(Fault::peer, "the server wants SSLv3, which this OpenSSL does not speak",
                Cause::no_certificate);
  return made(Fault::peer, fmt::format("the handshake brought no certificate: {}", failure.reason),
              Cause::no_certificate);
}

std::string starttls_hint(Protocol asked, ByteView heard) {
  if (heard.empty())
    return fmt::format("; it may expect TLS at once (write {}), or speak another protocol",
                       at_once_scheme(asked));
  if (heard.size() > 2 && may_be_tls(heard))
    return fmt::format("; it answers in TLS at once: write {}", at_once_scheme(asked));
  const auto speaker = speaker_of(heard);
  if (!speaker || std::ranges::count(speaker->protocols, asked)) return {};
  const std::string advice = advice_for(speaker->protocols);
  return fmt::format("; {} answers on this port{}{}", speaker->name, advice.empty() ? "" : ": ", advice);
}

void explain_alert(Error& error) {
  if (error.cause != Cause::alert) return;
  if (error.alert == tls::alert::handshake_failure || error.alert == tls::alert::protocol_version ||
      error.alert == tls::alert::insufficient_security)
    error.detail +=
        "; it may accept nothing but protocols or ciphers that this OpenSSL does not speak (SSLv3, RC4, "
        "3DES)";
}

}  // namespace chaintier
