#include "src/base/address.h"

#include <array>

#include <doctest/doctest.h>

using chaintier::IpAddress;

TEST_CASE("address: what is one, and its text by RFC 5952") {
  struct Row {
    const char* text;
    const char* shown;
  };
  constexpr std::array rows{
      Row{"192.0.2.1", "192.0.2.1"},
      Row{"0.0.0.0", "0.0.0.0"},
      Row{"::1", "::1"},
      Row{"::", "::"},
      Row{"2001:DB8::A", "2001:db8::a"},
      Row{"2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"},
      Row{"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},  // 4.2.2: a single zero group is not shortened
      Row{"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},           // 4.2.3: the longest run
      Row{"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},     // 4.2.3: the first of equals
      Row{"1::", "1::"},
      Row{"fe80:0:0:0:0:0:0:0", "fe80::"},
      Row{"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto address = IpAddress::parse(row.text);
    REQUIRE(address);
    CHECK(address->text() == row.shown);
    CHECK(IpAddress::parse(address->text()) == address);
    CHECK(IpAddress::from_octets(address->octets()) == address);
  }
}

TEST_CASE("address: what is none") {
  for (const char* text :
       {"", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.4 ", " 1.2.3.4", "1.2.3.4/24", "[::1]",
        "fe80::1%eth0", "::1:", ":::", "1:2:3:4:5:6:7:8:9", "12345::", "example.tw", "0x7f.0.0.1"}) {
    CAPTURE(text);
    CHECK_FALSE(IpAddress::parse(text));
  }
  const chaintier::Bytes odd(5);
  CHECK_FALSE(IpAddress::from_octets(odd));
}

TEST_CASE("addresses that anybody may be reached at") {
  const auto is_open = [](const char* text) { return is_public(*IpAddress::parse(text)); };
  for (const char* text : {"1.1.1.1", "8.8.8.8", "172.15.255.255", "172.32.0.0", "100.63.255.255",
                           "100.128.0.0", "192.0.1.1", "198.20.0.1", "223.255.255.255", "2606:4700::1111",
                           "2001:200::1", "2400:cb00::1", "64:ff9b::808:808", "2002:808:808::1"}) {
    CAPTURE(text);
    CHECK(is_open(text));
  }
  for (const char* text : {"0.0.0.0",
                           "10.1.2.3",
                           "100.64.0.1",
                           "127.0.0.1",
                           "127.255.255.255",
                           "169.254.169.254",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.0.0.8",
                           "192.0.2.1",
                           "192.88.99.1",
                           "192.168.1.1",
                           "198.18.0.1",
                           "198.19.255.255",
                           "198.51.100.7",
                           "203.0.113.7",
                           "224.0.0.1",
                           "240.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "fe80::1",
                           "fc00::1",
                           "fd12::1",
                           "ff02::1",
                           "::ffff:8.8.8.8",
                           "::ffff:127.0.0.1",
                           "2001::1",
                           "2001:db8::1",
                           "3fff::1",
                           "64:ff9b::a00:1",
                           "64:ff9b:1::1",
                           "2002:7f00:1::",
                           "2002:c0a8:101::1",
                           "100::1"}) {
    CAPTURE(text);
    CHECK_FALSE(is_open(text));
  }
}

TEST_CASE("loopback addresses") {
  for (const char* text : {"127.0.0.1", "127.88.0.1", "::1", "::ffff:127.0.0.1"})
    CHECK(is_loopback(*IpAddress::parse(text)));
  for (const char* text : {"128.0.0.1", "::", "::2", "1::1", "::ffff:10.0.0.1"})
    CHECK_FALSE(is_loopback(*IpAddress::parse(text)));
}
