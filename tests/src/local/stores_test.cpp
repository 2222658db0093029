#include "src/local/stores.h"

#include <algorithm>

#include <doctest/doctest.h>

#include "src/local/against.h"
#include "src/local/judge_servers.h"
#include "src/local/windows_machine.h"
#include "tests/support/chain_builder.h"

using namespace chaintier;

namespace {

CertificatePtr known(std::string_view slug) {
  static const Catalogue catalogue = Catalogue::twca();
  return catalogue.find(slug)->certificate;
}

std::vector<Code> codes(const TrustStore& store) {
  std::vector<Code> result;
  for (const Finding& finding : store.findings) result.push_back(finding.code);
  return result;
}

using Codes = std::vector<Code>;

const std::string old_root = "twca-global-root-ca.self-signed", new_root = "twca-cyber-root-ca.self-signed",
                  cross = "twca-cyber-root-ca.by-global-root", issuer = "twca-secure-ssl-ca-2023g3";

}  // namespace

TEST_CASE("stores: the roots of a Linux machine") {
  const Catalogue catalogue = Catalogue::twca();
  StoreContents contents{"system", "/store", true, {known(old_root)}, {}, {}};
  CHECK(codes(judge_store(contents, catalogue, {known(cross)})) == Codes{});
  contents.roots.push_back(known(new_root));
  CHECK(codes(judge_store(contents, catalogue, {})) == Codes{Code::store_cyber_root_active});
  contents.roots.clear();
  const TrustStore empty = judge_store(contents, catalogue, {});
  CHECK(codes(empty) == Codes{Code::store_root_missing});
  CHECK(empty.findings.front().severity == Severity::error);
  contents.readable = false;
  const TrustStore absent = judge_store(contents, catalogue, {});
  CHECK(codes(absent) == Codes{});
  CHECK(absent.reason);
}

TEST_CASE("stores: Windows as recorded, with its intermediates and a root disabled for all purposes") {
  const Catalogue catalogue = Catalogue::twca();
  StoreContents contents{"windows", "LocalMachine", true, {known(old_root), known(new_root)}, {}, {}};
  contents.intermediates.emplace();
  const std::vector<CertificatePtr> needed{known(issuer), known(cross)};
  CHECK(codes(judge_store(contents, catalogue, needed)) ==
        Codes{Code::store_issuer_missing, Code::store_cyber_root_active});
  contents.intermediates = needed;
  contents.disabled.insert(known(new_root)->fingerprint);
  const TrustStore right = judge_store(contents, catalogue, needed);
  CHECK(codes(right) == Codes{});
  CHECK(right.certificates == 4);
  const auto held = std::ranges::find(right.known, new_root, &TrustStore::Known::slug);
  REQUIRE(held != right.known.end());
  CHECK(!held->enabled);
  contents.disabled.insert(known(old_root)->fingerprint);
  CHECK(codes(judge_store(contents, catalogue, needed)) == Codes{Code::store_root_missing});
}

namespace {

// A server certificate below a CA that an older root has signed, and a newer root with its cross certificate.
struct Iis {
  TestCa older{"Older Root"}, newer{"Newer Root"}, issuing{"Issuing CA"};
  CertificatePtr cross = ca_certificate(newer, older), issuer = ca_certificate(issuing, newer),
                 leaf = leaf_by(issuing);
  WindowsMachine machine;
  std::string place;

  Iis() {
    machine.roots = {{root(older)->der, false, WindowsKey::none},
                     {root(newer)->der, false, WindowsKey::none}};
    machine.intermediates = {{cross->der, false, WindowsKey::none}, {issuer->der, false, WindowsKey::none}};
    machine.own = {{leaf->der, false, WindowsKey::present}};
    place = iis_sites(machine).at(0).certificate_file;
  }
  std::vector<CertFingerprint> sent() const {
    std::vector<CertFingerprint> list;
    for (const LocalItem& item : load_place(machine, place).items)
      if (item.certificate) list.push_back(item.certificate->fingerprint);
    return list;
  }
};

}  // namespace

TEST_CASE("Windows as recorded: an enabled newer root keeps its cross certificate back, manual 5.4.10") {
  Iis iis;
  CHECK(iis.sent() == std::vector{iis.leaf->fingerprint, iis.issuer->fingerprint});
  iis.machine.roots[1].disabled = true;
  CHECK(iis.sent() == std::vector{iis.leaf->fingerprint, iis.issuer->fingerprint, iis.cross->fingerprint});
  CHECK(store_contents(iis.machine).disabled == std::set{CertFingerprint::of(iis.machine.roots[1].der)});
  iis.machine.intermediates.pop_back();
  CHECK(iis.sent() == std::vector{iis.leaf->fingerprint});
}

TEST_CASE("Windows as recorded: bindings of IIS, and the key of each certificate") {
  Iis iis;
  const std::string digits = iis.place.substr(iis.place.rfind('\\') + 1);
  REQUIRE(digits.size() == 40);
  const Bytes thumbprint = from_hex(digits).value();
  iis.machine.bindings = {{"www.example.tw:443", "www.example.tw", thumbprint},
                          {"0.0.0.0:443", std::nullopt, Bytes(20, 7)}};
  Knowledge knowledge;
  knowledge.at = judging_day();
  knowledge.catalogue = std::make_shared<const Catalogue>(Catalogue::twca());
  Diagnoser diagnoser(std::move(knowledge));
  const auto judged = [&] {
    std::vector<ServerSite> sites = iis_sites(iis.machine);
    REQUIRE(sites.size() == 2);  // the bound certificate is not told again
    for (ServerSite& site : sites)
      judge_site(
          site, [&](const std::string& place) { return load_place(iis.machine, place); }, diagnoser);
    return sites;
  };
  const auto has = [](const ServerSite& site, Code code) {
    return std::ranges::find(site.findings, code, &Finding::code) != site.findings.end();
  };

  const auto bound = judged();
  CHECK(bound[0].kind == "iis");
  CHECK(bound[0].key_matches == true);
  CHECK(bound[0].covered == std::vector<std::string>{"www.example.tw"});
  CHECK_FALSE(has(bound[0], Code::key_missing));
  // Bound, and gone from the store: what is left after a broken import.
  REQUIRE(bound[1].reason.has_value());
  CHECK(bound[1].reason->id == "cannot_open");

  iis.machine.own[0].key = WindowsKey::none;
  CHECK(has(judged()[0], Code::key_missing));
  iis.machine.own[0].key = WindowsKey::other;
  CHECK(has(judged()[0], Code::key_mismatch));
  iis.machine.own[0].key = WindowsKey::unopened;
  const auto closed = judged();
  CHECK_FALSE(closed[0].key_matches.has_value());
  CHECK_FALSE(has(closed[0], Code::key_missing));
}

namespace {

Observation serving(const std::vector<std::pair<std::string, CertificatePtr>>& at) {
  Observation seen;
  seen.target = *parse_target("www.example.tw");
  for (const auto& [address, leaf] : at) {
    EndpointSeen endpoint;
    endpoint.address = IpAddress::parse(address);
    Sample sample;
    sample.asked.sni = "www.example.tw";
    sample.outcome = leaf ? Outcome::captured : Outcome::failed;
    if (leaf) sample.served = {make_sent(leaf->der)};
    endpoint.samples.push_back(sample);
    seen.endpoints.push_back(endpoint);
  }
  return seen;
}

}  // namespace

TEST_CASE("against: the same, a reload forgotten, a device in front, another machine") {
  const TestCa ca{"CA"};
  const CertificatePtr fresh = leaf_by(ca), old = leaf_by(ca, "www.example.tw", [](Draft&draft) {
                                              draft.not_before = day(2025, 1, 1);
                                              draft.not_after = day(2026, 9, 30);
                                            });
  const std::vector<IpAddress> own{*IpAddress::parse("192.0.2.1")};
  const auto result = [&](const Observation& seen, const std::optional<Observation>& here) {
    return compare(seen, fresh, here, own).comparison.result;
  };
  CHECK(result(serving({{"198.51.100.1", fresh}}), {}) == "same");
  CHECK(result(serving({{"192.0.2.1", old}}), {}) == "reload");
  CHECK(result(serving({{"127.0.0.1", old}}), {}) == "reload");
  CHECK(result(serving({{"198.51.100.1", old}}), serving({{"127.0.0.1", fresh}})) == "device");
  CHECK(result(serving({{"198.51.100.1", old}}), serving({{"127.0.0.1", old}})) == "reload");
  CHECK(result(serving({{"198.51.100.1", old}}), serving({{"127.0.0.1", nullptr}})) == "elsewhere");
  CHECK(result(serving({{"198.51.100.1", nullptr}}), {}) == "unjudged");
  CHECK(compare(serving({{"198.51.100.1", old}}), nullptr, {}, own).comparison.result == "nothing_local");

  const Against both = compare(serving({{"192.0.2.1", fresh}, {"198.51.100.1", old}}), fresh, {}, own);
  CHECK(both.comparison.result == "differs");
  REQUIRE(both.findings.size() == 2);
  CHECK(both.findings[0].code == Code::server_serves_other);
  CHECK(both.findings[0].facts.at("addresses") == Fact{std::vector<std::string>{"198.51.100.1"}});
  CHECK(both.findings[0].facts.at("here_not_after") == Fact{fresh->not_after});
  CHECK(both.findings[1].code == Code::server_is_this_machine);
}

TEST_CASE("against: of the certificates at hand the newest that names the host") {
  const TestCa ca{"CA"};
  LocalReport local;
  const auto add = [&](const CertificatePtr& certificate) {
    LocalItem item;
    item.certificate = certificate;
    LocalFile file;
    file.items.push_back(item);
    local.files.push_back(file);
  };
  const auto target = *parse_target("www.example.tw");
  CHECK(!installed_for(target, local));
  add(leaf_by(ca, "other.example.tw"));
  CHECK(!installed_for(target, local));
  const CertificatePtr old = leaf_by(ca, "www.example.tw", [](Draft& d) { d.not_before = day(2025, 1, 1); });
  const CertificatePtr fresh = leaf_by(ca);
  add(fresh);
  add(old);
  CHECK(installed_for(target, local) == fresh);
}
