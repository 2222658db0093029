#include "reports/view.h"

#include <doctest/doctest.h>

#include "reports/certificate_table.h"
#include "tests/support/sample_report.h"

namespace chaintier {

TEST_CASE("view: clients that do the same are one group, refusals first") {
  const Report report = sample_report(Language::en);
  const auto groups = group_clients(report, *report.targets[0].chains[0]);
  REQUIRE(groups.size() == 2);
  CHECK(groups[0].verdict == ClientVerdict::untrusted);
  CHECK(groups[0].clients.size() == 3);
  CHECK(groups[0].clients[0]->id == "apple");
  CHECK(groups[1].clients.size() == 7);
  const Texts& texts = Texts::of(Language::en);
  const std::string result = group_result(texts, groups[1], *report.targets[0].chains[0]);
  CHECK(result == texts.word("path.new.short") + " · " + tiers_text(texts, 3));
  CHECK(group_result(texts, groups[0], *report.targets[0].chains[0]) == texts.word("reason.issuer_missing"));
}

TEST_CASE("view: what is sent beside what should be sent") {
  const Report report = sample_report(Language::en);
  const ChainJudgement& cross_missing = *report.targets[0].chains[0];
  CHECK(!served_as_should_be(cross_missing));
  const auto should = should_rows(cross_missing);
  REQUIRE(should.size() == 3);
  CHECK(should[2].mark == AdviceAction::add);
  CHECK(!should[0].mark);

  const auto served = served_rows(*report.targets[0].chains[1]);
  REQUIRE(served.size() == 3);
  CHECK(served[1].mark == AdviceAction::drop);
  CHECK(served[2].mark == AdviceAction::move);
  CHECK(served_as_should_be(*report.targets[1].chains[0]));
}

TEST_CASE("view: of a certificate sent twice, only the repetition is to be dropped") {
  ChainJudgement chain = *sample_report(Language::en).targets[1].chains[0];
  chain.served.push_back(chain.served[1]);
  chain.certificates.push_back(chain.certificates[1]);
  chain.advice = {{AdviceAction::drop, chain.served[1]->fingerprint}};
  const auto rows = served_rows(chain);
  REQUIRE(rows.size() == 4);
  CHECK(!rows[1].mark);
  CHECK(rows[3].mark == AdviceAction::drop);
  CHECK(!should_rows(chain)[1].mark);
}

TEST_CASE("view: the command that checks again is safe to paste") {
  Report report = sample_report(Language::en);
  CHECK(check_again(report, report.targets[0]) == "chaintier scan www.example.com.tw");
  CHECK(check_again(report, report.targets[3]) == "chaintier scan smtp://gone.example.com.tw");
  report.targets[0].observation.target.text = "a b'; rm -rf ~ $(x)";
  CHECK(check_again(report, report.targets[0]) == "chaintier scan 'a b'\\''; rm -rf ~ $(x)'");
  Report with_files = report;
  with_files.expect_path = "mail/cert 1.zip";
  with_files.catalogue_path = "other ca";
  CHECK(check_again(with_files, report.targets[3]) ==
        "chaintier scan smtp://gone.example.com.tw --expect 'mail/cert 1.zip' --catalogue 'other ca'");
  Report with_options = report;
  with_options.targets[0].observation.target.text = "www.example.com.tw";
  with_options.options = {{"--trust", "our roots.pem"},
                          {"--resolve", "WWW.example.com.tw=192.0.2.1,192.0.2.2"},
                          {"--resolve", "other.example.com.tw=192.0.2.3"},
                          {"--samples", "20"},
                          {"--time", "-1"},
                          {"--no-aia", std::nullopt}};
  const std::string start = "chaintier scan www.example.com.tw";
  const std::string before =
      start + " --trust 'our roots.pem' --resolve WWW.example.com.tw=192.0.2.1,192.0.2.2";
  CHECK(check_again(with_options, with_options.targets[0]) == before + " --samples 20 --time=-1 --no-aia");
  CHECK(check_again(with_options, with_options.targets[3]) ==
        "chaintier scan smtp://gone.example.com.tw --trust 'our roots.pem' --samples 20 --time=-1 --no-aia");
  // What a step says itself is not said twice.
  std::string step = "First: chaintier scan HOST --samples 9. Or: chaintier scan HOST@ADDRESS";
  put_command(step, with_options, with_options.targets[0]);
  CHECK(step == "First: " + before + " --time=-1 --no-aia --samples 9. Or: " + start + "@ADDRESS");
  with_options.targets[0].observation.target.connect_to = IpAddress::parse("192.0.2.9");
  CHECK(check_again(with_options, with_options.targets[0]).find("--resolve") == std::string::npos);
  TargetReport file;
  file.observation.target.text = "/tmp/chain.pem";
  file.observation.target.host = "www.example.com.tw";
  file.observation.endpoints = {EndpointSeen{std::nullopt, 0, EndpointRole::file, {}}};
  CHECK(check_again(report, file) == "chaintier inspect --served /tmp/chain.pem --host www.example.com.tw");
  CHECK(check_again(with_options, file) ==
        "chaintier inspect --served /tmp/chain.pem --host www.example.com.tw --trust 'our roots.pem' "
        "--time=-1");
  file.observation.name_checked = false;
  CHECK(check_again(report, file) == "chaintier inspect --served /tmp/chain.pem");
}

TEST_CASE("view: of another CA's chain nothing is said of TWCA, but that it is another's") {
  Report report = sample_report(Language::en);
  TargetReport& target = report.targets[0];
  const Finding missing{Code::chain_leaf_only,
                        Severity::error,
                        {},
                        {{"served_count", std::int64_t{1}},
                         {"issuer", std::string("Other CA")},
                         {"clients", std::vector<std::string>{"apple"}}}};
  const Finding unknown{Code::chain_unknown_ca, Severity::note, {}, {{"issuer", std::string("Other CA")}}};
  CHECK(speaks_of_twca(report, target));
  CHECK(texts_of(report, target, missing).manual);
  target.findings = {missing, unknown};
  CHECK(speaks_of_twca(report, target));  // some chain of it is TWCA's
  ChainJudgement other = *target.chains[0];
  other.issued_by.reset();
  target.chains = {std::make_shared<const ChainJudgement>(other)};
  CHECK_FALSE(speaks_of_twca(report, target));
  CHECK_FALSE(texts_of(report, target, missing).manual);
  CHECK(texts_of(report, target, unknown).manual);
  report.expect_path = "cert.zip";
  CHECK(speaks_of_twca(report, target));
  report.of_twca = false;
  CHECK_FALSE(speaks_of_twca(report, target));
  CHECK_FALSE(texts_of(report, target, unknown).manual);
}

TEST_CASE("view: every problem of a path has words, an unknown reason stands for itself") {
  for (const Language language : {Language::zh_tw, Language::en}) {
    const Texts& texts = Texts::of(language);
    for (int problem = 0; problem <= static_cast<int>(Problem::revoked); ++problem) {
      const std::string name(id(static_cast<Problem>(problem)));
      CHECK(texts.find_word("reason." + name));
    }
    CHECK(reason_text(texts, "made_up") == "made_up");
    for (const Code code : all_codes()) CHECK(!texts.word("short." + std::string(id(code))).empty());
  }
}

TEST_CASE("view: kinds of certificates") {
  const Report report = sample_report(Language::en);
  const auto kind = [&](std::string_view slug) {
    return kind_of(report.catalogue->find(slug)->certificate, *report.catalogue);
  };
  CHECK(kind("twca-cyber-root-ca.self-signed") == CertificateKind::root);
  CHECK(kind("twca-cyber-root-ca.by-global-root") == CertificateKind::cross);
  CHECK(kind("twca-ssl-ca-2024") == CertificateKind::intermediate);
  CHECK(kind_of(report.targets[0].chains[0]->certificates[0], *report.catalogue) == CertificateKind::leaf);
  CHECK(kind_of(nullptr, *report.catalogue) == CertificateKind::unreadable);
}

TEST_CASE("certificate table: what a finding names is found in the catalogue") {
  Report report = sample_report(Language::en, 1);
  TargetReport& target = report.targets.front();
  target.chains.clear();
  target.observation.endpoints.clear();
  target.observation.fetched.clear();
  const CertificateTable table = certificates_of(report);
  CHECK(table.size() ==
        1);  // the cross certificate; the leaf that another finding names is nowhere to be had
  CHECK(table.begin()->second.parsed ==
        report.catalogue->find("twca-cyber-root-ca.by-global-root")->certificate);
}

TEST_CASE("language_of: tags and locale names") {
  CHECK(language_of("zh-TW") == Language::zh_tw);
  CHECK(language_of("zh_TW.UTF-8") == Language::zh_tw);
  CHECK(language_of("zh-Hant-TW") == Language::zh_tw);
  CHECK(language_of("EN") == Language::en);
  CHECK(language_of("en_GB@euro") == Language::en);
  CHECK(!language_of("de"));
  CHECK(!language_of("C.UTF-8"));
  CHECK(!language_of(""));
}

}  // namespace chaintier
