#include "tests/probes/capture_world.h"

#include <algorithm>

#include <doctest/doctest.h>

namespace chaintier::test {

Sample look_at(std::uint16_t port) { return Looker(port).look(); }

Ders served(const Sample& sample) {
  Ders list;
  for (const SentPtr& sent : sample.served) list.push_back(sent->der);
  return list;
}

void check_failed(const Sample& sample, Cause cause, Stage stage, Fault fault, std::string_view words) {
  CHECK(sample.outcome == Outcome::failed);
  CHECK(sample.served.empty());
  CHECK_FALSE(sample.key_proved);
  REQUIRE(sample.error.has_value());
  CAPTURE(sample.error->detail);
  CHECK(id(sample.error->cause) == id(cause));
  CHECK(id(sample.error->stage) == id(stage));
  CHECK(id(sample.error->fault) == id(fault));
  CHECK(sample.error->detail.find(words) != std::string::npos);
}

void swallow_hello(Peer& peer) {
  const std::string header = peer.receive(5);
  if (header.size() == 5)
    peer.receive(static_cast<std::uint8_t>(header[3]) * 256u + static_cast<std::uint8_t>(header[4]));
}

void put(Bytes& out, std::size_t value, int octets) {
  for (int shift = (octets - 1) * 8; shift >= 0; shift -= 8)
    out.push_back(static_cast<std::uint8_t>(value >> shift));
}
void put(Bytes& out, ByteView more) {
  for (const std::uint8_t octet : more) out.push_back(octet);
}

Bytes message(std::uint8_t type, ByteView body) {
  Bytes out{type};
  put(out, body.size(), 3);
  put(out, body);
  return out;
}

Bytes record(std::uint8_t type, ByteView content, std::size_t version) {
  Bytes out;
  while (!content.empty()) {
    const ByteView part = content.first(std::min<std::size_t>(content.size(), 16384));
    out.push_back(type);
    put(out, version, 2);
    put(out, part.size(), 2);
    put(out, part);
    content = content.subspan(part.size());
  }
  return out;
}

Bytes server_hello(std::size_t cipher, std::size_t version) {
  Bytes body;
  put(body, version, 2);
  put(body, Bytes(32, 7));
  put(body, 0, 1);
  put(body, cipher, 2);
  put(body, 0, 1);
  return message(2, body);
}

Bytes certificate_message(const std::vector<Bytes>& certificates) {
  Bytes list;
  for (const Bytes& each : certificates) {
    put(list, each.size(), 3);
    put(list, each);
  }
  Bytes body;
  put(body, list.size(), 3);
  put(body, list);
  return message(11, body);
}

Server::Script raw_flight(std::size_t cipher, std::vector<Bytes> certificates, Bytes more) {
  return [=](Peer& peer) {
    swallow_hello(peer);
    Bytes flight = server_hello(cipher);
    put(flight, certificate_message(certificates));
    put(flight, more);
    peer.send(record(22, flight));
    peer.wait_for_end();
  };
}

}  // namespace chaintier::test
