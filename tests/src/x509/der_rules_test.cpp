#include "src/x509/der_rules.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/der.h"

using namespace chaintier;

TEST_CASE("DER: elements that are") {
  const std::vector<Bytes> rows{
      der::null(),
      der::boolean(true),
      der::boolean(false),
      der::integer(0),
      der::integer(-129),
      der::integer(INT64_MAX),
      der::octet_string({}),
      der::octet_string(Bytes(200, 1)),
      der::octet_string(Bytes(70'000, 1)),
      der::named_bits({}),
      der::named_bits({0, 8}),
      der::sequence({}),
      der::sequence({der::set({der::oid("1.2.3")}), der::explicit_tag(0, der::integer(2))}),
      der::tlv(0x82, "implicit tags may hold anything \xff"),
      {0x5f, 0x81, 0x01, 0x00},  // application tag 129
  };
  for (const Bytes& row : rows) {
    CAPTURE(row.size());
    CHECK(is_der(row));
  }
}

TEST_CASE("DER: other BER, and what is no element") {
  struct Row {
    const char* what;
    Bytes octets;
  };
  const std::vector<Row> rows{
      {"nothing", {}},
      {"half a header", {0x30}},
      {"cut off", {0x04, 0x02, 0x01}},
      {"length in long form without need", {0x04, 0x81, 0x01, 0x01}},
      {"length with a leading zero", der::join({{0x04, 0x82, 0x00, 0x80}, Bytes(128, 1)})},
      {"indefinite length", {0x30, 0x80, 0x05, 0x00, 0x00, 0x00}},
      {"length of nine octets", {0x04, 0x89, 1, 0, 0, 0, 0, 0, 0, 0, 0}},
      {"a length beyond anything", {0x04, 0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}},
      {"BOOLEAN 1", {0x01, 0x01, 0x01}},
      {"BOOLEAN of two octets", {0x01, 0x02, 0x00, 0x00}},
      {"INTEGER of no octet", {0x02, 0x00}},
      {"INTEGER with a leading zero", {0x02, 0x02, 0x00, 0x7f}},
      {"INTEGER with a leading one", {0x02, 0x02, 0xff, 0x80}},
      {"BIT STRING with unused bits set", {0x03, 0x02, 0x07, 0xff}},
      {"BIT STRING with eight unused bits", {0x03, 0x02, 0x08, 0x00}},
      {"BIT STRING with unused bits of nothing", {0x03, 0x01, 0x01}},
      {"BIT STRING of no octet", {0x03, 0x00}},
      {"OCTET STRING in pieces", {0x24, 0x04, 0x04, 0x02, 0x01, 0x02}},
      {"SEQUENCE that is primitive", {0x10, 0x00}},
      {"tag number with a leading zero", {0x5f, 0x80, 0x01, 0x00}},
      {"tag number without end", {0x5f, 0x81}},
      {"something wrong inside", der::sequence({der::set({{0x01, 0x01, 0x01}})})},
      {"something left over inside", {0x30, 0x03, 0x05, 0x00, 0x05}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    CHECK_FALSE(is_der(row.octets));
  }
}

TEST_CASE("DER: nested for ever is refused, not followed") {
  Bytes deep = der::null();
  for (int i = 0; i < 50; ++i) deep = der::sequence({deep});
  CHECK(is_der(deep));
  for (int i = 0; i < 2000; ++i) deep = der::sequence({deep});
  CHECK_FALSE(is_der(deep));
}
