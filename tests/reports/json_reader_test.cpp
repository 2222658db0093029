#include "reports/json_reader.h"

#include <boost/json.hpp>
#include <map>

#include <doctest/doctest.h>

#include "src/base/text.h"
#include "src/clients/client_model.h"
#include "tests/reports/round_trip.h"
#include "tests/support/chain_builder.h"
#include "tests/support/sample_report.h"

namespace chaintier {

namespace json = boost::json;

namespace {

// The sample report's leaves are no DER, because writers read nothing. A reader does: each is replaced by a
// certificate, everywhere.
class RealLeaves {
 public:
  void replace(Report& report) {
    for (TargetReport& target : report.targets) {
      for (auto& chain : target.chains) {
        auto fresh = std::make_shared<ChainJudgement>(*chain);
        replace(*fresh);
        chain = fresh;
      }
      for (EndpointSeen& endpoint : target.observation.endpoints)
        for (Sample& sample : endpoint.samples)
          for (SentPtr& sent : sample.served) replace(sent);
      if (target.balance)
        for (BalanceGroup& group : target.balance->groups)
          for (CertFingerprint& fingerprint : group.served) replace(fingerprint);
      for (Finding& finding : target.findings)
        for (Where& where : finding.where)
          if (where.certificate) replace(*where.certificate);
    }
  }

 private:
  void replace(ChainJudgement& chain) {
    for (CertificatePtr& certificate : chain.certificates) replace(certificate);
    for (SentPtr& sent : chain.served) replace(sent);
    for (JudgedPath& path : chain.paths)
      for (CertificatePtr& certificate : path.path.certificates) replace(certificate);
    if (chain.should_send)
      for (CertificatePtr& certificate : *chain.should_send) replace(certificate);
    for (Advice& advice : chain.advice) replace(advice.certificate);
    if (!chain.expected) return;
    for (CertificatePtr& certificate : chain.expected->issued) replace(certificate);
    for (Difference& difference : chain.expected->differences)
      for (auto* fingerprint : {&difference.served, &difference.issued})
        if (*fingerprint) replace(**fingerprint);
  }

  void replace(CertificatePtr& certificate) {
    if (certificate && !parse_certificate(certificate->der)) certificate = real(certificate->fingerprint);
  }
  void replace(SentPtr& sent) {
    if (text_of(sent->der).starts_with("leaf of")) sent = make_sent(real(sent->fingerprint)->der);
  }
  void replace(CertFingerprint& fingerprint) {
    if (const auto known = known_.find(fingerprint); known != known_.end())
      fingerprint = known->second->fingerprint;
  }
  const CertificatePtr& real(const CertFingerprint& fake) {
    CertificatePtr& certificate = known_[fake];
    if (!certificate) certificate = leaf_by(ca_, "leaf" + std::to_string(known_.size()) + ".example.tw");
    return certificate;
  }

  TestCa ca_{"Sample CA"};
  std::map<CertFingerprint, CertificatePtr> known_;
};

Report real_report(Language language, std::size_t count = 5) {
  Report report = sample_report(language, count);
  RealLeaves().replace(report);
  // Labels are no part of the JSON: a reader knows those of the built-in data.
  for (const ClientModel& known : built_in_clients().clients)
    for (ClientInfo& client : report.clients)
      if (client.id == known.id) client.label = known.label;
  return report;
}

json::object object_of_line(std::size_t index) {
  const Report report = real_report(Language::en);
  return json::parse(line_of_target(report, report.targets.at(index))).as_object();
}

std::string refusal(const std::string& text) {
  ReportReader reader(std::make_shared<const Catalogue>(Catalogue::twca()));
  const auto read = reader.read(text, [](const ReportHead&, TargetReport) {});
  return read ? "" : read.error().detail;
}

}  // namespace

TEST_CASE("JSON reader: what was read is written again as it was, in both languages") {
  for (const Language language : {Language::zh_tw, Language::en}) {
    Report report = real_report(language);
    check_round_trip(report);
    report.expect_path = "cert.zip";
    report.catalogue_path = "other ca";
    report.options = {{"--resolve", "www.example.com.tw=192.0.2.1"}, {"--no-aia", std::nullopt}};
    report.targets.back().observation.target.tag = report.targets.back().bad_target->tag = "branch";
    check_round_trip(report);
  }
}

TEST_CASE("JSON reader: a report without targets") {
  ReportReader reader(std::make_shared<const Catalogue>(Catalogue::twca()));
  std::size_t targets = 0;
  CHECK(reader.read(json_of_report(real_report(Language::en, 0)), [&](const auto&, auto) { ++targets; })
            .has_value());
  CHECK(targets == 0);
}

TEST_CASE("JSON reader: every member that says something has to be there") {
  const json::object good = object_of_line(0);
  CHECK(refusal(json::serialize(good)) == "");
  for (const auto& [name, value] : good) {
    CAPTURE(std::string(name));
    json::object bad = good;
    bad.erase(name);
    CHECK(refusal(json::serialize(bad)) == "\"" + std::string(name) + "\" is missing");
    bad = good;
    bad[name] = 7.5;  // nothing is a number with a fraction
    CHECK(refusal(json::serialize(bad)) != "");
  }
}

TEST_CASE("JSON reader: values that cannot be") {
  const auto with = [](std::size_t index, const auto& change) {
    json::object line = object_of_line(index);
    change(line);
    return refusal(json::serialize(line));
  };
  CHECK(with(0, [](json::object& line) { line["verdict"] = "fine"; }) ==
        "\"verdict\" holds \"fine\", which is none of its values");
  CHECK(with(0, [](json::object& line) { line["port"] = 70000; }) == "\"port\" is no fitting number");
  CHECK(with(0, [](json::object& line) { line["schema"] = "chaintier.report/2"; }) ==
        "its schema is \"chaintier.report/2\", not chaintier.report/1 or chaintier.target/1");
  CHECK(with(0, [](json::object& line) { line["connect_to"] = "somewhere"; }) ==
        "\"connect_to\" is no IP address");
  CHECK(with(0, [](json::object& line) { line["headline"] = "chain.bent"; }) ==
        "there is no finding \"chain.bent\"");
  CHECK(with(0, [](json::object& line) {
          line["findings"].as_array()[0].as_object()["facts"].as_object().erase("missing");
        }) == "a finding chain.cross_missing lacks the fact \"missing\"");
  CHECK(with(0, [](json::object& line) {
          line["chains"].as_array()[0].as_object()["served"] = json::array();
        }) == "\"served\" of a chain is empty");
  CHECK(with(0, [](json::object& line) {
          line["chains"].as_array()[0].as_object()["paths"].as_array()[0].as_object()["kind"] = "sideways";
        }) == "\"kind\" holds \"sideways\", which is none of its values");
  CHECK(with(0, [](json::object& line) {
          line["chains"].as_array()[0].as_object()["clients"].as_array()[0].as_object()["path"] =
              json::array();
        }) == "a client takes a path that is not among \"paths\"");
  CHECK(with(0, [](json::object& line) {
          line["certificates"] = json::object();
        }).ends_with("is spoken of, and is not in \"certificates\""));
  // The octets of a certificate must be those of its SHA-256.
  CHECK(with(0, [](json::object& line) {
          json::object& all = line["certificates"].as_object();
          const json::value first = all.begin()->value();
          std::next(all.begin())->value() = first;
        }) == "a certificate does not have the SHA-256 that it stands under");
  CHECK(refusal("{").starts_with("it is no JSON"));
  CHECK(refusal("[]") == "it is no object");
  CHECK(refusal(std::string(100'000, '[')).starts_with("it is no JSON"));
}

TEST_CASE("JSON reader: a member that is not known is passed over") {
  json::object line = object_of_line(1);
  line["later"] = json::object{{"more", 1}};
  CHECK(refusal(json::serialize(line)) == "");
}

TEST_CASE("JSON reader: lines with the same head share it, and certificates are kept once") {
  const Report report = real_report(Language::en);
  ReportReader reader(report.catalogue);
  std::vector<ReportHead> heads;
  std::vector<TargetReport> targets;
  const ReportReader::Take take = [&](const ReportHead& head, TargetReport target) {
    heads.push_back(head);
    targets.push_back(std::move(target));
  };
  for (int i = 0; i < 2; ++i)
    REQUIRE(reader.read(line_of_target(report, report.targets[0]), take).has_value());
  CHECK(heads[0] == heads[1]);
  CHECK(targets[0].chains[0]->served[0] == targets[1].chains[0]->served[0]);
  CHECK(targets[0].chains[0]->certificates[0] == targets[1].chains[0]->certificates[0]);
}

}  // namespace chaintier
