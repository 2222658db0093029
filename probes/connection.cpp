#include "probes/connection.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace chaintier {

namespace asio = boost::asio;
using boost::system::error_code;
namespace errc = boost::system::errc;

namespace {

constexpr auto quiet = asio::as_tuple(asio::use_awaitable);
constexpr Milliseconds exhaustion_pause{50};

asio::ip::address asio_address(const IpAddress& address) {
  const ByteView octets = address.octets();
  if (address.is_v6()) {
    asio::ip::address_v6::bytes_type bytes;
    std::ranges::copy(octets, bytes.begin());
    return asio::ip::address_v6(bytes);
  }
  asio::ip::address_v4::bytes_type bytes;
  std::ranges::copy(octets, bytes.begin());
  return asio::ip::address_v4(bytes);
}

// EADDRNOTAVAIL means that the ports are used up, or that this machine has no address of that family at all.
// UDP has ports of its own, so it tells the two apart.
bool has_source_address(const asio::any_io_executor& executor, const asio::ip::tcp::endpoint& peer) {
  asio::ip::udp::socket probe(executor);
  error_code error;
  probe.connect({peer.address(), peer.port()}, error);
  return error != errc::address_not_available;
}

}  // namespace

asio::ip::tcp::endpoint endpoint_of(const IpAddress& address, std::uint16_t port) {
  return {asio_address(address), port};
}

bool is_exhaustion(const error_code& error) {
  return error == errc::too_many_files_open || error == errc::too_many_files_open_in_system ||
         error == errc::no_buffer_space || error == errc::not_enough_memory ||
         error == errc::address_not_available;
}

// Shared with the timer's handler, which may already be queued when the connection goes.
struct Connection::Alarm {
  asio::ip::tcp::socket* socket = nullptr;  // null once the connection is gone
  Deadline deadline{};
  bool rang = false;
};

Connection::Connection(asio::any_io_executor executor)
    : socket_(executor), timer_(executor), alarm_(std::make_shared<Alarm>()) {
  alarm_->socket = &socket_;
}

Connection::~Connection() { alarm_->socket = nullptr; }

void Connection::arm(Deadline deadline) {
  if (alarm_->deadline == deadline) return;
  alarm_->deadline = deadline;
  alarm_->rang = false;
  timer_.expires_at(deadline);
  timer_.async_wait([alarm = alarm_, deadline](error_code error) {
    if (error || !alarm->socket || alarm->deadline != deadline) return;
    alarm->rang = true;
    error_code ignored;
    alarm->socket->cancel(ignored);
  });
}

Waited Connection::outcome(const error_code& error) {
  if (!error) return Waited::ready;
  if (error == asio::error::operation_aborted) return alarm_->rang ? Waited::timed_out : Waited::cancelled;
  error_ = error;
  closed_ = true;
  return Waited::failed;
}

Awaitable<Waited> Connection::pause(Deadline deadline) {
  asio::steady_timer timer(socket_.get_executor(), std::min(deadline, SteadyClock::now() + exhaustion_pause));
  const auto [error] = co_await timer.async_wait(quiet);
  co_return error ? Waited::cancelled : Waited::ready;
}

Awaitable<Waited> Connection::connect(IpAddress address, std::uint16_t port, Deadline deadline,
                                      Deadline patience) {
  const auto peer = endpoint_of(address, port);
  for (;;) {
    if (co_await was_cancelled()) co_return Waited::cancelled;
    if (SteadyClock::now() >= deadline && !error_) co_return Waited::timed_out;
    error_.clear();
    socket_.open(peer.protocol(), error_);
    if (!error_) socket_.non_blocking(true, error_);
    if (!error_) {
      arm(deadline);
      const auto [error] = co_await socket_.async_connect(peer, quiet);
      // Connected in time, and we were too busy to see it before the alarm.
      if (error == asio::error::operation_aborted && alarm_->rang && this->peer()) co_return Waited::ready;
      if (error == asio::error::operation_aborted || !error) co_return outcome(error);
      error_ = error;
    }
    if (!is_exhaustion(error_) || SteadyClock::now() >= std::min(deadline, patience)) break;
    if (error_ == errc::address_not_available && !has_source_address(socket_.get_executor(), peer)) {
      error_ = errc::make_error_code(errc::network_unreachable);
      break;
    }
    error_code ignored;
    socket_.close(ignored);
    if (co_await pause(deadline) != Waited::ready) co_return Waited::cancelled;
  }
  closed_ = true;
  co_return Waited::failed;
}

std::optional<IpAddress> Connection::peer() const {
  error_code error;
  const auto peer = socket_.remote_endpoint(error);
  if (error) return std::nullopt;
  if (peer.address().is_v6()) return IpAddress::from_octets(peer.address().to_v6().to_bytes());
  return IpAddress::from_octets(peer.address().to_v4().to_bytes());
}

Awaitable<Waited> Connection::wait(asio::ip::tcp::socket::wait_type what, Deadline deadline) {
  if (co_await was_cancelled()) co_return Waited::cancelled;
  if (SteadyClock::now() >= deadline) co_return Waited::timed_out;
  arm(deadline);
  const auto [error] = co_await socket_.async_wait(what, quiet);
  co_return outcome(error);
}

Awaitable<Waited> Connection::wait_readable(Deadline deadline) {
  return wait(asio::ip::tcp::socket::wait_read, deadline);
}

Awaitable<Waited> Connection::wait_writable(Deadline deadline) {
  return wait(asio::ip::tcp::socket::wait_write, deadline);
}

TlsWire::Moved Connection::read(std::span<std::uint8_t> into) {
  error_code error;
  const std::size_t octets = socket_.read_some(asio::buffer(into.data(), into.size()), error);
  if (!error) return {Status::done, octets};
  if (error == asio::error::would_block || error == asio::error::try_again) return {Status::would_block, 0};
  closed_ = true;
  if (error != asio::error::eof) error_ = error;
  return {Status::closed, 0};
}

TlsWire::Moved Connection::write(ByteView octets) {
  error_code error;
  const std::size_t written = socket_.write_some(asio::buffer(octets.data(), octets.size()), error);
  if (!error) return {Status::done, written};
  if (error == asio::error::would_block || error == asio::error::try_again) return {Status::would_block, 0};
  closed_ = true;
  error_ = error;
  return {Status::closed, 0};
}

}  // namespace chaintier
