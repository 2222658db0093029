#include "src/base/host_name.h"

#include <string>

#include <doctest/doctest.h>

using chaintier::to_ascii_host;
using chaintier::to_shown_host;

TEST_CASE("host name: the form on the wire") {
  CHECK(*to_ascii_host("www.Example.TW") == "www.example.tw");
  CHECK(*to_ascii_host("www.example.tw.") == "www.example.tw");
  CHECK(*to_ascii_host("中文.台灣") == "xn--fiq228c.xn--kpry57d");
  CHECK(*to_ascii_host("中文。台灣．") == "xn--fiq228c.xn--kpry57d");  // full-width dots
  CHECK(*to_ascii_host("ＷＷＷ.example.tw") == "www.example.tw");      // full-width letters
  CHECK(*to_ascii_host("faß.de") == "xn--fa-hia.de");                  // non-transitional
  CHECK(*to_ascii_host("XN--FIQ228C.xn--kpry57d") == "xn--fiq228c.xn--kpry57d");
  CHECK(*to_ascii_host("_dmarc.example.tw") == "_dmarc.example.tw");
  CHECK(*to_ascii_host("r3---sn-abc.example.tw") == "r3---sn-abc.example.tw");
  CHECK(*to_ascii_host("localhost") == "localhost");
  CHECK(*to_ascii_host(std::string(63, 'a') + ".tw") == std::string(63, 'a') + ".tw");
}

TEST_CASE("host name: refused") {
  for (const std::string& name :
       {std::string(), std::string("."), std::string(".tw"), std::string("a..tw"), std::string("a b.tw"),
        std::string("*.example.tw"), std::string("a/b"), std::string("a\0b", 3), std::string("\xff\xfe.tw"),
        std::string("中\u202e文.台灣"), std::string(64, 'a') + ".tw", std::string(70, 'x'),
        std::string(60, 'a') + "." + std::string(60, 'b') + "." + std::string(60, 'c') + "." +
            std::string(60, 'd') + "." + std::string(20, 'e')}) {
    CAPTURE(name);
    const auto host = to_ascii_host(name);
    REQUIRE_FALSE(host.has_value());
    CHECK(host.error().fault == chaintier::Fault::input);
    CHECK_FALSE(host.error().detail.empty());
  }
  CHECK(to_ascii_host("*.example.tw").error().detail.find("wildcard") != std::string::npos);
}

TEST_CASE("host name: the form for people") {
  CHECK(to_shown_host("xn--fiq228c.xn--kpry57d") == "中文.台灣");
  CHECK(to_shown_host("www.example.tw") == "www.example.tw");
  CHECK(to_shown_host("xn--a.tw") == "xn--a.tw");  // not the A-label of anything
  CHECK(to_shown_host("192.0.2.1") == "192.0.2.1");
}
