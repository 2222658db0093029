#include "src/x509/name.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/chain_builder.h"

using namespace chaintier;

namespace {

Name read(const Bytes& der, bool* bad = nullptr) {
  const unsigned char* at = der.data();
  const X509NamePtr name(d2i_X509_NAME(nullptr, &at, static_cast<long>(der.size())));
  REQUIRE(name);
  bool found = false;
  Name result = read_name(name.get(), found);
  // From its octets the same.
  bool found_again = false;
  const auto again = read_name(ByteView(der), found_again);
  REQUIRE(again);
  CHECK(again->canonical == result.canonical);
  CHECK(again->text() == result.text());
  CHECK(found_again == found);
  if (bad) *bad = found;
  return result;
}

Name common_name(const Bytes& value) { return read(name_of({{oids::common_name, value}})); }

}  // namespace

TEST_CASE("name: attributes in order, and the texts made of them") {
  const Bytes two_in_one = der::set({der::sequence({der::oid(oids::common_name), der::utf8("a")}),
                                     der::sequence({der::oid(oids::organization), der::utf8("b")})});
  const Bytes country = der::set({der::sequence({der::oid("2.5.4.6"), der::tlv(der::printable_tag, "TW")})});
  const Bytes unknown = der::set({der::sequence({der::oid("1.2.3.4"), der::utf8("x")})});
  const Name name = read(der::sequence({country, two_in_one, unknown}));
  CHECK(name.text() == "C=TW, CN=a + O=b, 1.2.3.4=x");
  CHECK(name.value("CN") == "a");
  CHECK(name.value("L") == "");
  CHECK(name.short_text() == "a");
  CHECK(name.canonical_rdns.size() == 3);
  CHECK_FALSE(name.empty());
}

TEST_CASE("name: the last value of a type counts, and what stands in for a common name") {
  CHECK(read(name_of({{oids::common_name, der::utf8("first")}, {oids::common_name, der::utf8("last")}}))
            .short_text() == "last");
  CHECK(
      read(name_of({{oids::organization, der::utf8("org")}, {"2.5.4.11", der::utf8("unit")}})).short_text() ==
      "unit");
  CHECK(read(name_of({{oids::organization, der::utf8("org")}})).short_text() == "org");
  CHECK(read(name_of({{"2.5.4.6", der::utf8("TW")}})).short_text() == "C=TW");
  CHECK(read(der::sequence({})).empty());
  CHECK(read(der::sequence({})).short_text() == "");
}

TEST_CASE("name: equal by RFC 5280 7.1") {
  const std::string reference = common_name(der::utf8("TWCA Root CA")).canonical;
  CHECK(common_name(der::tlv(der::printable_tag, "TWCA Root CA")).canonical == reference);
  CHECK(common_name(der::utf8("twca ROOT ca")).canonical == reference);
  CHECK(common_name(der::utf8("  TWCA   Root\tCA ")).canonical == reference);
  CHECK(common_name(der::utf8("ＴＷＣＡ Root CA")).canonical == reference);  // full width, NFKC
  const Bytes bmp{0, 'T', 0, 'W', 0, 'C', 0, 'A', 0, ' ', 0, 'R',
                  0, 'o', 0, 'o', 0, 't', 0, ' ', 0, 'C', 0, 'A'};
  CHECK(common_name(der::tlv(der::bmp_tag, bmp)).canonical == reference);
  CHECK(common_name(der::utf8("STRASSE")).canonical == common_name(der::utf8("straße")).canonical);
}

TEST_CASE("name: not equal") {
  const std::string reference = common_name(der::utf8("TWCA Root CA")).canonical;
  CHECK(common_name(der::utf8("TWCARoot CA")).canonical != reference);
  CHECK(common_name(der::utf8("TWCA Root CA 2")).canonical != reference);
  CHECK(read(name_of({{oids::organization, der::utf8("TWCA Root CA")}})).canonical != reference);
  const auto attribute = [](std::string_view type, std::string_view value) {
    return der::sequence({der::oid(type), der::utf8(value)});
  };
  const Bytes cn = attribute(oids::common_name, "a");
  const Bytes o = attribute(oids::organization, "b");
  const Name one_rdn = read(der::sequence({der::set({cn, o})}));
  const Name two_rdns = read(der::sequence({der::set({cn}), der::set({o})}));
  CHECK(one_rdn.canonical != two_rdns.canonical);
  CHECK(read(der::sequence({der::set({o}), der::set({cn})})).canonical != two_rdns.canonical);
  CHECK(read(der::sequence({der::set({o, cn})})).canonical == one_rdn.canonical);  // an RDN is a set
}

TEST_CASE("name: one attribute cannot be made to look like two") {
  const Name two = read(name_of({{oids::common_name, der::utf8("a")}, {oids::common_name, der::utf8("b")}}));
  for (const std::string_view forged : {"a+/9:2.5.4.3=b", "a, CN=b", "a/2.5.4.3=b"})
    CHECK(common_name(der::utf8(forged)).canonical != two.canonical);
}

TEST_CASE("name: a value of another kind is compared octet by octet") {
  const Bytes bits = der::bit_string(Bytes{1, 2});
  CHECK(common_name(bits).canonical == common_name(bits).canonical);
  CHECK(common_name(bits).canonical != common_name(der::bit_string(Bytes{1, 3})).canonical);
  CHECK(common_name(bits).canonical != common_name(der::utf8(std::string_view("\1\2"))).canonical);
}

TEST_CASE("name: NUL is bad, and Latin letters of a T61String are not") {
  bool bad = false;
  read(named(std::string_view("a\0b", 3)), &bad);
  CHECK(bad);
  const Name old = read(name_of({{oids::common_name, der::tlv(0x14, "Z\xfcrich")}}), &bad);
  CHECK_FALSE(bad);
  CHECK(old.value("CN") == "Zürich");
}

TEST_CASE("canonical_value: white space and case") {
  CHECK(canonical_value("") == "");
  CHECK(canonical_value(" \t ") == "");
  CHECK(canonical_value(" A  b\nC ") == "a b c");
}
