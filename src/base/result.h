// The one error type: where it happened, whose fault it is, what it was. No network outcome throws.
#pragma once

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace chaintier {

enum class Stage { usage, read, parse, resolve, connect, starttls, handshake, write };
enum class Fault { peer, network, input, internal };

// Why a capture failed; the `net.*` codes of the contract. `none` for every error that is not a capture's.
enum class Cause {
  none,
  resolve,         // the name has no address, or the name server did not say
  refused,         // the port is closed
  timeout,         // a deadline passed
  not_tls,         // something else speaks on the port (plain HTTP, an SSH banner ...)
  alert,           // the server ended the handshake with a TLS alert
  reset,           // the connection was cut
  unreachable,     // no route, or forbidden on the way
  starttls,        // the server does not offer or refused the change to TLS
  no_certificate,  // the handshake brought no certificate
  limit,           // a limit of ours: list too large, no descriptors left
};

struct Error {
  Stage stage = Stage::usage;
  Fault fault = Fault::internal;
  std::string detail;  // for people, English; nothing may branch on it
  Cause cause = Cause::none;
  std::optional<std::uint8_t> alert = std::nullopt;  // RFC 8446 6: AlertDescription, with Cause::alert

  friend bool operator==(const Error&, const Error&) = default;
};

template <class T>
using Result = boost::system::result<T, Error>;

// Found by boost::system::result when .value() is called on an error: a bug in our code.
[[noreturn]] inline void throw_exception_from_error(const Error& error, const boost::source_location&) {
  throw std::logic_error("unchecked error: " + error.detail);
}

std::string_view id(Stage stage);
std::string_view id(Fault fault);
std::string_view id(Cause cause);  // "net.refused"; empty for Cause::none

// "what was expected, at whose input": the usual error of a file or an argument.
inline Error input_error(Stage stage, std::string detail) { return {stage, Fault::input, std::move(detail)}; }

}  // namespace chaintier
