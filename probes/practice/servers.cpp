#include "probes/practice/servers.h"

#include <boost/asio.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <list>
#include <string_view>
#include <thread>

#include "probes/practice/server_context.h"

namespace chaintier {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using namespace asio::experimental::awaitable_operators;

constexpr auto give_up_after = std::chrono::minutes(2);  // longer than any client's own deadline
constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);

struct Listener {
  tcp::acceptor acceptor;
  PracticeBehaviour behaviour;
  std::unique_ptr<PracticeTls> tls;  // only for those that speak it
};

tcp::endpoint endpoint_of(const IpAddress& address, std::uint16_t port) {
  const auto octets = address.octets();
  if (address.is_v6()) {
    asio::ip::address_v6::bytes_type bytes;
    std::copy(octets.begin(), octets.end(), bytes.begin());
    return {asio::ip::address_v6(bytes), port};
  }
  asio::ip::address_v4::bytes_type bytes;
  std::copy(octets.begin(), octets.end(), bytes.begin());
  return {asio::ip::address_v4(bytes), port};
}

// Reads and drops until the client goes.
template <class Stream>
asio::awaitable<void> wait_for_end(Stream& stream) {
  std::array<char, 1024> scratch;
  for (;;) {
    const auto [error, size] = co_await stream.async_read_some(asio::buffer(scratch), no_throw);
    if (error) co_return;
  }
}

asio::awaitable<void> speak_tls(tcp::socket& socket, PracticeTls& tls) {
  asio::ssl::stream<tcp::socket&> stream(socket, tls.context);
  const auto [error] = co_await stream.async_handshake(asio::ssl::stream_base::server, no_throw);
  if (error) {
    // What the client sent after an alert must be read, or the close becomes a reset that overtakes the
    // alert.
    error_code ignored;
    socket.shutdown(tcp::socket::shutdown_send, ignored);
    co_await wait_for_end(socket);
    co_return;
  }
  co_await wait_for_end(stream);
}

asio::awaitable<void> say(tcp::socket& socket, std::string_view text) {
  co_await asio::async_write(socket, asio::buffer(text), no_throw);
}

// RFC 3207. True when the client asked for TLS.
asio::awaitable<bool> speak_smtp(tcp::socket& socket, bool offer_tls) {
  co_await say(socket, "220 practice.test ESMTP\r\n");
  std::string input;
  for (;;) {
    const auto [error, size] =
        co_await asio::async_read_until(socket, asio::dynamic_buffer(input, 4096), "\r\n", no_throw);
    if (error) co_return false;
    const std::string line = input.substr(0, size - 2);
    input.erase(0, size);
    if (line.starts_with("EHLO")) {
      co_await say(socket, offer_tls ? "250-practice.test\r\n250-SIZE 1000\r\n250 STARTTLS\r\n"
                                     : "250-practice.test\r\n250 SIZE 1000\r\n");
    } else if (line == "STARTTLS" && offer_tls) {
      co_await say(socket, "220 begin\r\n");
      co_return true;
    } else if (line == "QUIT") {
      co_await say(socket, "221 bye\r\n");
      co_return false;
    } else {
      co_await say(socket, "502 not here\r\n");
    }
  }
}

asio::awaitable<void> answer_once(tcp::socket& socket, std::string_view text) {
  std::array<char, 1024> scratch;
  co_await socket.async_read_some(asio::buffer(scratch), no_throw);
  co_await say(socket, text);
  error_code ignored;
  socket.shutdown(tcp::socket::shutdown_send, ignored);
  co_await wait_for_end(socket);
}

asio::awaitable<void> cut(tcp::socket& socket) {
  std::array<char, 1024> scratch;
  co_await socket.async_read_some(asio::buffer(scratch), no_throw);
  error_code ignored;
  socket.set_option(asio::socket_base::linger(true, 0), ignored);
  socket.close(ignored);
}

asio::awaitable<void> behave(tcp::socket& socket, Listener& listener) {
  switch (listener.behaviour) {
    case PracticeBehaviour::tls:
    case PracticeBehaviour::old_tls:
    case PracticeBehaviour::asks_client:
    case PracticeBehaviour::alert:
      co_return co_await speak_tls(socket, *listener.tls);
    case PracticeBehaviour::smtp: {
      const bool go_on = co_await speak_smtp(socket, true);
      if (go_on) co_await speak_tls(socket, *listener.tls);
      co_return;
    }
    case PracticeBehaviour::smtp_without_tls:
      co_await speak_smtp(socket, false);
      co_return;
    case PracticeBehaviour::stall:
      co_return co_await wait_for_end(socket);
    case PracticeBehaviour::plain_http:
      co_return co_await answer_once(
          socket, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    case PracticeBehaviour::ssh_banner:
      co_await say(socket, "SSH-2.0-Practice_1\r\n");
      co_return co_await wait_for_end(socket);
    case PracticeBehaviour::reset:
      co_return co_await cut(socket);
    case PracticeBehaviour::closed:
      co_return;
  }
}

asio::awaitable<void> session(tcp::socket socket, Listener& listener) {
  asio::steady_timer limit(socket.get_executor(), give_up_after);
  co_await (behave(socket, listener) || limit.async_wait(no_throw));
}

asio::awaitable<void> accept_all(Listener& listener) {
  for (;;) {
    auto [error, socket] = co_await listener.acceptor.async_accept(no_throw);
    if (error == asio::error::operation_aborted) co_return;
    if (error) {  // no descriptor left, or a client that went at once
      asio::steady_timer pause(listener.acceptor.get_executor(), std::chrono::milliseconds(50));
      co_await pause.async_wait(no_throw);
      continue;
    }
    auto executor = socket.get_executor();
    // Sessions live in the io_context and end with it, before the listeners do.
    asio::co_spawn(executor, session(std::move(socket), listener), asio::detached);
  }
}

Error no_port(const error_code& error) {
  return {Stage::connect, Fault::internal, "no loopback port for a practice server: " + error.message()};
}

// Bound to the port (0: any), and listening unless connections are to be refused.
error_code bind(tcp::acceptor& acceptor, const PracticeServer& server, std::uint16_t port) {
  const auto endpoint = endpoint_of(server.address, port);
  error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error && server.address.is_v6()) acceptor.set_option(asio::ip::v6_only(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error && server.behaviour != PracticeBehaviour::closed)
    acceptor.listen(asio::socket_base::max_listen_connections, error);
  return error;
}

}  // namespace

struct PracticeServers::State {
  asio::io_context io{1};         // destroyed last: sessions live in it, and their sockets need it
  std::list<Listener> listeners;  // a list, because sessions refer to its elements
  std::thread thread;

  ~State() {
    io.stop();
    if (thread.joinable()) thread.join();
  }
};

PracticeServers::PracticeServers() : state_(std::make_unique<State>()) {}
PracticeServers::~PracticeServers() = default;
PracticeServers::PracticeServers(PracticeServers&&) noexcept = default;
PracticeServers& PracticeServers::operator=(PracticeServers&&) noexcept = default;

Result<std::uint16_t> PracticeServers::open(const std::vector<PracticeServer>& servers,
                                            const std::string& host) {
  error_code error;
  // The first server gets any free port; another process may hold that port at the address of the second.
  for (int attempt = 0; attempt < 20; ++attempt) {
    std::list<Listener> opened;
    std::uint16_t port = 0;
    for (const auto& server : servers) {
      auto& listener = opened.emplace_back(Listener{tcp::acceptor(state_->io), server.behaviour, nullptr});
      error = bind(listener.acceptor, server, port);
      if (error) break;
      port = listener.acceptor.local_endpoint().port();
      if (server.served.empty()) continue;
      auto tls = make_practice_tls(server, host);
      if (!tls) return tls.error();
      listener.tls = std::move(*tls);
    }
    if (error) continue;
    state_->listeners.splice(state_->listeners.end(), opened);
    return port;
  }
  return no_port(error);
}

void PracticeServers::start() {
  for (auto& listener : state_->listeners)
    if (listener.behaviour != PracticeBehaviour::closed)
      asio::co_spawn(state_->io, accept_all(listener), asio::detached);
  state_->thread = std::thread([state = state_.get()] { state->io.run(); });
}

bool PracticeServers::has_v6_loopback() {
  asio::io_context io{1};
  tcp::acceptor acceptor(io);
  error_code error;
  acceptor.open(tcp::v6(), error);
  if (!error) acceptor.bind({asio::ip::address_v6::loopback(), 0}, error);
  return !error;
}

}  // namespace chaintier
