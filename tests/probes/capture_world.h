// What the tests of capture() share: asking a server once, and flights of TLS 1.2 written by hand.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "probes/tls_capture.h"
#include "tests/probes/loopback.h"
#include "tests/probes/run_awaitable.h"

namespace chaintier::test {

// One capture of a server on 127.0.0.1.
struct Looker {
  boost::asio::io_context io;
  TlsClients clients;
  SentPool pool;
  CaptureRequest request;

  explicit Looker(std::uint16_t port) {
    request.address = *IpAddress::parse("127.0.0.1");
    request.port = port;
    request.asked.sni = "leaf.test";
  }
  Capture whole() { return run(io, capture(clients, pool, request)); }
  Sample look() { return whole().sample; }
};

Sample look_at(std::uint16_t port);

using Ders = std::vector<Bytes>;
Ders served(const Sample& sample);

// `words`: what the error's detail must hold.
void check_failed(const Sample& sample, Cause cause, Stage stage, Fault fault, std::string_view words = "");

void swallow_hello(Peer& peer);

// Octets of TLS 1.2 (RFC 5246 6.2.1, 7.4).
void put(Bytes& out, std::size_t value, int octets);
void put(Bytes& out, ByteView more);
Bytes message(std::uint8_t type, ByteView body);
Bytes record(std::uint8_t type, ByteView content, std::size_t version = 0x0303);
Bytes server_hello(std::size_t cipher, std::size_t version = 0x0303);
Bytes certificate_message(const std::vector<Bytes>& certificates);

constexpr std::size_t ecdhe_ecdsa_aes128 = 0xc02b, rsa_aes128 = 0x009c;

// ServerHello and Certificate, then `more`, then nothing until the client goes.
Server::Script raw_flight(std::size_t cipher, std::vector<Bytes> certificates, Bytes more = {});

}  // namespace chaintier::test
