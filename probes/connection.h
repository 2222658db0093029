// One TCP connection in which every wait ends at a deadline or when the coroutine is cancelled.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>
#include <memory>
#include <optional>

#include "probes/async.h"
#include "probes/tls_session.h"
#include "src/base/address.h"

namespace chaintier {

boost::asio::ip::tcp::endpoint endpoint_of(const IpAddress& address, std::uint16_t port);

enum class Waited { ready, timed_out, cancelled, failed };

class Connection final : public TlsWire {
 public:
  explicit Connection(boost::asio::any_io_executor executor);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // After `failed`, error() says why. When this machine has no descriptor or no port left, it is tried again
  // until `patience` or the deadline; then the result is `failed` with that error.
  Awaitable<Waited> connect(IpAddress address, std::uint16_t port, Deadline deadline,
                            Deadline patience = Deadline::max());
  Awaitable<Waited> wait_readable(Deadline deadline);
  Awaitable<Waited> wait_writable(Deadline deadline);

  Moved read(std::span<std::uint8_t> into) override;
  Moved write(ByteView octets) override;

  // The address that it is connected to; nothing while it is not.
  std::optional<IpAddress> peer() const;

  // Why the last call failed; empty when the peer has ended the stream in order.
  const boost::system::error_code& error() const { return error_; }
  bool closed() const { return closed_; }

 private:
  struct Alarm;

  Awaitable<Waited> wait(boost::asio::ip::tcp::socket::wait_type what, Deadline deadline);
  Awaitable<Waited> pause(Deadline deadline);
  Waited outcome(const boost::system::error_code& error);
  void arm(Deadline deadline);

  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer timer_;
  std::shared_ptr<Alarm> alarm_;
  boost::system::error_code error_;
  bool closed_ = false;
};

// This machine ran out of descriptors or ports: ours to wait for, not the peer's fault.
bool is_exhaustion(const boost::system::error_code& error);

}  // namespace chaintier
