#include "reports/json.h"

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <doctest/doctest.h>

#include "src/base/text.h"
#include "tests/support/sample_report.h"

namespace chaintier {

namespace json = boost::json;

namespace {

std::string written(const Report& report) {
  std::ostringstream out;
  write_json(report, out);
  return out.str();
}

std::string written(const Report& report, const TargetReport& target) {
  std::ostringstream out;
  write_target_json(report, target, out);
  return out.str();
}

const json::object& target_at(const json::value& report, std::size_t index) {
  return report.at("targets").at(index).as_object();
}

}  // namespace

TEST_CASE("JSON: one valid object in valid UTF-8, the same octets for the same input") {
  const Report report = sample_report(Language::zh_tw);
  const std::string text = written(report);
  CHECK(valid_utf8(text) == text);
  CHECK(written(sample_report(Language::zh_tw)) == text);
  CHECK(text.find('\x1b') == std::string::npos);
  const json::value value = json::parse(text);
  CHECK(value.at("schema") == "chaintier.report/1");
  CHECK(value.at("judged_at") == "2026-09-21T08:30:00Z");
  CHECK(value.at("language") == "zh-TW");
  CHECK(value.at("targets").as_array().size() == 5);
  CHECK(value.at("data").at("clients").as_array().size() == report.clients.size());
}

TEST_CASE("JSON: each certificate once, by fingerprint and in that order") {
  const json::value value = json::parse(written(sample_report(Language::en)));
  std::string before;
  for (const auto& [fingerprint, certificate] : value.at("certificates").as_object()) {
    CHECK(before < std::string(fingerprint));
    before = fingerprint;
    CHECK(certificate.at("pem").as_string().starts_with("-----BEGIN CERTIFICATE-----\n"));
  }
  const json::object& certificates = value.at("certificates").as_object();
  const json::object& first = target_at(value, 0);
  const json::value& leaf = certificates.at(first.at("chains").at(0).at("served").at(0).as_string());
  CHECK(leaf.at("subject") == "C=TW, O=範例股份有限公司, CN=www.example.com.tw");
  CHECK(leaf.at("not_after") == "2027-03-07T15:59:59Z");
  CHECK(leaf.at("key") == json::value{{"type", "RSA"}, {"bits", 2048}});
  CHECK(leaf.at("key_usage") == json::value(json::array{"digitalSignature", "keyEncipherment"}));
  CHECK(leaf.at("eku") == json::value(json::array{"serverAuth", "1.3.6.1.4.1.99999.1"}));
  CHECK(leaf.at("ip_addresses") == json::value(json::array{"192.0.2.7", "010203"}));
  CHECK(leaf.at("catalogue").is_null());
  CHECK(leaf.at("self_signed") == false);

  const std::string root = "3f63bb2814be174ec8b6439cf08d6d56f0b7c405883a5648a334424d6b3ec558";
  CHECK(certificates.at(root).at("catalogue") == "twca-cyber-root-ca.self-signed");
  CHECK(certificates.at(root).at("self_signed") == true);
  CHECK(certificates.at(root).at("is_ca") == true);
}

TEST_CASE("JSON: a certificate that does not parse is kept by its octets") {
  const json::value value = json::parse(written(sample_report(Language::en)));
  const auto& served = target_at(value, 2).at("chains").at(0).at("served").as_array();
  REQUIRE(served.size() == 3);
  const json::object& junk = value.at("certificates").at(served[1].as_string()).as_object();
  CHECK(junk.size() == 3);
  CHECK(!junk.at("parse_error").as_string().empty());
  CHECK(junk.at("size") == 17);
}

TEST_CASE("JSON: paths, clients and advice") {
  const json::value value = json::parse(written(sample_report(Language::en)));
  const json::value& chain = target_at(value, 0).at("chains").at(0);
  CHECK(chain.at("paths").at(0).at("from") == json::value(json::array{"served", "served", "store"}));
  CHECK(chain.at("paths").at(1).at("from") ==
        json::value(json::array{"served", "served", "catalogue", "store"}));
  CHECK(chain.at("paths").at(0).at("tiers") == 3);
  CHECK(chain.at("paths").at(0).at("status") == "valid");
  CHECK(chain.at("paths").at(2).at("status") == "invalid");
  CHECK(chain.at("paths").at(2).at("problems") ==
        json::value(json::array{{{"certificate", 4}, {"code", "weak_signature"}}}));
  CHECK(chain.at("paths").at(0).at("name").is_string());
  const json::value& windows = chain.at("clients").at(0);
  CHECK(windows.at("client") == "windows");
  CHECK(windows.at("verdict") == "trusted");
  CHECK(windows.at("tiers") == 3);
  CHECK(windows.at("path") == chain.at("paths").at(0).at("path"));
  const json::value& apple = chain.at("clients").at(4);
  CHECK(apple.at("verdict") == "untrusted");
  CHECK(apple.at("tiers").is_null());
  CHECK(apple.at("reasons") == json::value(json::array{"issuer_missing"}));
  CHECK(chain.at("advice").at(0).at("action") == "add");
  CHECK(chain.at("seen_at").at(1) == json::value{{"address", "[2001:db8::10]:443"}, {"count", 5}});
}

TEST_CASE("JSON: captures, failures and a line that is no target") {
  const json::value value = json::parse(written(sample_report(Language::en)));
  const json::value& endpoints = target_at(value, 0).at("endpoints");
  CHECK(endpoints.at(0).at("address") == "203.0.113.10");
  CHECK(endpoints.at(1).at("address") == "2001:db8::10");
  CHECK(endpoints.at(0).at("samples").at(0).at("ms") ==
        json::value{{"resolve", 3}, {"connect", 11}, {"starttls", nullptr}, {"handshake", 24}});
  const json::value& failed = endpoints.at(3).at("samples").at(0);
  CHECK(failed.at("outcome") == "failed");
  CHECK(failed.at("tls").is_null());
  CHECK(failed.at("error").at("code") == "net.refused");
  CHECK(failed.at("error").at("stage") == "connect");
  CHECK(failed.at("error").at("alert").is_null());
  CHECK(target_at(value, 2).at("endpoints").at(0).at("samples").at(0).at("error").at("alert") == 80);
  CHECK(target_at(value, 4).at("input_error").at("line") == 7);
  CHECK(target_at(value, 0).at("input_error").is_null());
}

TEST_CASE("JSON: findings carry facts as values and texts in the report's language") {
  const json::value en = json::parse(written(sample_report(Language::en)));
  const json::value zh = json::parse(written(sample_report(Language::zh_tw)));
  const json::value& finding = target_at(en, 0).at("findings").at(1);
  CHECK(finding.at("code") == "balance.stale");
  CHECK(finding.at("facts").at("stale_not_after") == "2026-10-10T15:59:59Z");
  CHECK(finding.at("facts").at("seen") == 5);
  CHECK(finding.at("facts").at("addresses") == json::value(json::array{"203.0.113.11:443"}));
  CHECK(finding.at("title") != target_at(zh, 0).at("findings").at(1).at("title"));
  CHECK(finding.at("facts") == target_at(zh, 0).at("findings").at(1).at("facts"));
  bool named = false;  // the step that checks again names the target
  for (const json::value& step : finding.at("fix").as_array())
    named = named || step.as_string().find("chaintier scan www.example.com.tw") != json::string::npos;
  CHECK(named);
}

TEST_CASE("JSON: the summary counts targets") {
  const json::value value = json::parse(written(sample_report(Language::en, 12)));
  const json::value& summary = value.at("summary");
  CHECK(summary.at("targets") == 12);
  CHECK(summary.at("by_verdict") ==
        json::value{{"ok", 0}, {"note", 3}, {"warning", 0}, {"error", 5}, {"unjudged", 4}});
  CHECK(summary.at("by_code").at("chain.cross_missing") == 3);
  CHECK(summary.at("by_code").at("leaf.expired") == 2);
}

TEST_CASE("JSON: a report without targets") {
  const json::value value = json::parse(written(sample_report(Language::en, 0)));
  CHECK(value.at("targets").as_array().empty());
  CHECK(value.at("certificates").as_object().empty());
}

TEST_CASE("JSON Lines: one line a target, with the members of a target and its own certificates") {
  const Report report = sample_report(Language::en);
  const json::value whole = json::parse(written(report));
  for (std::size_t i = 0; i < report.targets.size(); ++i) {
    const std::string line = written(report, report.targets[i]);
    CHECK(line.find('\n') == line.size() - 1);
    const json::object value = json::parse(line).as_object();
    CHECK(value.at("schema") == "chaintier.target/1");
    for (const auto& [name, member] : target_at(whole, i)) CHECK(value.at(name) == member);
    for (const auto& [fingerprint, certificate] : value.at("certificates").as_object())
      CHECK(whole.at("certificates").at(fingerprint) == certificate);
  }
}

// The schema test of tests/CMakeLists.txt checks what is written here.
TEST_CASE("JSON: reports for the schema test") {
  const std::filesystem::path folder = TEST_OUTPUT_FOLDER;
  std::filesystem::create_directories(folder);
  for (const Language language : {Language::zh_tw, Language::en}) {
    const Report report = sample_report(language);
    const std::string name = "sample." + std::string(id(language));
    std::ofstream whole(folder / (name + ".json"), std::ios::binary);
    write_json(report, whole);
    CHECK(whole.good());
    std::ofstream lines(folder / (name + ".jsonl"), std::ios::binary);
    for (const TargetReport& target : report.targets) write_target_json(report, target, lines);
    CHECK(lines.good());
  }
  std::ofstream empty(folder / "sample.empty.json", std::ios::binary);
  write_json(sample_report(Language::en, 0), empty);
  CHECK(empty.good());
}

}  // namespace chaintier
