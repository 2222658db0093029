// Many TLS servers in one process on loopback, some of which misbehave: what a scanner is measured against.
// Linux: one epoll, edge-triggered.
#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <queue>
#include <stdexcept>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/fleet/identities.h"
#include "tests/bench/fleet/serve.h"

namespace chaintier::bench {
namespace {

using Clock = std::chrono::steady_clock;

volatile std::sig_atomic_t stop_asked = 0;  // the only thing that a signal handler may touch

std::runtime_error system_error(std::string_view what) {
  return std::runtime_error(fmt::format("{}: {}", what, std::strerror(errno)));
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

Descriptor new_socket() {
  Descriptor made(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (made.number() < 0) throw system_error("socket");
  return made;
}

void set_option(int socket, int level, int option) {
  const int one = 1;
  ::setsockopt(socket, level, option, &one, sizeof one);
}

// The peer may be gone, and then nothing is to be done about it.
void write_some(int socket, std::string_view octets) {
  [[maybe_unused]] const auto written = ::send(socket, octets.data(), octets.size(), MSG_NOSIGNAL);
}

struct Connection {
  Descriptor socket;
  FleetTarget* target;
  std::uint64_t generation;  // tells it from an older connection with the same descriptor
  Wanted wanted{};
  SslPtr ssl{};
  BIO* held = nullptr;  // of `ssl`: what it wants to send, for the faults that hold it back
  bool waiting = false, answered = false;
};

struct Timer {
  Clock::time_point at;
  int socket;
  std::uint64_t generation;
  bool operator>(const Timer& other) const { return at > other.at; }
};

class Fleet {
 public:
  explicit Fleet(FleetOptions options)
      : options_(std::move(options)), identities_(options_), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_.number() < 0) throw system_error("epoll");
    for (FleetTarget& target : options_.targets) listen(target);
  }

  void serve() {
    const auto end = Clock::now() + std::chrono::seconds(options_.max_seconds);
    std::array<epoll_event, 256> events{};
    while (!stop_asked) {
      const auto now = Clock::now();
      if (now >= end) break;
      ring_timers(now);
      const int count =
          ::epoll_wait(epoll_.number(), events.data(), events.size(), milliseconds_left(now, end));
      for (int i = 0; i < count; ++i) {
        const std::uint64_t what = events[static_cast<std::size_t>(i)].data.u64;
        if (what & 1)
          accept_all(listeners_[what >> 1]);
        else if (const auto found = connections_.find(static_cast<int>(what >> 1));
                 found != connections_.end())
          step(*found->second);
      }
    }
  }

  const Counters& counters() const { return counters_; }

 private:
  struct Listener {
    Descriptor socket;
    FleetTarget* target;
  };

  // -- listening

  void listen(FleetTarget& target) {
    if (target.has(Fault::refuse)) return;
    Descriptor socket = new_socket();
    set_option(socket.number(), SOL_SOCKET, SO_REUSEADDR);
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(target.address);
    where.sin_port = htons(target.port);
    const auto* generic = reinterpret_cast<const sockaddr*>(&where);
    if (::bind(socket.number(), generic, sizeof where) != 0)
      throw system_error(fmt::format("{}:{}", dotted(target.address), target.port));
    const bool hole = target.has(Fault::blackhole);
    if (::listen(socket.number(), hole ? 0 : 4096) != 0) throw system_error("listen");
    // With its queue full the kernel drops every further SYN.
    for (int i = 0; hole && i < 2; ++i) {
      fillers_.push_back(new_socket());
      [[maybe_unused]] const int begun = ::connect(fillers_.back().number(), generic, sizeof where);
    }
    if (!hole) watch(socket.number(), EPOLLIN, listeners_.size() << 1 | 1);
    listeners_.push_back({std::move(socket), &target});
  }

  void watch(int socket, std::uint32_t what, std::uint64_t mark) {
    epoll_event event{};
    event.events = what;
    event.data.u64 = mark;
    if (::epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, socket, &event) != 0) throw system_error("epoll");
  }

  void accept_all(const Listener& listener) {
    for (int i = 0; i < 64; ++i) {
      Descriptor socket(::accept4(listener.socket.number(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      const int number = socket.number();
      if (number < 0) return;
      set_option(number, IPPROTO_TCP, TCP_NODELAY);
      FleetTarget& target = *listener.target;
      auto connection =
          std::make_unique<Connection>(Connection{std::move(socket), &target, ++counters_.accepted});
      connection->wanted.leaf = target.index % identities_.size();
      connection->wanted.leaf_only = target.has(Fault::leaf_only);
      if (target.has(Fault::alternate)) connection->wanted.expired = served_[target.index]++ % 2 == 1;
      if (target.has(Fault::delay)) {
        connection->waiting = true;
        wake_later(*connection);
      }
      connections_[number] = std::move(connection);
      counters_.most_open = std::max(counters_.most_open, connections_.size());
      watch(number, EPOLLIN | EPOLLRDHUP | EPOLLET | EPOLLOUT, static_cast<std::uint64_t>(number) << 1);
    }
  }

  // -- time

  void wake_later(const Connection& connection) {
    const auto pause = std::chrono::milliseconds(connection.target->fault->argument);
    timers_.push({Clock::now() + pause, connection.socket.number(), connection.generation});
  }

  void ring_timers(Clock::time_point now) {
    while (!timers_.empty() && timers_.top().at <= now) {
      const Timer timer = timers_.top();
      timers_.pop();
      const auto found = connections_.find(timer.socket);
      if (found == connections_.end() || found->second->generation != timer.generation) continue;
      Connection& connection = *found->second;
      if (connection.held) {
        drip(connection);
      } else {
        connection.waiting = false;
        step(connection);
      }
    }
  }

  int milliseconds_left(Clock::time_point now, Clock::time_point end) const {
    const auto next = timers_.empty() ? end : std::min(end, timers_.top().at);
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - now).count();
    return static_cast<int>(std::clamp<long>(left, 0, 1000));
  }

  // -- one connection. Each of these may end with drop(), after which the connection is gone.

  void drop(Connection& connection, bool reset = false) {
    const int number = connection.socket.number();
    if (reset) {
      const linger at_once{1, 0};
      ::setsockopt(number, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }
    connections_.erase(number);
  }

  // Throws away what the peer sent; true when there was something, and the connection stays.
  bool swallow(Connection& connection) {
    std::array<char, 4096> buffer;
    bool some = false;
    for (;;) {
      const auto octets = ::read(connection.socket.number(), buffer.data(), buffer.size());
      if (octets > 0) {
        some = true;
        continue;
      }
      if (octets < 0 && errno == EAGAIN) return some;
      drop(connection);
      return false;
    }
  }

  void step(Connection& connection) {
    if (connection.waiting) return;
    if (connection.target->fault) {
      switch (connection.target->fault->kind) {
        case Fault::stall:
          swallow(connection);
          return;
        case Fault::reset:
        case Fault::close:
          if (swallow(connection)) drop(connection, connection.target->has(Fault::reset));
          return;
        case Fault::alert:
          return answer(connection, {"\x15\x03\x03\x00\x02\x02\x28", 7});
        case Fault::http:
          return answer(connection, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
        default:
          break;
      }
    }
    if (!connection.ssl) start_tls(connection);
    if (connection.answered || shake_hands(connection)) read_request(connection);
  }

  void answer(Connection& connection, std::string_view octets) {
    if (!swallow(connection) || connection.answered) return;
    write_some(connection.socket.number(), octets);
    connection.answered = true;
    ::shutdown(connection.socket.number(), SHUT_WR);
  }

  void start_tls(Connection& connection) {
    connection.ssl.reset(identities_.new_server(connection.wanted));
    BIO* socket = BIO_new_socket(connection.socket.number(), BIO_NOCLOSE);
    BIO* out = socket;
    if (connection.target->has(Fault::halfway) || connection.target->has(Fault::drip))
      out = connection.held = BIO_new(BIO_s_mem());
    SSL_set_bio(connection.ssl.get(), socket, out);
  }

  // True when the handshake is complete and the connection stays.
  bool shake_hands(Connection& connection) {
    const ErrorQueueScope errors;
    SSL* ssl = connection.ssl.get();
    const int done = SSL_do_handshake(ssl);
    if (connection.held && BIO_ctrl_pending(connection.held) > 0) {
      if (connection.target->has(Fault::halfway)) {
        std::array<char, 64> first;
        const int octets = BIO_read(connection.held, first.data(), first.size());
        write_some(connection.socket.number(), {first.data(), static_cast<std::size_t>(std::max(octets, 0))});
        drop(connection, true);
        return false;
      }
      wake_later(connection);
    }
    if (done == 1) {
      ++counters_.handshakes;
      connection.answered = true;
      return true;
    }
    const int reason = SSL_get_error(ssl, done);
    if (reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE) return false;
    ++counters_.failed;
    drop(connection);
    return false;
  }

  void drip(Connection& connection) {
    char octet = 0;
    if (BIO_read(connection.held, &octet, 1) == 1) write_some(connection.socket.number(), {&octet, 1});
    if (BIO_ctrl_pending(connection.held) > 0) wake_later(connection);
  }

  // Any request gets an empty answer. Edge-triggered: what the peer sent may be here already.
  void read_request(Connection& connection) {
    const ErrorQueueScope errors;
    SSL* ssl = connection.ssl.get();
    std::array<char, 1024> buffer;
    const int octets = SSL_read(ssl, buffer.data(), buffer.size());
    if (octets <= 0 && SSL_get_error(ssl, octets) == SSL_ERROR_WANT_READ) return;
    if (octets > 0) {
      constexpr std::string_view nothing =
          "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
      SSL_write(ssl, nothing.data(), static_cast<int>(nothing.size()));
      SSL_shutdown(ssl);
    }
    drop(connection);
  }

  FleetOptions options_;
  Identities identities_;
  Descriptor epoll_;
  std::vector<Listener> listeners_;
  std::vector<Descriptor> fillers_;
  std::unordered_map<int, std::unique_ptr<Connection>> connections_;
  std::unordered_map<std::size_t, unsigned> served_;  // connections of the targets that alternate
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;
  Counters counters_;
};

void prepare_process() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  std::signal(SIGPIPE, SIG_IGN);
  struct sigaction action {};
  action.sa_handler = [](int) { stop_asked = 1; };
  ::sigaction(SIGTERM, &action, nullptr);
  ::sigaction(SIGINT, &action, nullptr);
}

}  // namespace

Counters serve(const FleetOptions& options, const std::function<void()>& listening) {
  prepare_process();
  Fleet fleet(options);
  listening();
  fleet.serve();
  return fleet.counters();
}

}  // namespace chaintier::bench
