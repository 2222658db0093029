#include "src/x509/host_match.h"

#include <array>
#include <string>

#include <doctest/doctest.h>

#include "src/base/host_name.h"
#include "tests/support/chain_builder.h"

using namespace chaintier;

TEST_CASE("host match: one pattern, one name") {
  struct Row {
    const char* pattern;
    const char* host;
    bool matches;
  };
  constexpr std::array rows{
      Row{"www.example.tw", "www.example.tw", true},
      Row{"WWW.Example.TW", "www.example.tw", true},
      Row{"www.example.tw", "WWW.EXAMPLE.TW", true},
      Row{"example.tw", "www.example.tw", false},
      Row{"www.example.tw", "example.tw", false},
      Row{"localhost", "localhost", true},
      Row{"under_score.example.tw", "under_score.example.tw", true},
      // The wildcard stands for exactly one label, the left-most, and only as the whole of it.
      Row{"*.example.tw", "www.example.tw", true},
      Row{"*.EXAMPLE.tw", "www.example.TW", true},
      Row{"*.example.tw", "example.tw", false},
      Row{"*.example.tw", "a.b.example.tw", false},
      Row{"*.example.tw", ".example.tw", false},
      Row{"*.a.example.tw", "b.a.example.tw", true},
      Row{"w*.example.tw", "www.example.tw", false},
      Row{"*w.example.tw", "www.example.tw", false},
      Row{"w*w.example.tw", "www.example.tw", false},
      Row{"www.*.tw", "www.example.tw", false},
      Row{"www.example.*", "www.example.tw", false},
      Row{"*.*.example.tw", "a.b.example.tw", false},
      Row{"**.example.tw", "www.example.tw", false},
      Row{"*", "localhost", false},
      Row{"*", "example.tw", false},
      Row{"*.tw", "example.tw", false},
      Row{"*.com.tw", "example.com.tw", true},
      Row{"*example.tw", "www.example.tw", false},
      Row{"*.example.tw", "*.example.tw", true},  // a label like another; no such host is ever asked for
      // IDN: A-labels compare as they are, and a wildcard stands for one of them too.
      Row{"xn--fiq228c.xn--kpry57d", "xn--fiq228c.xn--kpry57d", true},
      Row{"*.xn--fiq228c.tw", "www.xn--fiq228c.tw", true},
      Row{"*.example.tw", "xn--fiq228c.example.tw", true},
      Row{"xn--*.example.tw", "xn--fiq228c.example.tw", false},
      Row{"中文.tw", "xn--fiq228c.tw", false},  // a SAN is an IA5String: U-labels name nobody
      // A final dot is no part of a name in a certificate.
      Row{"www.example.tw.", "www.example.tw", false},
      Row{"*.example.tw.", "www.example.tw", false},
      Row{"", "", false},
      Row{"", "www.example.tw", false},
      Row{"www.example.tw", "", false},
      Row{"*.", "www.", false},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.pattern));
    CAPTURE(std::string(row.host));
    CHECK(matches_dns_pattern(row.pattern, row.host) == row.matches);
  }
}

namespace {

CertificatePtr naming(const std::vector<Bytes>& names) {
  static const TestCa ca{"Test CA"};
  return leaf_by(ca, "common.example.tw", [&](Draft& d) { d.set(subject_alt_name(names)); });
}

ReferenceName host(std::string_view name) { return {to_ascii_host(name).value(), std::nullopt}; }
ReferenceName address(std::string_view text) { return {{}, IpAddress::parse(text)}; }

}  // namespace

TEST_CASE("host match: any of the names will do") {
  const auto certificate =
      naming({dns("a.example.tw"), dns("*.b.example.tw"), ip("192.0.2.7"), ip("2001:db8::7")});
  CHECK(matches_host(*certificate, host("a.example.tw")));
  CHECK(matches_host(*certificate, host("A.Example.TW.")));  // the user's final dot
  CHECK(matches_host(*certificate, host("x.b.example.tw")));
  CHECK_FALSE(matches_host(*certificate, host("c.example.tw")));
  CHECK(matches_host(*certificate, address("192.0.2.7")));
  CHECK(matches_host(*certificate, address("2001:DB8:0::7")));
  CHECK_FALSE(matches_host(*certificate, address("192.0.2.8")));
  CHECK_FALSE(matches_host(*certificate, address("::ffff:192.0.2.7")));
}

TEST_CASE("host match: IDN as the user writes it") {
  CHECK(matches_host(*naming({dns("xn--fiq228c.xn--kpry57d")}), host("中文.台灣")));
}

TEST_CASE("host match: the common name never counts") {
  const auto other_names = naming({dns("other.example.tw")});
  CHECK(other_names->subject.value("CN") == "common.example.tw");
  CHECK_FALSE(matches_host(*other_names, host("common.example.tw")));
  static const TestCa ca{"Test CA"};
  const auto none = leaf_by(ca, "common.example.tw", [](Draft& d) { d.drop(oids::subject_alt_name); });
  CHECK_FALSE(matches_host(*none, host("common.example.tw")));
}

TEST_CASE("host match: a name is no address, and an address no name") {
  const auto written_as_dns = naming({dns("192.0.2.7")});
  CHECK_FALSE(matches_host(*written_as_dns, address("192.0.2.7")));
  const auto wildcard = naming({dns("*.0.2.7")});
  CHECK_FALSE(matches_host(*wildcard, address("192.0.2.7")));
  CHECK_FALSE(matches_host(*naming({uri("https://www.example.tw/")}), host("www.example.tw")));
  CHECK_FALSE(matches_host(*naming({ip(Bytes{192, 0, 2})}), address("192.0.2.7")));
}

TEST_CASE("host match: what stands behind a NUL is not cut off") {
  const auto certificate = naming({dns(std::string_view("www.example.tw\0.evil.tw", 23))});
  CHECK_FALSE(matches_host(*certificate, host("www.example.tw")));
}
