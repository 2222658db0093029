#include "src/base/text.h"

#include <string>

#include <doctest/doctest.h>

namespace chaintier {

TEST_CASE("valid_utf8: well-formed text is kept") {
  for (const std::string text : {"", "plain", "憑證鏈", "a\xF0\x9F\x94\x92z", "\xEF\xBF\xBD"})
    CHECK(valid_utf8(text) == text);
  CHECK(valid_utf8(std::string("a\0b", 3)) == std::string("a\0b", 3));
}

TEST_CASE("valid_utf8: each octet outside a well-formed sequence is one replacement character") {
  const std::string r = "\xEF\xBF\xBD";
  CHECK(valid_utf8("\x80") == r);
  CHECK(valid_utf8("caf\xE9!") == "caf" + r + "!");
  CHECK(valid_utf8("\xC0\xAF") == r + r);                  // overlong "/"
  CHECK(valid_utf8("\xED\xA0\x80") == r + r + r);          // a surrogate
  CHECK(valid_utf8("\xF4\x90\x80\x80") == r + r + r + r);  // above U+10FFFF
  CHECK(valid_utf8("\xE6\x86") == r + r);                  // cut off
  CHECK(valid_utf8("\xE6\x86憑") == r + r + "憑");
}

TEST_CASE("is_utf8: one odd octet, or one character, anywhere within ASCII") {
  for (std::size_t size = 0; size < 20; ++size) {
    CHECK(is_utf8(std::string(size, '~')));
    for (std::size_t at = 0; at <= size; ++at) {
      std::string text(size, '~');
      CHECK(is_utf8(text.insert(at, "憑")));
      CHECK_FALSE(is_utf8(text.insert(at, "\x80")));
    }
  }
}

TEST_CASE("printable: nothing moves the cursor or reorders a line") {
  CHECK(printable("憑證 OK ✓") == "憑證 OK ✓");
  CHECK(printable("a\x1b[31mb") == "a\\u{1b}[31mb");
  CHECK(printable("a\r\nb\tc") == "a\\u{d}\\u{a}b\\u{9}c");
  CHECK(printable(std::string("a\0b", 3)) == "a\\u{0}b");
  CHECK(printable("\x7F\xC2\x9B") == "\\u{7f}\\u{9b}");
  CHECK(printable("\xE2\x80\xA8\xE2\x80\xA9") == "\\u{2028}\\u{2029}");
  CHECK(printable("\xE2\x80\xAE\xE2\x81\xA6\xE2\x80\x8F\xD8\x9C") == "\\u{202e}\\u{2066}\\u{200f}\\u{61c}");
  CHECK(printable("\xFF") == "\xEF\xBF\xBD");
}

TEST_CASE("display_width: wide characters two, combining ones none") {
  CHECK(display_width("") == 0);
  CHECK(display_width("abc") == 3);
  CHECK(display_width("憑證") == 4);
  CHECK(display_width("（a）") == 5);
  CHECK(display_width("e\xCC\x81") == 1);
  CHECK(display_width("✓✗!") == 3);
  CHECK(display_width("\xFF") == 1);
}

TEST_CASE("shorten: cuts at a character border and says so") {
  CHECK(shorten("abcdef", 6) == "abcdef");
  CHECK(shorten("abcdef", 5) == "abcd…");
  CHECK(shorten("abcdef", 1) == "…");
  CHECK(shorten("abcdef", 0).empty());
  CHECK(shorten("憑證鏈", 6) == "憑證鏈");
  CHECK(shorten("憑證鏈", 5) == "憑證…");
  CHECK(shorten("憑證鏈", 4) == "憑…");
  CHECK(shorten("憑", 1) == "…");
  CHECK(shorten("ae\xCC\x81x", 3) == "ae\xCC\x81x");
  for (std::size_t columns = 0; columns < 12; ++columns)
    CHECK(display_width(shorten("a憑b證c鏈d", columns)) <= columns);
}

TEST_CASE("wrapped: lines fit, and begin where UAX #14 allows it") {
  using Lines = std::vector<std::string>;
  CHECK(wrapped("", 10) == Lines{""});
  CHECK(wrapped("one two three", 7) == Lines{"one two", "three"});
  CHECK(wrapped("one two three", 8) == Lines{"one two", "three"});
  CHECK(wrapped("憑證鏈不完整", 6) == Lines{"憑證鏈", "不完整"});
  CHECK(wrapped("憑證鏈，不完整", 6) == Lines{"憑證", "鏈，不", "完整"});  // no comma at the start of a line
  // What is copied into a shell stays whole.
  CHECK(wrapped("openssl -out new.pfx", 10) == Lines{"openssl", "-out", "new.pfx"});
  CHECK(wrapped("see /etc/ssl/certs", 14) == Lines{"see", "/etc/ssl/certs"});
  CHECK(wrapped("abcdefghij", 4) == Lines{"abcd", "efgh", "ij"});
  CHECK(wrapped("憑證", 1) == Lines{"憑", "證"});
}

TEST_CASE("trimmed, lower_ascii, split") {
  CHECK(trimmed(" \t a b\r\n") == "a b");
  CHECK(trimmed(" \n").empty());
  CHECK(lower_ascii("WWW.ÄExample.TW") == "www.Äexample.tw");
  using Parts = std::vector<std::string_view>;
  CHECK(split("a,b,,c", ',') == Parts{"a", "b", "", "c"});
  CHECK(split("", ',') == Parts{""});
  CHECK(split("a,", ',') == Parts{"a", ""});
}

}  // namespace chaintier
