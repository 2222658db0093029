#include "probes/handshake_record.h"

#include <array>
#include <random>
#include <string>

#include <doctest/doctest.h>

#include "src/base/digest.h"

using namespace chaintier;

namespace {

Bytes hex(std::string_view text) {
  Bytes bytes;
  int high = -1;
  for (const char c : text) {
    if (c == ' ') continue;
    const int digit = c <= '9' ? c - '0' : c - 'a' + 10;
    if (high < 0) {
      high = digit;
    } else {
      bytes.push_back(static_cast<std::uint8_t>(high * 16 + digit));
      high = -1;
    }
  }
  return bytes;
}

std::string shown(const std::vector<ByteView>& list) {
  std::string text;
  for (const ByteView each : list) text += to_hex(each) + " ";
  return text;
}

const std::string random32 = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const std::string retry32 = "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c";

}  // namespace

TEST_CASE("certificate list of TLS 1.0 to 1.2") {
  struct Row {
    const char* name;
    const char* body;
    const char* certificates;  // "-" when refused
  };
  constexpr std::array rows{
      Row{"one", "000005 000002 aabb", "aabb "},
      Row{"two, the same twice, order kept", "00000e 000001 02 000001 01 000003 010203", "02 01 010203 "},
      Row{"empty list", "000000", ""},
      Row{"no body", "", "-"},
      Row{"length cut", "0000", "-"},
      Row{"list longer than the body", "000006 000002 aabb", "-"},
      Row{"list shorter than the body", "000005 000002 aabb 00", "-"},
      Row{"entry longer than the list", "000005 000003 aabb", "-"},
      Row{"entry length cut", "000002 0000", "-"},
      Row{"empty entry", "000003 000000", "-"},
      Row{"huge lengths", "ffffff ffffff", "-"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const Bytes body = hex(row.body);
    const auto list = read_certificates_12(body);
    CHECK((list ? shown(list->certificates) : "-") == row.certificates);
    if (!list) CHECK(list.error().fault == Fault::peer);
  }
}

TEST_CASE("certificate list of TLS 1.3") {
  struct Row {
    const char* name;
    const char* body;
    const char* certificates;
    const char* staple;
  };
  constexpr std::array rows{
      Row{"one", "00 000007 000002 aabb 0000", "aabb ", ""},
      Row{"two", "00 00000d 000002 aabb 0000 000001 cc 0000", "aabb cc ", ""},
      Row{"context", "02 0101 000007 000002 aabb 0000", "aabb ", ""},
      Row{"staple of the leaf", "00 000011 000002 aabb 000a 0005 0006 01 000002 3000", "aabb ", "3000"},
      Row{"other extension first", "00 000015 000002 aabb 000e 0012 0000 0005 0006 01 000002 3000", "aabb ",
          "3000"},
      Row{"staple of another", "00 000016 000001 aa 0000 000001 cc 000a 0005 0006 01 000002 3000", "aa cc ",
          ""},
      Row{"staple of unknown type", "00 000011 000002 aabb 000a 0005 0006 02 000002 3000", "aabb ", ""},
      Row{"staple cut inside", "00 000011 000002 aabb 000a 0005 0006 01 000003 3000", "aabb ", ""},
      Row{"empty list", "00 000000", "", ""},
      Row{"extension cut", "00 00000b 000002 aabb 0004 0005 0006", "-", ""},
      Row{"extensions longer than the entry", "00 000007 000002 aabb 0001", "-", ""},
      Row{"no extensions", "00 000005 000002 aabb", "-", ""},
      Row{"empty entry", "00 000005 000000 0000", "-", ""},
      Row{"behind the list", "00 000007 000002 aabb 0000 ff", "-", ""},
      Row{"nothing", "", "-", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const Bytes body = hex(row.body);
    const auto list = read_certificates_13(body);
    CHECK((list ? shown(list->certificates) : "-") == row.certificates);
    CHECK((list && list->staple ? to_hex(*list->staple) : "") == row.staple);
  }
}

TEST_CASE("ServerHello") {
  const Bytes tls12 = hex("0303" + random32 + "00 c02f 00");
  CHECK(read_server_hello(tls12)->version == 0x0303);
  CHECK(read_server_hello(tls12)->cipher == 0xc02f);
  const Bytes tls13 = hex("0303" + random32 + "02 abcd 1301 00 000c 002b 0002 0304 0033 0002 001d");
  const auto hello = read_server_hello(tls13);
  REQUIRE(hello.has_value());
  CHECK(hello->version == 0x0304);
  CHECK(hello->cipher == 0x1301);
  CHECK(hello->group == 0x001d);
  CHECK_FALSE(hello->retry_request);
  CHECK(read_server_hello(hex("0303" + retry32 + "00 1301 00 0006 002b 0002 0304"))->retry_request);
  for (std::size_t size = 0; size < tls13.size(); ++size) {
    CAPTURE(size);
    const bool before_extensions = size == 2 + 32 + 3 + 3;
    CHECK(read_server_hello(ByteView(tls13).first(size)).has_value() == before_extensions);
  }
}

TEST_CASE("record: a handshake of TLS 1.2, message by message") {
  HandshakeRecord record;
  record.on_message(hex("02 000026 0303" + random32 + "00 c02f 00"));
  CHECK_FALSE(record.is_tls13());
  record.on_message(hex("0b 000008 000005 000002 aabb"));
  record.on_message(hex("16 000006 01 000002 3000"));
  CHECK_FALSE(record.passed_key_exchange());
  record.on_message(hex("0c 000008 03 001d 01 aa 0401"));
  CHECK_FALSE(record.passed_key_exchange());  // the signature is checked between the two
  record.on_message(hex("0e 000000"));
  CHECK(record.passed_key_exchange());
  CHECK_FALSE(record.saw_finished());
  CHECK(shown(record.certificates()) == "aabb ");
  CHECK(to_hex(*record.staple()) == "3000");
  CHECK(tls_group_name(*record.group()) == "x25519");
  record.on_message(hex("0b 000008 000005 000002 ccdd"));
  CHECK(shown(record.certificates()) == "aabb ");  // the first list stays
}

TEST_CASE("record: static key exchange and odd lists") {
  HandshakeRecord record;
  record.on_message(hex("02 000026 0301" + random32 + "00 002f 00"));
  record.on_message(hex("0b 000008 000005 000003 aabb"));
  record.on_message(hex("0e 000000"));
  CHECK_FALSE(record.passed_key_exchange());
  CHECK(record.saw_certificate_message());
  CHECK(record.certificates().empty());
  REQUIRE(record.malformed().has_value());
  CHECK(record.malformed()->stage == Stage::handshake);
  CHECK_FALSE(record.group());
}

TEST_CASE("record: the prime of a DHE key exchange") {
  HandshakeRecord record;
  record.on_message(hex("0c 000006 0004 00 80 0000"));
  CHECK(record.dh_bits() == 24u);
}

TEST_CASE("record: survives any bytes") {
  std::mt19937 random(20260921);
  const std::array types{2, 8, 11, 12, 13, 14, 15, 20, 22, 99};
  for (int round = 0; round < 20000; ++round) {
    HandshakeRecord record;
    for (int i = 0; i < 4; ++i) {
      Bytes message(random() % 48);
      for (auto& octet : message)
        octet = random() % 3 ? static_cast<std::uint8_t>(random() % 8) : static_cast<std::uint8_t>(random());
      if (!message.empty()) message[0] = static_cast<std::uint8_t>(types[random() % types.size()]);
      record.on_message(message);
    }
    std::size_t total = 0;
    for (const ByteView each : record.certificates()) total += each.size();
    CHECK(total < 48);
    (void)record.staple();
    (void)record.group();
  }
}

TEST_CASE("names of versions and groups") {
  CHECK(tls_version_name(0x0304) == "TLSv1.3");
  CHECK(tls_version_name(0x0300) == "SSLv3");
  CHECK(tls_version_name(0x7f1c) == "0x7f1c");
  CHECK(tls_group_name(0x0017) == "secp256r1");
  CHECK(tls_group_name(0x11ec) == "0x11ec");
}
