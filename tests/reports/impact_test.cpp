#include "reports/impact.h"

#include <doctest/doctest.h>

#include "reports/view.h"
#include "src/report/texts.h"
#include "tests/support/sample_report.h"

namespace chaintier {

namespace {

using enum ClientVerdict;

// One target with one chain, of which these clients make what is said; the first two are current.
struct Case {
  Report report = sample_report(Language::en);
  ChainJudgement chain = *report.targets[1].chains[0];

  explicit Case(const std::vector<ClientVerdict>& verdicts) {
    report.clients.resize(4);
    chain.clients.clear();
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
      report.clients[i].id = report.clients[i].label["en"] =
          std::string("client-") + static_cast<char>('a' + i);
      report.clients[i].current = i < 2;
      report.clients[i].store_date = "2026-01-01";
      chain.clients.push_back({report.clients[i].id, verdicts[i], {}, {}});
    }
    report.targets = {report.targets[1]};
    report.targets[0].headline.reset();
  }
  std::string text(Verdict verdict) {
    report.targets[0].verdict = verdict;
    report.targets[0].chains = {std::make_shared<const ChainJudgement>(chain)};
    return impact_text(report, report.targets[0]);
  }
};

std::string word(std::string_view key) { return Texts::of(Language::en).word(key); }
std::string named(std::string_view key, const std::string& clients) {
  return Texts::of(Language::en).phrase(key, {{"clients", clients}});
}

}  // namespace

TEST_CASE("impact: what current clients do decides; the others only where no current one was judged") {
  CHECK(Case({trusted, trusted, untrusted, untrusted}).text(Verdict::note) == word("impact.none"));
  CHECK(Case({trusted, trusted}).text(Verdict::warning) == word("impact.warning"));
  CHECK(Case({trusted, trusted}).text(Verdict::error) == word("impact.error"));
  CHECK(Case({untrusted, trusted}).text(Verdict::error) == named("impact.some", "client-a"));
  CHECK(Case({untrusted, untrusted, trusted}).text(Verdict::error) == word("impact.all"));
  CHECK(Case({untrusted, trusted_by_aia}).text(Verdict::error) == named("impact.those", "client-a"));
  CHECK(Case({untrusted, unjudged}).text(Verdict::error) == named("impact.those", "client-a"));
  CHECK(Case({trusted, trusted_by_aia}).text(Verdict::warning) == named("impact.fetching", "client-b"));
  CHECK(Case({unjudged, unjudged}).text(Verdict::note) == word("impact.unknown"));
  CHECK(Case({}).text(Verdict::note) == word("impact.unknown"));
  CHECK(Case({trusted, trusted}).text(Verdict::unjudged) == word("impact.unjudged"));

  Case old({untrusted, trusted});
  for (ClientInfo& client : old.report.clients) client.current = false;
  CHECK(old.text(Verdict::note) == named("impact.those", "client-a"));
  old.chain.clients[0].verdict = trusted;
  CHECK(old.text(Verdict::note) == named("impact.judged", "client-a; client-b"));

  // Stores without a date are this machine's, or were given.
  for (const auto first : {trusted, untrusted}) {
    Case own({first, trusted});
    for (ClientInfo& client : own.report.clients) client.store_date.clear();
    CHECK(own.text(Verdict::note) == (first == trusted ? named("impact.judged", "client-a; client-b")
                                                       : named("impact.those", "client-a")));
  }
}

TEST_CASE("impact: a client that refuses one of two chains fails sometimes") {
  Case two({untrusted, trusted});
  ChainJudgement other = two.chain;
  other.clients[0].verdict = trusted;
  two.text(Verdict::error);
  two.report.targets[0].chains.push_back(std::make_shared<const ChainJudgement>(other));
  CHECK(impact_text(two.report, two.report.targets[0]) == named("impact.sometimes", "client-a"));
  // Beside one that refuses both.
  Case both({untrusted, untrusted});
  other.clients[1].verdict = untrusted;
  both.text(Verdict::error);
  both.report.targets[0].chains.push_back(std::make_shared<const ChainJudgement>(other));
  CHECK(impact_text(both.report, both.report.targets[0]) ==
        Texts::of(Language::en)
            .phrase("impact.always_or_sometimes", {{"clients", "client-b"}, {"others", "client-a"}}));
  other.clients[1].verdict = trusted;
  // What is seen without SNI only, nobody meets.
  other.clients[0].verdict = untrusted;
  other.without_sni_only = true;
  Case fine({trusted, trusted});
  fine.text(Verdict::note);
  fine.report.targets[0].chains.push_back(std::make_shared<const ChainJudgement>(other));
  CHECK(impact_text(fine.report, fine.report.targets[0]) == word("impact.none"));
}

TEST_CASE("impact: a self-signed certificate is not a fault of the one client that was judged") {
  Case alone({unjudged, untrusted});
  alone.report.targets[0].headline = Code::leaf_self_signed;
  CHECK(alone.text(Verdict::error) == word("impact.self_signed"));
}

TEST_CASE("impact: long lists are cut, and a line that is no target has none") {
  Case many({});
  many.report.clients.clear();
  for (char name = 'a'; name < 'h'; ++name) {
    many.report.clients.push_back(
        {std::string(1, name), "", "2026-01-01", true, {{"en", std::string(1, name)}}});
    many.chain.clients.push_back({std::string(1, name), name == 'g' ? trusted : untrusted, {}, {}});
  }
  CHECK(many.text(Verdict::error) == named("impact.some", "a; b; c; d and 2 more"));
  many.report.targets[0].bad_target = BadTarget{};
  CHECK(impact_text(many.report, many.report.targets[0]).empty());
}

TEST_CASE("impact: what the run did not come to is called that, and nothing is said of the site") {
  Report report = sample_report(Language::en);
  TargetReport target = report.targets[3];
  target.findings.clear();
  target.headline.reset();
  CHECK(headline_text(report, target) == word("headline.unjudged"));
  CHECK(impact_text(report, target) == word("impact.unjudged"));
  for (EndpointSeen& endpoint : target.observation.endpoints)
    for (Sample& sample : endpoint.samples) sample.outcome = Outcome::not_started;
  CHECK(headline_text(report, target) == word("headline.not_started"));
  CHECK(impact_text(report, target).empty());
}

TEST_CASE("impact: of several targets, how many and most often why") {
  Case one({untrusted, trusted});
  one.text(Verdict::error);
  Report& report = one.report;
  report.targets[0].headline = Code::chain_order;
  report.targets.push_back(report.targets[0]);
  report.targets.push_back(report.targets[0]);
  report.targets[2].headline = Code::leaf_expired;
  report.targets.push_back(report.targets[0]);
  report.targets[3].verdict = Verdict::unjudged;
  report.targets[3].chains.clear();
  const Texts& texts = Texts::of(Language::en);
  const std::string some =
      texts.phrase("impact.fleet_some", {{"count", std::int64_t{3}}, {"total", std::int64_t{3}}});
  CHECK(impact_text(report) ==
        some + texts.phrase("impact.fleet_cause",
                            {{"cause", word("short.chain.order")}, {"count", std::int64_t{2}}}));
  report.targets[1].headline = Code::leaf_weak_key;
  CHECK(impact_text(report) == some);  // each has its own cause
  report.targets = {report.targets[3]};
  CHECK(impact_text(report) == word("impact.fleet_unjudged"));
  Case fine({trusted, trusted});
  fine.text(Verdict::ok);
  CHECK(impact_text(fine.report) == texts.phrase("impact.fleet_none", {{"total", std::int64_t{1}}}));
}

}  // namespace chaintier
