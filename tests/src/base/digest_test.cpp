#include "src/base/digest.h"

#include <string>
#include <unordered_set>

#include <doctest/doctest.h>

namespace chaintier {

TEST_CASE("hexadecimal: both ways") {
  CHECK(to_hex(Bytes{}) == "");
  CHECK(to_hex(Bytes{0x00, 0x0f, 0xa5, 0xff}) == "000fa5ff");
  CHECK(from_hex("000Fa5fF") == Bytes{0x00, 0x0f, 0xa5, 0xff});
  CHECK(from_hex("") == Bytes{});
  for (const char* text : {"0", "000", "0g", "g0", " 0", "0x", "00:11", "é"}) CHECK_FALSE(from_hex(text));
}

TEST_CASE("digest: SHA-256 of FIPS 180-4's examples") {
  CHECK(CertFingerprint::of(bytes_of("")).hex() ==
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(CertFingerprint::of(bytes_of("abc")).hex() ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("digest: text of 64 digits and no other") {
  const std::string text = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  REQUIRE(CertFingerprint::parse(text));
  CHECK(CertFingerprint::parse(text) == CertFingerprint::of(bytes_of("abc")));
  std::string upper = text;
  for (char& c : upper)
    if (c >= 'a') c = static_cast<char>(c - 32);
  CHECK(CertFingerprint::parse(upper) == CertFingerprint::of(bytes_of("abc")));
  CHECK_FALSE(CertFingerprint::parse(text.substr(2)));
  CHECK_FALSE(CertFingerprint::parse(text + "00"));
  CHECK_FALSE(CertFingerprint::parse(""));
  CHECK_FALSE(CertFingerprint::parse(text.substr(1) + "z"));
}

TEST_CASE("digest: order and hash tell different ones apart") {
  const auto a = CertFingerprint::of(bytes_of("a"));
  const auto b = CertFingerprint::of(bytes_of("b"));
  CHECK(a != b);
  CHECK((a < b) == (a.hex() < b.hex()));
  CHECK(std::unordered_set{a, b, a}.size() == 2);
}

}  // namespace chaintier
