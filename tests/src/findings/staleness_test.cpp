#include "src/findings/staleness.h"

#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>

#include "probes/practice/pki.h"
#include "src/findings/diagnose.h"
#include "tests/support/chain_builder.h"

using namespace chaintier;

namespace {

constexpr auto host = "www.practice.test";

const PracticePki& pki() {
  static const PracticePki one = PracticePki::create().value();
  return one;
}

Bytes leaf(Time not_before, Time not_after, PracticeKey key = PracticeKey::ec_p256,
           const char* name = "www.practice.test") {
  PracticeLeaf wish;
  wish.dns_names = {name};
  wish.not_before = not_before;
  wish.not_after = not_after;
  wish.scts = {not_before};
  wish.key = key;
  return pki().issue(wish).value().certificate;
}

const Bytes& fresh() {
  static const Bytes der = leaf(day(2026, 8, 20), day(2027, 2, 20));
  return der;
}
const Bytes& old() {
  static const Bytes der = leaf(day(2026, 3, 1), day(2026, 9, 15));
  return der;
}

Sample sample(const Bytes& first, std::optional<std::string> sni = host, KeyType type = KeyType::any) {
  Sample result;
  result.outcome = Outcome::captured;
  result.key_proved = true;
  result.asked = {std::move(sni), type};
  for (const Bytes& der :
       {first, pki().certificate("twca-ssl-ca-2023"), pki().certificate("twca-cyber-root-ca.by-global-root")})
    result.served.push_back(make_sent(der));
  return result;
}

EndpointSeen endpoint(std::string_view address, std::vector<Sample> samples,
                      EndpointRole role = EndpointRole::edge) {
  EndpointSeen seen;
  seen.address = IpAddress::parse(address);
  seen.port = 443;
  seen.role = role;
  seen.samples = std::move(samples);
  return seen;
}

TargetReport diagnose(std::vector<EndpointSeen> endpoints, const std::vector<Bytes>& issued = {},
                      const char* target = host, Knowledge knowledge = {}) {
  knowledge.at = day(2026, 9, 1);
  knowledge.catalogue =
      std::make_shared<const Catalogue>(Catalogue::from_files(pki().catalogue_files()).value());
  if (!issued.empty()) {
    std::vector<CertificatePtr> certificates;
    for (const Bytes& der : issued) certificates.push_back(parse_certificate(der).value());
    SignatureChecker signatures;
    knowledge.expected =
        std::make_shared<const Expectation>(expectation_of(certificates, signatures).value());
  }
  Observation observation;
  observation.target = parse_target(target).value();
  observation.endpoints = std::move(endpoints);
  return Diagnoser(std::move(knowledge)).diagnose(std::move(observation));
}

std::vector<Bytes> issued(const Bytes& first) {
  return {pki().certificate("twca-global-root-ca.self-signed"), first,
          pki().certificate("twca-cyber-root-ca.by-global-root"), pki().certificate("twca-ssl-ca-2023")};
}

const Finding* find(const TargetReport& report, Code code) {
  const auto at = std::ranges::find(report.findings, code, &Finding::code);
  return at == report.findings.end() ? nullptr : &*at;
}

std::int64_t number(const Finding& finding, const char* fact) {
  return std::get<std::int64_t>(finding.facts.at(fact));
}
std::vector<std::string> texts(const Finding& finding, const char* fact) {
  return std::get<std::vector<std::string>>(finding.facts.at(fact));
}

}  // namespace

TEST_CASE("stale: one of four machines behind one address") {
  std::vector<Sample> samples;
  for (int i = 0; i < 8; ++i) samples.push_back(sample(i % 4 == 3 ? old() : fresh()));
  for (const bool expected : {false, true}) {
    CAPTURE(expected);
    const auto report =
        diagnose({endpoint("192.0.2.1", samples)}, expected ? issued(fresh()) : std::vector<Bytes>{});
    const Finding* stale = find(report, Code::balance_stale);
    REQUIRE(stale);
    CHECK(number(*stale, "seen") == 2);
    CHECK(number(*stale, "total") == 8);
    CHECK(texts(*stale, "addresses") == std::vector<std::string>{"192.0.2.1:443 (2/8)"});
    CHECK((find(report, Code::chain_unexpected) != nullptr) == expected);
    CHECK_FALSE(find(report, Code::balance_differs));
    REQUIRE(report.balance);
    REQUIRE(report.balance->groups.size() == 2);
    CHECK_FALSE(report.balance->groups[0].stale);
    CHECK(report.balance->groups[1].stale);
    CHECK(report.balance->groups[1].seen_at.front().count == 2);
    CHECK(report.balance->certainty.front().stale == 2);
    CHECK_FALSE(report.balance->certainty.front().excluded_share);
  }
}

TEST_CASE("stale: the IPv6 side only") {
  const auto report = diagnose({endpoint("192.0.2.1", {sample(fresh()), sample(fresh())}),
                                endpoint("2001:db8::1", {sample(old()), sample(old())})});
  const Finding* stale = find(report, Code::balance_stale);
  REQUIRE(stale);
  REQUIRE(stale->where.size() == 1);
  CHECK(stale->where.front().address == "[2001:db8::1]:443");
  CHECK(texts(*stale, "addresses") == std::vector<std::string>{"[2001:db8::1]:443 (2/2)"});
}

TEST_CASE("stale: what was issued decides before dates do") {
  // Everything is old, and nothing newer was seen.
  CHECK_FALSE(find(diagnose({endpoint("192.0.2.1", {sample(old())})}), Code::balance_stale));
  const auto all_old = diagnose({endpoint("192.0.2.1", {sample(old())})}, issued(fresh()));
  REQUIRE(find(all_old, Code::balance_stale));
  const Finding* unexpected = find(all_old, Code::chain_unexpected);
  REQUIRE(unexpected);
  REQUIRE(texts(*unexpected, "differences").size() == 1);
  CHECK(texts(*unexpected, "differences").front().starts_with("older_leaf:www.practice.test ["));
  CHECK(all_old.verdict == Verdict::error);
  CHECK(all_old.headline == Code::chain_unexpected);

  // The older one is what was issued: the newer one is no fault of age, but unexpected.
  const auto newer = diagnose({endpoint("192.0.2.1", {sample(fresh()), sample(old())})}, issued(old()));
  CHECK_FALSE(find(newer, Code::balance_stale));
  REQUIRE(find(newer, Code::chain_unexpected));
  CHECK(texts(*find(newer, Code::chain_unexpected), "differences").front().starts_with("newer_leaf:"));
  REQUIRE(newer.chains.size() == 2);
}

TEST_CASE("stale: an expectation for other names raises no alarm") {
  const auto report =
      diagnose({endpoint("192.0.2.1", {sample(old()), sample(old())})},
               issued(leaf(day(2026, 8, 20), day(2027, 2, 20), PracticeKey::ec_p256, "mail.practice.test")));
  CHECK_FALSE(find(report, Code::balance_stale));
  CHECK_FALSE(find(report, Code::chain_unexpected));
  const Finding* note = find(report, Code::chain_not_compared);
  REQUIRE(note);
  CHECK(note->severity == Severity::note);
  CHECK(texts(*note, "names") == std::vector<std::string>{"mail.practice.test"});
  REQUIRE(report.chains.front()->expected);
  CHECK_FALSE(report.chains.front()->expected->applies);
}

TEST_CASE("stale: RSA and ECDSA stand for themselves") {
  const Bytes old_rsa = leaf(day(2026, 3, 1), day(2026, 9, 15), PracticeKey::rsa_2048);
  const std::vector<Sample> samples{
      sample(fresh(), host, KeyType::ecdsa), sample(old_rsa, host, KeyType::rsa),
      sample(fresh(), host, KeyType::ecdsa), sample(old_rsa, host, KeyType::rsa)};
  // An older RSA certificate beside a newer ECDSA one is how servers with two certificates look.
  const auto report = diagnose({endpoint("192.0.2.1", samples)});
  CHECK_FALSE(find(report, Code::balance_stale));
  REQUIRE(report.balance);
  REQUIRE(report.balance->certainty.size() == 2);
  for (const BalanceCertainty& kind : report.balance->certainty) {
    CHECK(kind.samples == 2);
    REQUIRE(kind.excluded_share);
    CHECK(*kind.excluded_share == doctest::Approx(1 - std::sqrt(0.05)));
  }
  CHECK(report.balance->excluded_share);
  // Only the ECDSA one was issued: an answer to a question for RSA is not compared with it.
  const auto expected = diagnose({endpoint("192.0.2.1", samples)}, issued(fresh()));
  CHECK_FALSE(find(expected, Code::balance_stale));
  CHECK_FALSE(find(expected, Code::chain_unexpected));
  // Asked without a wish, RSA is an answer that should have been the new certificate.
  const auto mixed = diagnose({endpoint("192.0.2.1", {sample(fresh()), sample(old_rsa)})}, issued(fresh()));
  CHECK(find(mixed, Code::balance_stale));
}

TEST_CASE("stale: the edge behind its origin") {
  const auto report = diagnose({endpoint("192.0.2.1", {sample(old())}),
                                endpoint("198.51.100.1", {sample(fresh())}, EndpointRole::origin)});
  CHECK_FALSE(find(report, Code::balance_stale));
  REQUIRE(find(report, Code::balance_edge_behind_origin));
  CHECK(find(report, Code::balance_edge_behind_origin)->where.front().address == "192.0.2.1:443");
  // The same age, and only what was issued tells which is the right one.
  const Bytes twin = leaf(day(2026, 8, 20), day(2027, 2, 20));
  const std::vector<EndpointSeen> twins{endpoint("192.0.2.1", {sample(twin)}),
                                        endpoint("198.51.100.1", {sample(fresh())}, EndpointRole::origin)};
  CHECK_FALSE(find(diagnose(twins), Code::balance_edge_behind_origin));
  CHECK(find(diagnose(twins, issued(fresh())), Code::balance_edge_behind_origin));
  // An edge that has it in part is not behind, it is stale in part; another site's certificate is no part.
  const EndpointSeen behind = endpoint("198.51.100.1", {sample(fresh())}, EndpointRole::origin);
  const auto in_part = diagnose({endpoint("192.0.2.1", {sample(old()), sample(fresh())}), behind});
  CHECK(find(in_part, Code::balance_stale));
  CHECK_FALSE(find(in_part, Code::balance_edge_behind_origin));
  const Bytes other = leaf(day(2026, 8, 20), day(2027, 2, 20), PracticeKey::ec_p256, "other.practice.test");
  CHECK(
      find(diagnose({endpoint("192.0.2.1", {sample(old())}), endpoint("192.0.2.2", {sample(other)}), behind}),
           Code::balance_edge_behind_origin));
  // Both have it.
  CHECK_FALSE(find(diagnose({endpoint("192.0.2.1", {sample(fresh())}),
                             endpoint("198.51.100.1", {sample(fresh())}, EndpointRole::origin)}),
                   Code::balance_edge_behind_origin));
}

TEST_CASE("unreachable: a dead origin is told apart from dead addresses of the name") {
  Sample failed;
  failed.outcome = Outcome::failed;
  failed.error = Error{Stage::connect, Fault::network, "no answer within 5 s", Cause::timeout};
  failed.asked.sni = host;
  const auto finding_of = [&](const std::vector<EndpointSeen>& endpoints) {
    const auto report = diagnose(endpoints);
    std::vector<std::string> roles;
    for (const Finding& finding : report.findings)
      if (finding.code == Code::balance_unreachable)
        roles.push_back(std::get<std::string>(finding.facts.at("role")));
    return roles;
  };
  const EndpointSeen good = endpoint("192.0.2.1", {sample(fresh())});
  const EndpointSeen dead = endpoint("192.0.2.2", {failed});
  const EndpointSeen dead_origin = endpoint("198.51.100.1", {failed}, EndpointRole::origin);
  CHECK(finding_of({good, dead}) == std::vector<std::string>{"edge"});
  CHECK(finding_of({good, dead_origin}) == std::vector<std::string>{"origin"});
  CHECK(finding_of({good, dead, dead_origin}) == std::vector<std::string>{"edge", "origin"});
  CHECK(finding_of({dead, dead_origin}).empty());
}

TEST_CASE("clients that refuse two chains of a target are told once, with all of them") {
  Knowledge knowledge;
  for (const bool holds_newer : {false, true}) {
    ClientModel client;
    client.id = holds_newer ? "holds-newer" : "holds-older";
    client.current = true;
    client.anchors.emplace_back().slug =
        holds_newer ? "twca-cyber-root-ca.self-signed" : "twca-global-root-ca.self-signed";
    knowledge.clients.push_back(client);
  }
  knowledge.all_clients = knowledge.clients;
  Sample alone = sample(fresh()), without_cross = sample(old());
  alone.served.resize(1);
  without_cross.served.resize(2);
  const auto told = [&](std::vector<EndpointSeen> endpoints) {
    const auto report = diagnose(std::move(endpoints), {}, host, knowledge);
    CHECK(std::ranges::count(report.findings, Code::path_client_untrusted, &Finding::code) == 1);
    const Finding* finding = find(report, Code::path_client_untrusted);
    return finding ? texts(*finding, "clients") : std::vector<std::string>{};
  };
  const std::vector<std::string> both{"holds-older", "holds-newer"}, one{"holds-older"};
  CHECK(told({endpoint("192.0.2.1", {alone})}) == both);
  CHECK(told({endpoint("192.0.2.2", {without_cross})}) == one);
  CHECK(told({endpoint("192.0.2.1", {alone}), endpoint("192.0.2.2", {without_cross})}) == both);
  CHECK(told({endpoint("192.0.2.1", {without_cross, without_cross}), endpoint("192.0.2.2", {alone})}) ==
        both);
}

TEST_CASE("stale: an old default certificate is seen without SNI only") {
  const auto report =
      diagnose({endpoint("192.0.2.1", {sample(fresh()), sample(fresh()), sample(old(), std::nullopt)})},
               issued(fresh()));
  CHECK(find(report, Code::sni_default_differs));
  CHECK_FALSE(find(report, Code::balance_stale));
  CHECK_FALSE(find(report, Code::chain_unexpected));
}

TEST_CASE("stale: what n answers exclude") {
  CHECK(excluded_share_of(40) == doctest::Approx(0.0722).epsilon(0.001));
  CHECK(excluded_share_of(1) == doctest::Approx(0.95));
  const auto report =
      diagnose({endpoint("192.0.2.1", std::vector<Sample>(5, sample(fresh())))}, issued(fresh()));
  REQUIRE(report.balance);
  CHECK(report.balance->certainty.front().excluded_share == excluded_share_of(5));
  CHECK(report.verdict != Verdict::error);
}

TEST_CASE("this machine: a note") {
  EndpointSeen here = endpoint("192.0.2.1", {sample(fresh())});
  here.this_machine = true;
  const auto report = diagnose({here, endpoint("192.0.2.2", {sample(fresh())})});
  const Finding* note = find(report, Code::server_is_this_machine);
  REQUIRE(note);
  CHECK(note->severity == Severity::note);
  CHECK(texts(*note, "addresses") == std::vector<std::string>{"192.0.2.1:443"});
  here.role = EndpointRole::origin;
  CHECK_FALSE(find(diagnose({here, endpoint("192.0.2.2", {sample(fresh())})}), Code::server_is_this_machine));
}
