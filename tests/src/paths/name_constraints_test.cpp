#include "src/paths/name_constraints.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/chain_builder.h"

using namespace chaintier;

namespace {

const TestCa& ca() {
  static const TestCa one{"Constraining CA"};
  return one;
}

using Names = std::vector<Bytes>;
enum class Answer { good, refused, bad_constraint };

Answer answer(const CertificatePtr& leaf, const Names& permitted, const Names& excluded) {
  const auto anchor = root(ca(), [&](Draft& d) { d.set(name_constraints(permitted, excluded)); });
  const std::vector path{leaf, anchor};
  const auto problems = check_name_constraints(path);
  bool refused = false;
  for (const PathProblem& problem : problems) {
    if (problem.problem == Problem::bad_name_constraints) {
      CHECK(problem.index == 1);
      return Answer::bad_constraint;
    }
    CHECK(problem == PathProblem{0, Problem::name_constraints});
    refused = true;
  }
  return refused ? Answer::refused : Answer::good;
}

CertificatePtr leaf_with(const Names& names) {
  return leaf_by(ca(), "leaf", [&](Draft& d) {
    d.subject = der::sequence({});
    d.set(subject_alt_name(names));
  });
}

struct Row {
  std::string name, constraint;
  bool within;
};

// `within` the only permitted subtree, and out of an excluded one, are the same question twice.
void both_ways(const std::vector<Row>& rows, Bytes (*element)(std::string_view)) {
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CAPTURE(row.constraint);
    const auto leaf = leaf_with({element(row.name)});
    CHECK(answer(leaf, {element(row.constraint)}, {}) == (row.within ? Answer::good : Answer::refused));
    CHECK(answer(leaf, {}, {element(row.constraint)}) == (row.within ? Answer::refused : Answer::good));
  }
}

}  // namespace

TEST_CASE("name constraints: DNS names") {
  both_ways({{"example.tw", "example.tw", true},
             {"www.example.tw", "example.tw", true},
             {"a.b.example.tw", "example.tw", true},
             {"WWW.EXAMPLE.tw", "example.TW", true},
             {"badexample.tw", "example.tw", false},
             {"example.tw.evil.org", "example.tw", false},
             {"tw", "example.tw", false},
             {"example.org", "example.tw", false},
             {"www.example.tw", "", true},
             // A leading dot is no RFC 5280 syntax for DNS names, and is taken to mean "below".
             {"www.example.tw", ".example.tw", true},
             {"example.tw", ".example.tw", false},
             {"badexample.tw", ".example.tw", false}},
            dns);
}

TEST_CASE(
    "name constraints: a wildcard is within what all its names are within, and meets what one of them "
    "meets") {
  const auto wildcard = leaf_with({dns("*.example.tw")});
  CHECK(answer(wildcard, {dns("example.tw")}, {}) == Answer::good);
  CHECK(answer(wildcard, {dns("a.example.tw")}, {}) == Answer::refused);
  CHECK(answer(wildcard, {}, {dns("example.tw")}) == Answer::refused);
  CHECK(answer(wildcard, {}, {dns("a.example.tw")}) == Answer::refused);
  CHECK(answer(wildcard, {}, {dns(".a.example.tw")}) == Answer::refused);
  CHECK(answer(wildcard, {}, {dns("example.org")}) == Answer::good);
}

TEST_CASE("name constraints: a DNS name that is none is within nothing") {
  for (const std::string_view name : {".example.tw", "example.tw.", "a..example.tw"}) {
    CAPTURE(std::string(name));
    CHECK(answer(leaf_with({dns(name)}), {dns("example.tw")}, {}) == Answer::refused);
  }
}

TEST_CASE("name constraints: DNS constraints that are none") {
  for (const std::string_view constraint : {"*.example.tw", "example.tw.", "..example.tw", "a..tw", "."}) {
    CAPTURE(std::string(constraint));
    CHECK(answer(leaf_with({dns("www.example.tw")}), {dns(constraint), dns("example.tw")}, {}) ==
          Answer::bad_constraint);
    CHECK(answer(leaf_with({dns("www.example.org")}), {}, {dns(constraint)}) == Answer::bad_constraint);
  }
}

TEST_CASE("name constraints: mailboxes") {
  both_ways({{"me@example.tw", "me@example.tw", true},
             {"me@EXAMPLE.tw", "me@example.TW", true},
             {"Me@example.tw", "me@example.tw", false},  // the local part is compared as it is
             {"you@example.tw", "me@example.tw", false},
             {"me@mail.example.tw", "me@example.tw", false},
             {"me@example.tw", "example.tw", true},  // a host: just that one
             {"me@mail.example.tw", "example.tw", false},
             {"me@mail.example.tw", ".example.tw", true},  // a domain: what is below it
             {"me@example.tw", ".example.tw", false},
             {"me@badexample.tw", ".example.tw", false},
             {"\"a@b\"@example.tw", "example.tw", true},
             {"me@example.org", "example.tw", false}},
            email);
}

TEST_CASE("name constraints: a mailbox that is none is refused wherever mailboxes are constrained") {
  for (const std::string_view name : {"example.tw", "@example.tw", "me@", ""}) {
    CAPTURE(std::string(name));
    CHECK(answer(leaf_with({email(name)}), {email("example.tw")}, {}) == Answer::refused);
    CHECK(answer(leaf_with({email(name)}), {}, {email("example.org")}) == Answer::refused);
    CHECK(answer(leaf_with({email(name)}), {dns("example.tw")}, {}) == Answer::good);
  }
}

TEST_CASE("name constraints: URIs by their host") {
  both_ways({{"https://www.example.tw/a?b#c", "www.example.tw", true},
             {"https://user@www.example.tw:8443/", "www.example.tw", true},
             {"HTTPS://WWW.Example.TW", "www.example.tw", true},
             {"https://example.tw@evil.org/", "example.tw", false},
             {"https://a.www.example.tw/", "www.example.tw", false},  // a host: just that one
             {"https://a.example.tw/", ".example.tw", true},
             {"https://example.tw/", ".example.tw", false},
             {"https://badexample.tw/", ".example.tw", false}},
            uri);
}

TEST_CASE("name constraints: a URI without a host name is refused wherever URIs are constrained") {
  for (const std::string_view name : {"https://192.0.2.7/", "https://[2001:db8::1]/", "urn:isbn:0451450523",
                                      "https:///x", "mailto:me@example.tw", "https://example.tw./"}) {
    CAPTURE(std::string(name));
    CHECK(answer(leaf_with({uri(name)}), {uri(".example.tw")}, {}) == Answer::refused);
    CHECK(answer(leaf_with({uri(name)}), {}, {uri("evil.org")}) == Answer::refused);
    CHECK(answer(leaf_with({uri(name)}), {dns("example.tw")}, {}) == Answer::good);
  }
}

TEST_CASE("name constraints: addresses") {
  struct Case {
    const char* address;
    const char* base;
    const char* mask;
    bool within;
  };
  const std::vector<Case> cases{
      {"192.0.2.7", "192.0.2.0", "255.255.255.0", true},
      {"192.0.3.7", "192.0.2.0", "255.255.255.0", false},
      {"192.0.2.7", "192.0.2.99", "255.255.255.0", true},  // bits outside the mask do not count
      {"192.0.2.7", "192.0.2.7", "255.255.255.255", true},
      {"192.0.2.8", "192.0.2.7", "255.255.255.255", false},
      {"192.0.2.7", "0.0.0.0", "0.0.0.0", true},
      {"192.0.2.129", "192.0.2.128", "255.255.255.128", true},
      {"192.0.2.127", "192.0.2.128", "255.255.255.128", false},
      {"2001:db8::7", "2001:db8::", "ffff:ffff::", true},
      {"2001:db9::7", "2001:db8::", "ffff:ffff::", false},
      {"2001:db8::7", "2001:db8::", "ffff:fffe::", true},
      {"2001:db9::7", "2001:db8::", "ffff:fffe::", true},
      {"2001:db8::7", "2001:db8::7", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true},
      {"2001:db8::7", "::", "::", true},
  };
  for (const Case& one : cases) {
    CAPTURE(std::string(one.address));
    CAPTURE(std::string(one.base));
    const auto leaf = leaf_with({ip(std::string_view(one.address))});
    const Bytes range = ip_range(one.base, one.mask);
    CHECK(answer(leaf, {range}, {}) == (one.within ? Answer::good : Answer::refused));
    CHECK(answer(leaf, {}, {range}) == (one.within ? Answer::refused : Answer::good));
  }
}

TEST_CASE("name constraints: all addresses of version 4 are no address of version 6") {
  const Bytes all_v4 = ip_range("0.0.0.0", "0.0.0.0");
  CHECK(answer(leaf_with({ip("2001:db8::7")}), {}, {all_v4}) == Answer::good);
  CHECK(answer(leaf_with({ip("2001:db8::7")}), {all_v4}, {}) == Answer::refused);
}

TEST_CASE("name constraints: masks with holes and ranges of a wrong size") {
  const auto leaf = leaf_with({ip("192.0.2.7")});
  for (const Bytes& range : {ip_range("192.0.2.0", "255.0.255.0"), ip_range("192.0.2.0", "0.255.255.255"),
                             ip_range("192.0.2.0", "255.255.253.0"), ip_range("2001:db8::", "ffff:0:ffff::"),
                             ip(Bytes{192, 0, 2, 0}), ip(Bytes(16, 0)), ip(Bytes(7, 255)), ip(Bytes{})}) {
    CAPTURE(to_hex(range));
    CHECK(answer(leaf, {}, {range}) == Answer::bad_constraint);
  }
}

TEST_CASE("name constraints: names of a directory, from the left") {
  const auto name = [](const std::vector<std::pair<std::string_view, std::string_view>>& parts) {
    std::vector<std::pair<std::string_view, Bytes>> attributes;
    for (const auto& [type, text] : parts) attributes.emplace_back(type, der::utf8(text));
    return name_of(attributes);
  };
  constexpr std::string_view country = "2.5.4.6";
  const Bytes own =
      name({{country, "TW"}, {oids::organization, "Example"}, {oids::common_name, "www.example.tw"}});
  const auto leaf = leaf_by(ca(), "www.example.tw", [&](Draft& d) { d.subject = own; });
  struct Case {
    Bytes constraint;
    bool within;
  };
  const std::vector<Case> cases{{name({{country, "TW"}}), true},
                                {name({{country, "TW"}, {oids::organization, "  EXAMPLE "}}), true},
                                {own, true},
                                {der::sequence({}), true},
                                {name({{country, "JP"}}), false},
                                {name({{oids::organization, "Example"}}), false},
                                {name({{country, "TW"}, {oids::organization, "Example Two"}}), false}};
  for (const Case& one : cases) {
    CHECK(answer(leaf, {directory(one.constraint)}, {}) == (one.within ? Answer::good : Answer::refused));
    CHECK(answer(leaf, {}, {directory(one.constraint)}) == (one.within ? Answer::refused : Answer::good));
  }
  const auto as_alternative_name = leaf_with({directory(own)});
  CHECK(answer(as_alternative_name, {directory(name({{country, "JP"}}))}, {}) == Answer::refused);
}

TEST_CASE("name constraints: a kind that is not looked into is refused where both have it") {
  CHECK(answer(leaf_with({registered_id("1.2.3")}), {registered_id("1.2.3")}, {}) == Answer::refused);
  CHECK(answer(leaf_with({registered_id("1.2.3")}), {}, {registered_id("1.2.4")}) == Answer::refused);
  CHECK(answer(leaf_with({registered_id("1.2.3")}), {dns("example.tw")}, {}) == Answer::good);
  CHECK(answer(leaf_with({dns("www.example.tw")}), {registered_id("1.2.3")}, {}) == Answer::good);
}

TEST_CASE("name constraints: kinds do not mix, every name counts, and excluded wins") {
  const auto leaf = leaf_with({dns("www.example.tw"), ip("192.0.2.7")});
  CHECK(answer(leaf, {dns("example.tw")}, {}) == Answer::good);  // nothing said about addresses
  CHECK(answer(leaf, {dns("example.tw"), ip_range("198.51.100.0", "255.255.255.0")}, {}) == Answer::refused);
  CHECK(answer(leaf, {email("example.tw")}, {}) == Answer::good);
  const auto two = leaf_with({dns("www.example.tw"), dns("www.example.org")});
  CHECK(answer(two, {dns("example.tw")}, {}) == Answer::refused);
  CHECK(answer(two, {dns("example.tw"), dns("example.org")}, {}) == Answer::good);
  CHECK(answer(two, {dns("example.tw"), dns("example.org")}, {dns("www.example.org")}) == Answer::refused);
}

TEST_CASE("name constraints: without alternative names the subject is asked") {
  const auto without = [](const Bytes& subject) {
    return leaf_by(ca(), "x", [&](Draft& d) {
      d.subject = subject;
      d.drop(oids::subject_alt_name);
    });
  };
  const auto mail = without(name_of({{oids::email_address, der::tlv(der::ia5_tag, "me@example.org")}}));
  CHECK(answer(mail, {email("example.tw")}, {}) == Answer::refused);
  CHECK(answer(mail, {email("example.org")}, {}) == Answer::good);
  CHECK(answer(without(named("www.example.org")), {dns("example.tw")}, {}) == Answer::refused);
  CHECK(answer(without(named("A person's name")), {dns("example.tw")}, {}) == Answer::good);
  // With them, the common name names no host.
  const auto with = leaf_by(ca(), "www.example.tw", [](Draft& d) { d.subject = named("www.example.org"); });
  CHECK(answer(with, {dns("example.tw")}, {}) == Answer::good);
}

TEST_CASE("name constraints: minimum and maximum are refused") {
  const auto tree = [](const Bytes& more) { return der::sequence({dns("example.tw"), more}); };
  for (const Bytes& more : {der::implicit_tag(0, der::integer(1)), der::implicit_tag(1, der::integer(5))}) {
    const auto anchor = root(ca(), [&](Draft& d) {
      d.set({std::string(oids::name_constraints), true,
             der::sequence({der::implicit_tag(0, der::sequence({tree(more)}))})});
    });
    const std::vector path{leaf_by(ca()), anchor};
    CHECK(check_name_constraints(path) == std::vector{PathProblem{1, Problem::bad_name_constraints}});
  }
}

TEST_CASE("name constraints: they hold for CAs in between, but not for self-issued ones") {
  const TestCa middle{"Middle"};
  const auto constrained =
      root(ca(), [&](Draft& d) { d.set(name_constraints({directory(named("Other"))}, {})); });
  const auto leaf = leaf_by(middle, "www.example.tw", [](Draft& d) { d.subject = named("Other"); });
  const std::vector path{leaf, ca_certificate(middle, ca()), constrained};
  CHECK(check_name_constraints(path) == std::vector{PathProblem{1, Problem::name_constraints}});

  const TestCa renewed{ca().name};
  const auto leaf_of_renewed =
      leaf_by(renewed, "www.example.tw", [](Draft& d) { d.subject = named("Other"); });
  const std::vector rolled{leaf_of_renewed, ca_certificate(renewed, ca()), constrained};
  CHECK(check_name_constraints(rolled).empty());
  // A self-issued leaf is not exempt (6.1.3 (b)).
  const auto self_issued_leaf =
      leaf_by(renewed, "www.example.tw", [](Draft& d) { d.subject = named(ca().name); });
  const std::vector last{self_issued_leaf, ca_certificate(renewed, ca()), constrained};
  CHECK(check_name_constraints(last) == std::vector{PathProblem{0, Problem::name_constraints}});
}

TEST_CASE("name constraints: they hold without being critical, and from the middle too") {
  const TestCa middle{"Middle"};
  const auto constrained = ca_certificate(middle, ca(), [](Draft& d) {
    auto constraints = name_constraints({dns("example.org")}, {});
    constraints.critical = false;
    d.set(constraints);
  });
  const std::vector path{leaf_by(middle), constrained, root(ca())};
  CHECK(check_name_constraints(path) == std::vector{PathProblem{0, Problem::name_constraints}});
}

TEST_CASE("name constraints: too many comparisons are a refusal, not a wait") {
  Names names, constraints;
  for (int i = 0; i < 1100; ++i) {
    names.push_back(dns("h" + std::to_string(i) + ".example.tw"));
    constraints.push_back(dns("c" + std::to_string(i) + ".example.org"));
  }
  CHECK(answer(leaf_with(names), {}, constraints) == Answer::refused);
  names.resize(900);
  CHECK(answer(leaf_with(names), {}, constraints) == Answer::good);
}
