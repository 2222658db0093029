#include "src/observe/http_url.h"

#include <doctest/doctest.h>

using namespace chaintier;

namespace {

HttpUrl url(std::string_view text) {
  const auto result = parse_http_url(text);
  if (!result) FAIL(result.error().detail);
  return *result;
}
bool is_refused(std::string_view text, std::string_view because) {
  const auto result = parse_http_url(text);
  return !result && result.error().fault == Fault::peer &&
         result.error().detail.find(because) != std::string::npos;
}

}  // namespace

TEST_CASE("http url: parts") {
  const HttpUrl plain = url("http://sslserver.twca.com.tw/cacert/root.crt");
  CHECK(plain.host == "sslserver.twca.com.tw");
  CHECK(plain.port == 80);
  CHECK(plain.authority == "sslserver.twca.com.tw");
  CHECK(plain.target == "/cacert/root.crt");
  CHECK_FALSE(plain.address);
  CHECK(url("HTTP://Example.TW:8080?a=b%20c#x").target == "/?a=b%20c");
  CHECK(url("http://Example.TW:8080/").authority == "example.tw:8080");
  CHECK(url("http://[2001:db8::1]/").authority == "[2001:db8::1]");
  CHECK(url("http://[2001:db8::1]:8080/").address == IpAddress::parse("2001:db8::1"));
  CHECK(url("http://127.0.0.1:8080/").address == IpAddress::parse("127.0.0.1"));
}

TEST_CASE("http url: what is not followed") {
  CHECK(is_refused("https://example.tw/a", "only http"));
  CHECK(is_refused("ldap://example.tw/a", "only http"));
  CHECK(is_refused("file:///etc/passwd", "only http"));
  CHECK(is_refused("http://me@example.tw/", "user name"));
  CHECK(is_refused("http://example.tw:25/", "another service"));
  CHECK(is_refused("http://example.tw:443/", "another service"));
  CHECK(is_refused("http://example.tw:0/", "port"));
  CHECK(is_refused("http:///a", "no name"));
  CHECK(is_refused("http://exa mple.tw/", "no URL"));
  CHECK(is_refused("http://example.tw/\r\nX: y", "no URL"));
  CHECK(is_refused("example.tw/a", "no URL"));
  CHECK(is_refused("", "no URL"));
  CHECK(is_refused("http://example.tw/" + std::string(2048, 'a'), "longer"));
}

TEST_CASE("http url: redirections") {
  constexpr std::string_view base = "http://example.tw/a/b.crt?x=1";
  CHECK(resolve_location(base, "http://other.tw/c").value() == "http://other.tw/c");
  CHECK(resolve_location(base, "/c").value() == "http://example.tw/c");
  CHECK(resolve_location(base, "c").value() == "http://example.tw/a/c");
  CHECK(resolve_location(base, "//other.tw/c#d").value() == "http://other.tw/c");
  CHECK_FALSE(resolve_location(base, "http://[").has_value());
  CHECK_FALSE(resolve_location(base, std::string(3000, 'a')).has_value());
}
