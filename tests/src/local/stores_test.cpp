#include "src/local/stores.h"

#include <algorithm>

#include <doctest/doctest.h>

#include "src/local/against.h"
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
