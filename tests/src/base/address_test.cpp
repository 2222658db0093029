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
