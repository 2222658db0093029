// Servers on loopback for the tests, each with threads of its own that end with the object.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <chrono>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "src/base/address.h"
#include "src/base/bytes.h"
#include "tests/probes/test_pki.h"

namespace chaintier::test {

// One accepted connection, with blocking calls that end when the peer or the server goes.
class Peer {
 public:
  explicit Peer(boost::asio::ip::tcp::socket socket) : socket_(std::move(socket)) {}

  void send(std::string_view text);
  void send(ByteView octets) { send(text_of(octets)); }
  std::string receive(std::size_t count);  // fewer at the end of the stream
  std::string receive_until(
      std::string_view end);  // up to and with `end`; what came before the end of the stream else
  void wait_for_end();        // reads on until the peer closes
  void reset();               // closes with RST
  void pause(std::chrono::milliseconds time);
  int native() { return socket_.native_handle(); }

 private:
  friend class Server;
  boost::asio::ip::tcp::socket socket_;
};

// Accepts on one loopback address; each connection is handled by `script` in its own thread.
class Server {
 public:
  using Script = std::function<void(Peer&)>;
  explicit Server(Script script, const std::string& address = "127.0.0.1", std::uint16_t port = 0);
  ~Server();

  std::uint16_t port() const { return port_; }
  int connections() const { return connections_; }

 private:
  void accept();

  Script script_;
  boost::asio::io_context io_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_ = 0;
  std::mutex mutex_;
  std::set<Peer*> open_;
  std::list<std::thread> sessions_;
  std::thread thread_;
};

// A TLS server by libssl. Nothing is added to or left out of the list of certificates.
struct TlsServing {
  const Identity* identity = nullptr;
  const Identity* second_identity = nullptr;  // of the other key type
  const EVP_PKEY* key = nullptr;              // instead of the identity's
  std::vector<const Identity*> more;          // sent behind the leaf, as they are
  int lowest = 0x0301, highest = 0x0304;
  std::string ciphers;  // of TLS 1.2 and below; empty: everything
  Bytes staple;
  bool demand_client_certificate = false;
  bool choose_http2 = false;
};
Server::Script serve_tls(TlsServing serving);
// The same behind some words in the clear.
Server::Script serve_tls_after(Server::Script words, TlsServing serving);

// A name server for A, AAAA and CNAME questions over UDP.
class NameServer {
 public:
  struct Name {
    std::vector<IpAddress> addresses;
    std::string cname;
    int rcode = 0;
    bool silent = false;
    bool late = false;       // the first question of each kind gets no answer
    bool truncated = false;  // and nobody listens at TCP, where the whole answer should be
  };
  explicit NameServer(std::map<std::string, Name> names);  // what is not there gets NXDOMAIN
  ~NameServer();

  std::uint16_t port() const { return port_; }
  std::vector<std::string> asked();  // "A www.test" ...

 private:
  void serve();
  Bytes answer(ByteView question);

  std::map<std::string, Name> names_;
  boost::asio::io_context io_;
  boost::asio::ip::udp::socket socket_;
  std::uint16_t port_ = 0;
  std::mutex mutex_;
  std::vector<std::string> asked_;
  std::atomic<bool> ending_ = false;
  std::thread thread_;
};

}  // namespace chaintier::test
