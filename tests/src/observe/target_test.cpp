#include "src/observe/target.h"

#include <array>
#include <string>

#include <doctest/doctest.h>

using namespace chaintier;

namespace {

bool says(const Error& error, std::string_view words) {
  return error.detail.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("target: every form") {
  struct Row {
    const char* text;
    const char* host;
    int port;
    Protocol protocol;
    const char* connect_to;
  };
  constexpr std::array rows{
      Row{"example.tw", "example.tw", 443, Protocol::tls, ""},
      Row{"  example.tw\t", "example.tw", 443, Protocol::tls, ""},
      Row{"Example.TW.:8443", "example.tw", 8443, Protocol::tls, ""},
      Row{"https://example.tw/path?x=1#y", "example.tw", 443, Protocol::tls, ""},
      Row{"HTTPS://EXAMPLE.TW:8443/", "example.tw", 8443, Protocol::tls, ""},
      Row{"https://example.tw?x=a@b", "example.tw", 443, Protocol::tls, ""},
      Row{"example.tw/login", "example.tw", 443, Protocol::tls, ""},
      Row{"https://中文.台灣/", "xn--fiq228c.xn--kpry57d", 443, Protocol::tls, ""},
      Row{"中文。台灣:8443", "xn--fiq228c.xn--kpry57d", 8443, Protocol::tls, ""},
      Row{"192.0.2.1", "192.0.2.1", 443, Protocol::tls, ""},
      Row{"１９２.0.2.1", "192.0.2.1", 443, Protocol::tls, ""},
      Row{"192.0.2.1:444", "192.0.2.1", 444, Protocol::tls, ""},
      Row{"::1", "::1", 443, Protocol::tls, ""},
      Row{"2001:db8::1:443", "2001:db8::1:443", 443, Protocol::tls, ""},
      Row{"[2001:DB8::1]", "2001:db8::1", 443, Protocol::tls, ""},
      Row{"[2001:db8::1]:8443", "2001:db8::1", 8443, Protocol::tls, ""},
      Row{"https://[2001:db8::1]:8443/x", "2001:db8::1", 8443, Protocol::tls, ""},
      Row{"smtp://mail.example.tw", "mail.example.tw", 25, Protocol::smtp, ""},
      Row{"smtp://mail.example.tw:587", "mail.example.tw", 587, Protocol::smtp, ""},
      Row{"imap://m", "m", 143, Protocol::imap, ""},
      Row{"pop3://m", "m", 110, Protocol::pop3, ""},
      Row{"ftp://m", "m", 21, Protocol::ftp, ""},
      Row{"ldap://m", "m", 389, Protocol::ldap, ""},
      Row{"postgres://m", "m", 5432, Protocol::postgres, ""},
      Row{"mysql://m", "m", 3306, Protocol::mysql, ""},
      Row{"xmpp://m", "m", 5222, Protocol::xmpp, ""},
      Row{"imaps://m", "m", 993, Protocol::imaps, ""},
      Row{"smtps://m", "m", 465, Protocol::smtps, ""},
      Row{"pop3s://m", "m", 995, Protocol::pop3s, ""},
      Row{"ldaps://m", "m", 636, Protocol::ldaps, ""},
      Row{"www.example.tw@192.0.2.7", "www.example.tw", 443, Protocol::tls, "192.0.2.7"},
      Row{"www.example.tw@192.0.2.7:8443", "www.example.tw", 8443, Protocol::tls, "192.0.2.7"},
      Row{"www.example.tw@[2001:db8::7]:8443", "www.example.tw", 8443, Protocol::tls, "2001:db8::7"},
      Row{"www.example.tw@2001:db8::7", "www.example.tw", 443, Protocol::tls, "2001:db8::7"},
      Row{"中文.台灣@192.0.2.7", "xn--fiq228c.xn--kpry57d", 443, Protocol::tls, "192.0.2.7"},
      Row{"smtp://mx.example.tw@192.0.2.7", "mx.example.tw", 25, Protocol::smtp, "192.0.2.7"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto target = parse_target(row.text);
    if (!target) FAIL_CHECK(target.error().detail);
    if (!target) continue;
    CHECK(target->host == row.host);
    CHECK(target->port == row.port);
    CHECK(target->protocol == row.protocol);
    CHECK((target->connect_to ? target->connect_to->text() : "") == row.connect_to);
    CHECK(target->host_address.has_value() == IpAddress::parse(target->host).has_value());
    CHECK(target->tag.empty());
  }
  CHECK(parse_target("https://中文.台灣/")->shown_host == "中文.台灣");
  CHECK(parse_target("https://xn--fiq228c.xn--kpry57d/")->shown_host == "中文.台灣");
  CHECK(parse_target(" example.tw ")->text == "example.tw");
}

TEST_CASE("target: refused, and why") {
  struct Row {
    std::string text;
    const char* words;
  };
  const std::array rows{
      Row{"", "empty target"},
      Row{"   ", "empty target"},
      Row{"https://", "host is missing"},
      Row{"https:///x", "host is missing"},
      Row{":443", "host is missing"},
      Row{"example.tw:", "1 to 65535"},
      Row{"example.tw:0", "1 to 65535"},
      Row{"example.tw:65536", "1 to 65535"},
      Row{"example.tw:443a", "1 to 65535"},
      Row{"example.tw:-1", "1 to 65535"},
      Row{"[::1]:99999999999999", "1 to 65535"},
      Row{"ftp2://example.tw", "\"ftp2://\" is not known"},
      Row{"://example.tw", "is not known"},
      Row{"http://example.tw/a", "http has no certificate; write https://example.tw/a"},
      Row{"HTTP://example.tw", "http has no certificate"},
      Row{"example.tw 443", "no blanks"},
      Row{"exam\tple.tw", "no blanks"},
      Row{"192.0.2.0/24", "range of addresses"},
      Row{"2001:db8::/32", "range of addresses"},
      Row{std::string(64, 'a') + ".tw", "63 are allowed"},
      Row{"fe80::1%eth0", "zone"},
      Row{"[fe80::1%25eth0]:443", "zone"},
      Row{"[::1", "\"]\" is missing"},
      Row{"[example.tw]", "IPv6 address"},
      Row{"[192.0.2.1]", "IPv6 address"},
      Row{"[::1]443", "only \":\" and a port"},
      Row{"1:2:3", "neither an IPv6 address"},
      Row{"256.1.1.1", "not an IPv4 address"},
      Row{"192.0.2", "not an IPv4 address"},
      Row{"12345", "not an IPv4 address"},
      Row{"name@other.tw", "after \"@\" must stand an IP address"},
      Row{"https://user:pw@example.tw/", "after \"@\" must stand an IP address"},
      Row{"@192.0.2.1", "before \"@\" must stand a name"},
      Row{"*.example.tw", "wildcard"},
      Row{"a,b", "does not occur in host names"},
      Row{"\xa4\xa4\xa4\xe5.tw", "UTF-8"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto target = parse_target(row.text);
    REQUIRE_FALSE(target.has_value());
    CAPTURE(target.error().detail);
    CHECK(says(target.error(), row.words));
    CHECK(target.error().fault == Fault::input);
    CHECK(target.error().cause == Cause::none);
  }
}

TEST_CASE("targets file") {
  const TargetList list = parse_targets_file(
      "\xef\xbb\xbf# sites\r\n"
      "example.tw\r\n"
      "\r\n"
      "  www.example.tw:8443 , 總行  # the branch\r\n"
      "https://example.tw/#top\r\n"
      "bad name,tag\n"
      "http://example.tw\n"
      "EXAMPLE.TW.\n"
      "example.tw@192.0.2.1\n"
      "smtp://example.tw:443\n"
      "\xa4\xa4.tw\n"
      "last.example.tw,a,b");
  REQUIRE(list.good.size() == 5);
  CHECK(list.good[0].host == "example.tw");
  CHECK(list.good[1].port == 8443);
  CHECK(list.good[1].tag == "總行");
  CHECK(list.good[2].connect_to);
  CHECK(list.good[3].protocol == Protocol::smtp);
  CHECK(list.good[4].tag == "a,b");
  CHECK(list.duplicates == 2);
  REQUIRE(list.bad.size() == 3);
  CHECK(list.bad[0].line == 6);
  CHECK(list.bad[0].text == "bad name");
  CHECK(list.bad[0].tag == "tag");
  CHECK(list.bad[1].tag.empty());
  CHECK(list.bad[1].line == 7);
  CHECK(list.bad[2].line == 11);
}

TEST_CASE("targets file: a target listed again keeps every tag") {
  TargetList list = parse_targets_file(
      "example.tw,web\n"
      "other.example.tw\n"
      "EXAMPLE.tw:443, branch \n"
      "example.tw,web\n"
      "example.tw\n"
      "other.example.tw,late\n");
  REQUIRE(list.good.size() == 2);
  CHECK(list.duplicates == 4);
  CHECK(list.good[0].tag == "web;branch");
  CHECK(list.good[1].tag == "late");
  // From the command line it comes without a tag.
  add_target(list, *parse_target("example.tw"));
  CHECK(list.good[0].tag == "web;branch");
  CHECK(list.duplicates == 5);
}

TEST_CASE("target: hyphens stand inside the parts of a name") {
  for (const char* text :
       {"-example.tw", "example-.tw", "a.-b.tw", "example.tw-:443", "smtp://-.tw", "-a@192.0.2.1"}) {
    CAPTURE(text);
    const auto target = parse_target(text);
    REQUIRE_FALSE(target.has_value());
    CHECK(says(target.error(), "hyphen"));
  }
  for (const char* text : {"a-b.tw", "r3---sn.example.com", "xn--fiq228c.tw"})
    CHECK(parse_target(text).has_value());
  const auto dash = parse_target("-");
  REQUIRE_FALSE(dash.has_value());
  CHECK(says(dash.error(), "--targets -"));
}

TEST_CASE("targets file: lines that end with a carriage return alone") {
  const TargetList list = parse_targets_file("example.tw,web\r# comment\rbad name\rlast.example.tw");
  REQUIRE(list.good.size() == 2);
  CHECK(list.good[1].host == "last.example.tw");
  REQUIRE(list.bad.size() == 1);
  CHECK(list.bad[0].line == 3);
}

TEST_CASE("targets file: a NUL octet spoils its own line and no other") {
  using namespace std::string_literals;
  const TargetList list = parse_targets_file(
      "first.example.tw\n"
      "a\0b.example.tw,web\n"
      "good.example.tw,b\0ranch\n"
      "last.example.tw\0\n"
      "last.example.tw,end\n"s);
  REQUIRE(list.good.size() == 2);
  CHECK(list.good[1].tag == "end");
  REQUIRE(list.bad.size() == 3);
  CHECK(list.bad[0].line == 2);
  CHECK(list.bad[0].text == "a\0b.example.tw"s);
  CHECK(list.bad[0].tag == "web");
  CHECK(list.bad[1].line == 3);
  for (const BadTarget& bad : list.bad) {
    CHECK(says(bad.error, "NUL"));
    CHECK(bad.error.detail.find('\0') == std::string::npos);
    CHECK(says(bad.error, "\\u{0}"));
  }
}

TEST_CASE("targets file: other encodings are named, not guessed") {
  const std::string utf16{
      "\xff\xfe"
      "e\0x\0",
      6};
  const TargetList list = parse_targets_file(utf16);
  CHECK(list.good.empty());
  REQUIRE(list.bad.size() == 1);
  CHECK(says(list.bad[0].error, "UTF-16"));
  const TargetList unmarked = parse_targets_file(std::string("h\0o\0s\0t\0.\0t\0w\0\n\0", 16));
  REQUIRE(unmarked.bad.size() == 1);
  CHECK(says(unmarked.bad[0].error, "UTF-16"));
  CHECK(parse_targets_file("").good.empty());
  CHECK(parse_targets_file("# nothing\n").bad.empty());
}

TEST_CASE("target: protocols") {
  CHECK(id(Protocol::tls) == "tls");
  CHECK(id(Protocol::xmpp) == "xmpp");
  for (int i = 0; i <= static_cast<int>(Protocol::xmpp); ++i) {
    const auto protocol = static_cast<Protocol>(i);
    CHECK(uses_starttls(protocol) == (i > static_cast<int>(Protocol::ldaps)));
    CHECK(default_port(protocol) != 0);
    const auto target = parse_target(std::string(id(protocol)) + "://h");
    REQUIRE(target.has_value());
    CHECK(target->protocol == protocol);
  }
}
