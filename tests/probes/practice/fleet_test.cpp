#include "probes/practice/fleet.h"

#include <algorithm>
#include <array>
#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <set>

#include <doctest/doctest.h>
#include <openssl/ssl.h>

#include "probes/practice/cases.h"
#include "probes/practice/servers.h"
#include "src/findings/codes.h"

namespace chaintier {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr Time now = std::chrono::sys_days{std::chrono::year{2026} / 11 / 22};
constexpr auto deadline = std::chrono::seconds(20);

// A client that knows nothing of this program: blocking in effect, with one deadline for everything it does.
class PlainClient {
 public:
  PlainClient() : context_(asio::ssl::context::tls_client) {
    SSL_CTX_set_security_level(context_.native_handle(), 0);
    SSL_CTX_set_min_proto_version(context_.native_handle(), TLS1_VERSION);
    SSL_CTX_set_cipher_list(context_.native_handle(), "ALL:@SECLEVEL=0");
  }

  tcp::socket connect(const IpAddress& address, std::uint16_t port) {
    tcp::socket socket(io_);
    error_ = error_code();
    socket.async_connect({asio::ip::make_address(address.text()), port},
                         [this](const error_code& error) { error_ = error; });
    run();
    return socket;
  }

  // DER of what the server sends, in the order sent; empty when the handshake fails.
  std::vector<Bytes> served(const IpAddress& address, std::uint16_t port, const std::string& name) {
    asio::ssl::stream<tcp::socket> stream(connect(address, port), context_);
    if (error_) return {};
    SSL_set_tlsext_host_name(stream.native_handle(), name.c_str());
    stream.async_handshake(asio::ssl::stream_base::client,
                           [this](const error_code& error) { error_ = error; });
    run();
    return error_ ? std::vector<Bytes>() : sent_by_peer(stream.native_handle());
  }

  // What the server says after `text`, up to the end of the connection or 4096 octets.
  std::string answer(const IpAddress& address, std::uint16_t port, const std::string& text) {
    auto socket = connect(address, port);
    std::string heard;
    asio::async_write(socket, asio::buffer(text), [](const error_code&, std::size_t) {});
    asio::async_read(socket, asio::dynamic_buffer(heard, 4096),
                     [this](const error_code& error, std::size_t) { error_ = error; });
    run();
    return heard;
  }

  const error_code& error() const { return error_; }

 private:
  void run() {
    io_.restart();
    io_.run_for(deadline);
    REQUIRE(io_.stopped());  // not over: the deadline passed
  }

  static std::vector<Bytes> sent_by_peer(SSL* connection) {
    std::vector<Bytes> list;
    const STACK_OF(X509)* chain = SSL_get_peer_cert_chain(connection);
    for (int i = 0; i < sk_X509_num(chain); ++i) {
      unsigned char* der = nullptr;
      const int size = i2d_X509(sk_X509_value(chain, i), &der);
      REQUIRE(size > 0);
      list.emplace_back(der, der + size);
      OPENSSL_free(der);
    }
    return list;
  }

  asio::io_context io_;
  asio::ssl::context context_;
  error_code error_;
};

struct Running {
  PracticePki pki = PracticePki::create().value();
  std::vector<PracticePlan> plans = practice_plans(pki, now, PracticeServers::has_v6_loopback()).value();
  std::vector<std::uint16_t> ports;
  PracticeServers servers;

  Running() {
    for (const auto& plan : plans) ports.push_back(servers.open(plan.servers, plan.host).value());
    servers.start();
  }
};

TEST_CASE("practice fleet: each TLS server sends exactly the planned certificates") {
  Running fleet;
  PlainClient client;
  std::size_t checked = 0;
  for (std::size_t i = 0; i < fleet.plans.size(); ++i) {
    const auto& plan = fleet.plans[i];
    CAPTURE(plan.id);
    for (const auto& server : plan.servers) {
      const bool at_once = server.behaviour == PracticeBehaviour::tls ||
                           server.behaviour == PracticeBehaviour::old_tls ||
                           server.behaviour == PracticeBehaviour::asks_client;
      if (!at_once) continue;
      const auto& expected = server.served_by_name.empty() ? server.served : server.served_by_name;
      CHECK(client.served(server.address, fleet.ports[i], plan.host) == expected);
      CHECK(client.served(server.address, fleet.ports[i], "no.such.name.test") == server.served);
      ++checked;
    }
  }
  CHECK(checked > 20);
}

TEST_CASE("practice fleet: servers that bring no chain behave as they are called") {
  Running fleet;
  PlainClient client;
  for (std::size_t i = 0; i < fleet.plans.size(); ++i) {
    const auto& plan = fleet.plans[i];
    CAPTURE(plan.id);
    const auto& address = plan.servers.front().address;
    const auto port = fleet.ports[i];
    switch (plan.servers.front().behaviour) {
      case PracticeBehaviour::closed:
        client.connect(address, port);
        CHECK(client.error() == asio::error::connection_refused);
        break;
      case PracticeBehaviour::plain_http:
        CHECK(client.answer(address, port, "\x16\x03\x01").starts_with("HTTP/1.1 400"));
        break;
      case PracticeBehaviour::reset:
        CHECK(client.answer(address, port, "\x16\x03\x01").empty());
        CHECK(client.error() == asio::error::connection_reset);
        break;
      case PracticeBehaviour::alert:
        CHECK(client.served(address, port, plan.host).empty());
        CHECK(ERR_GET_REASON(static_cast<unsigned long>(client.error().value())) ==
              SSL_R_TLSV1_UNRECOGNIZED_NAME);
        break;
      case PracticeBehaviour::smtp_without_tls:
        CHECK(client.answer(address, port, "EHLO x\r\nSTARTTLS\r\nQUIT\r\n").find("STARTTLS") ==
              std::string::npos);
        break;
      case PracticeBehaviour::smtp:
        CHECK(client.answer(address, port, "EHLO x\r\nQUIT\r\n").find("250 STARTTLS\r\n") !=
              std::string::npos);
        break;
      default:
        break;
    }
  }
}

TEST_CASE("practice fleet: every case is complete, and names only codes that exist") {
  const auto fleet = PracticeFleet::start(now).value();
  std::set<std::string> ids;
  const std::set<std::string> verdicts{"ok", "note", "warning", "error", "unjudged"};
  for (const auto& one : fleet.cases()) {
    CAPTURE(one.id);
    CHECK(ids.insert(one.id).second);
    CHECK_FALSE(one.description.at("zh-TW").empty());
    CHECK_FALSE(one.description.at("en").empty());
    CHECK(one.description.size() == 2);
    CHECK(std::is_sorted(one.findings.begin(), one.findings.end()));
    for (const auto& code : one.findings) CHECK_MESSAGE(code_of(code).has_value(), code);
    CHECK(verdicts.count(one.verdict) == 1);
    // A target that names no address has overrides for its name.
    CHECK((one.target.find('@') == std::string::npos) == !one.resolve.empty());
  }
  CHECK(ids.size() == fleet.cases().size());
  CHECK(ids.count("old-after-deadline") == 1);
}

TEST_CASE("practice fleet: whatever the date, the cases can be made") {
  const auto pki = PracticePki::create().value();
  for (const int year : {2023, 2026, 2027, 2029}) {
    const Time then = std::chrono::sys_days{std::chrono::year{year} / 3 / 1};
    const auto plans = practice_plans(pki, then, false).value();
    const auto old_right =
        std::find_if(plans.begin(), plans.end(), [](const auto& plan) { return plan.id == "old-right"; });
    REQUIRE(old_right != plans.end());
    // From early 2027 on no valid leaf is old enough for Chrome's constraint.
    CHECK(old_right->verdict == (year < 2027 ? "warning" : "error"));
  }
}

TEST_CASE("practice fleet: ends at once, with connections open") {
  PlainClient client;
  std::vector<tcp::socket> open;
  {
    Running fleet;
    for (std::size_t i = 0; i < fleet.plans.size(); ++i)
      if (fleet.plans[i].id == "stall")
        open.push_back(client.connect(fleet.plans[i].servers[0].address, fleet.ports[i]));
    REQUIRE(open.size() == 1);
    CHECK_FALSE(client.error());
  }
  CHECK(open.front().is_open());
}

}  // namespace
}  // namespace chaintier
