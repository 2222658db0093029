#include "src/findings/plan_aia.h"

#include <algorithm>

#include <doctest/doctest.h>

#include "probes/practice/pki.h"
#include "src/findings/diagnose.h"
#include "tests/support/chain_builder.h"

using namespace chaintier;

namespace {

// AuthorityInfoAccess (RFC 5280 4.2.2.1) with caIssuers URLs.
TestExtension ca_issuers(const std::vector<std::string_view>& urls) {
  std::vector<Bytes> list;
  for (const std::string_view url : urls)
    list.push_back(der::sequence({der::oid("1.3.6.1.5.5.7.48.2"), uri(url)}));
  return {"1.3.6.1.5.5.7.1.1", false, der::sequence(list)};
}

// A CA that no catalogue knows; a client holds its root.
struct Pki {
  TestCa root_ca{"Some Root"}, middle{"Some Middle"}, issuing{"Some Issuing"};
  CertificatePtr top = root(root_ca),
                 upper = ca_certificate(middle, root_ca,
                                        [](Draft&d) { d.set(ca_issuers({"http://ca.test/root.crt"})); }),
                 lower = ca_certificate(issuing, middle,
                                        [](Draft&d) { d.set(ca_issuers({"http://ca.test/upper.crt"})); }),
                 leaf = leaf_by(issuing, "www.example.tw", [](Draft&d) {
                   d.set(ca_issuers({"ldap://ca.test/x", "HTTP://ca.test/lower.crt",
                                     "http://ca.test/second.p7c", "http://ca.test/third"}));
                 });
};
const Pki& pki() {
  static const Pki one;
  return one;
}

Knowledge knowledge() {
  Knowledge result;
  result.at = judging_day();
  result.catalogue = std::make_shared<const Catalogue>(Catalogue::from_files({}).value());
  ClientModel holder = given_client("holder", "anchors", {pki().top});
  ClientModel fetcher = given_client("fetcher", "anchors", {pki().top});
  fetcher.fetches_aia = true;
  result.clients = result.all_clients = {holder, fetcher};
  return result;
}

Observation served(const std::vector<CertificatePtr>& certificates) {
  Observation observation;
  observation.target = parse_target("www.example.tw").value();
  Sample sample;
  sample.outcome = Outcome::captured;
  sample.asked.sni = "www.example.tw";
  for (const CertificatePtr& one : certificates) sample.served.push_back(make_sent(one->der));
  EndpointSeen endpoint;
  endpoint.samples = {sample};
  observation.endpoints = {endpoint};
  return observation;
}

FetchedPtr fetched(const std::string& url, const CertificatePtr& certificate) {
  return std::make_shared<const Fetched>(Fetched{url, judging_day(), certificate->der, std::nullopt});
}
FetchedPtr failure(const std::string& url) {
  return std::make_shared<const Fetched>(
      Fetched{url, judging_day(), {}, Error{Stage::read, Fault::peer, "HTTP status 404"}});
}

using Urls = std::vector<std::string>;

}  // namespace

TEST_CASE("plan aia: only where an issuer is missing, http only, one tier after the other") {
  Ground ground(knowledge());
  CHECK(plan_aia(served({pki().leaf, pki().lower, pki().upper}), ground).empty());
  Observation observation = served({pki().leaf});
  CHECK(plan_aia(observation, ground) == Urls{"HTTP://ca.test/lower.crt", "http://ca.test/second.p7c"});
  observation.fetched = {fetched("HTTP://ca.test/lower.crt", pki().lower),
                         failure("http://ca.test/second.p7c")};
  CHECK(plan_aia(observation, ground) == Urls{"http://ca.test/upper.crt"});
  observation.fetched.push_back(fetched("http://ca.test/upper.crt", pki().upper));
  CHECK(plan_aia(observation, ground).empty());  // its issuer is a root that is at hand
  CHECK(plan_aia(served({pki().leaf, pki().lower}), ground) == Urls{"http://ca.test/upper.crt"});
  // What was fetched in vain is not fetched again.
  observation.fetched = {failure("HTTP://ca.test/lower.crt"), failure("http://ca.test/second.p7c")};
  CHECK(plan_aia(observation, ground).empty());
  CHECK(plan_aia(served({}), ground).empty());
  CHECK(plan_aia(Observation{}, ground).empty());
}

TEST_CASE("plan aia: what a pool holds is not fetched; neither is what only shows without SNI") {
  Knowledge with_pool = knowledge();
  with_pool.pool = {pki().lower};
  Ground ground(std::move(with_pool));
  CHECK(plan_aia(served({pki().leaf}), ground).empty());
  Ground plain(knowledge());
  Observation observation = served({pki().leaf});
  observation.endpoints.front().samples.front().asked.sni = std::nullopt;
  CHECK(plan_aia(observation, plain).empty());
}

TEST_CASE("fetched issuers: trusted by those who fetch, and shown as fetched") {
  Diagnoser diagnoser(knowledge());
  Observation observation = served({pki().leaf});
  observation.fetched = {fetched("HTTP://ca.test/lower.crt", pki().lower),
                         fetched("http://ca.test/upper.crt", pki().upper)};
  const auto report = diagnoser.diagnose(observation);
  REQUIRE(report.chains.size() == 1);
  const ChainJudgement& chain = *report.chains.front();
  REQUIRE(chain.paths.size() == 1);
  std::vector<std::string> subjects;
  for (const CertificatePtr& one : chain.paths[0].path.certificates)
    subjects.push_back(one->subject.short_text());
  CHECK(subjects == std::vector<std::string>{"www.example.tw", "Some Issuing", "Some Middle", "Some Root"});
  CHECK(contains(chain.paths[0].path.from[1], Source::aia));
  CHECK_FALSE(contains(chain.paths[0].path.from[1], Source::served));
  REQUIRE(chain.clients.size() == 2);
  CHECK(chain.clients[0].verdict == ClientVerdict::untrusted);
  CHECK(chain.clients[1].verdict == ClientVerdict::trusted_by_aia);

  SUBCASE("a certificate that lay at another one's URL helps nobody") {
    observation.fetched = {fetched("http://ca.test/upper.crt", pki().lower),
                           fetched("http://ca.test/root.crt", pki().upper)};
    const auto other = diagnoser.diagnose(observation);
    CHECK(other.chains.front()->clients[1].verdict == ClientVerdict::untrusted);
    CHECK_FALSE(contains(other.chains.front()->paths[0].path.from[1], Source::aia));
  }
  SUBCASE("garbage and failures change nothing") {
    observation.fetched = {std::make_shared<const Fetched>(Fetched{"HTTP://ca.test/lower.crt", judging_day(),
                                                                   Bytes(100, 0x30), std::nullopt}),
                           failure("http://ca.test/second.p7c")};
    const auto other = diagnoser.diagnose(observation);
    CHECK(other.chains.front()->paths.empty());
  }
  SUBCASE("without them") {
    observation.fetched.clear();
    CHECK(diagnoser.diagnose(observation).chains.front()->paths.empty());
  }
}

TEST_CASE("plan aia: a right chain of the catalogue costs nothing, a lone leaf one URL") {
  const auto practice = PracticePki::create().value();
  Knowledge with_data;
  with_data.at = judging_day();
  with_data.catalogue =
      std::make_shared<const Catalogue>(Catalogue::from_files(practice.catalogue_files()).value());
  with_data.clients = with_data.all_clients = built_in_clients().clients;
  Ground ground(std::move(with_data));
  PracticeLeaf wish;
  wish.dns_names = {"www.example.tw"};
  wish.not_before = day(2026, 6, 1);
  wish.not_after = day(2026, 12, 1);
  const CertificatePtr leaf = parsed(practice.issue(wish).value().certificate);
  const CertificatePtr issuing = parsed(practice.certificate("twca-ssl-ca-2023"));
  const CertificatePtr cross = parsed(practice.certificate("twca-cyber-root-ca.by-global-root"));
  REQUIRE(ground.data_apply());
  CHECK(plan_aia(served({leaf, issuing, cross}), ground).empty());
  CHECK(plan_aia(served({leaf}), ground) == leaf->aia_issuers);
  wish.issuer = "twca-secure-ssl-ca-2023g3";
  const CertificatePtr old = parsed(practice.issue(wish).value().certificate);
  CHECK(plan_aia(served({old, parsed(practice.certificate("twca-secure-ssl-ca-2023g3"))}), ground).empty());
}
