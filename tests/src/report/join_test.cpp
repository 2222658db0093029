#include "src/report/join.h"

#include <algorithm>

#include <doctest/doctest.h>

namespace chaintier {

namespace {

const auto catalogue = std::make_shared<const Catalogue>(Catalogue::twca());

std::shared_ptr<const Report> head_of(std::string_view judged_at, std::string date, std::string store_date) {
  auto head = std::make_shared<Report>();
  head->judged_at = parse_rfc3339(judged_at).value();
  head->catalogue_date = std::move(date);
  head->clients = {{"chrome", "Chrome", std::move(store_date), true, {}}};
  head->catalogue = catalogue;
  return head;
}

TargetReport target_of(std::string_view text, Verdict verdict) {
  TargetReport target;
  target.observation.target = parse_target(text).value();
  target.verdict = verdict;
  return target;
}

}  // namespace

TEST_CASE("join: each target once, in the order of first appearance, and the later judgement counts") {
  const auto early = head_of("2026-09-01T00:00:00Z", "2026-08-01", "2026-07-01");
  const auto late = head_of("2026-09-02T00:00:00Z", "2026-08-01", "2026-07-01");
  Joiner joiner;
  joiner.add(late, target_of("b.example.tw", Verdict::ok), "one");
  joiner.add(late, target_of("a.example.tw", Verdict::ok), "one");
  joiner.add(early, target_of("b.example.tw", Verdict::error), "two");  // older: it does not count
  joiner.add(late, target_of("a.example.tw", Verdict::error), "two");   // as old: the later input counts
  joiner.add(early, target_of("c.example.tw:444", Verdict::warning), "two");
  const Joined joined = joiner.finish(catalogue);
  REQUIRE(joined.report.targets.size() == 3);
  CHECK(joined.report.targets[0].observation.target.host == "b.example.tw");
  CHECK(joined.report.targets[0].verdict == Verdict::ok);
  CHECK(joined.report.targets[1].verdict == Verdict::error);
  CHECK(joined.report.targets[2].verdict == Verdict::warning);
  CHECK(joined.sources == std::vector<std::string>{"one", "two", "two"});
  CHECK(joined.heads[2] == early);
  CHECK(joined.report.judged_at == late->judged_at);
  CHECK(joined.repeated ==
        std::vector<std::pair<std::string, std::string>>{{"b.example.tw", "one"}, {"a.example.tw", "two"}});
  CHECK(joined.catalogues.size() == 1);
  CHECK(joined.clients.empty());
}

TEST_CASE("join: by name, whatever the order of the inputs") {
  const auto head = head_of("2026-09-01T00:00:00Z", "", "");
  const auto other = head_of("2026-09-01T00:00:00Z", "", "");
  TargetReport bad, later;
  bad.bad_target = BadTarget{"x y", 3, {}};
  later.bad_target = BadTarget{"a b", 12, {}};
  std::vector<TargetReport> all{bad, later};
  const std::vector<std::string> ordered{"a.example.tw",
                                         "a.example.tw:444",
                                         "smtp://a.example.tw:444",
                                         "a.example.tw@192.0.2.9",
                                         "a.example.tw@192.0.2.10",
                                         "b.example.tw",
                                         "192.0.2.9",
                                         "192.0.2.10"};
  for (const std::string& text : ordered) all.insert(all.begin(), target_of(text, Verdict::ok));
  for (int turn = 0; turn < 5; ++turn) {
    std::ranges::rotate(all, all.begin() + 3);
    Joiner joiner;
    for (std::size_t i = 0; i < all.size(); ++i)
      joiner.add(i % 2 ? head : other, all[i], i % 2 ? "one" : "two");
    const Joined joined = joiner.finish(catalogue, Joiner::Order::by_name);
    REQUIRE(joined.report.targets.size() == ordered.size() + 2);
    for (std::size_t i = 0; i < ordered.size(); ++i) {
      CHECK(joined.report.targets[i].observation.target.text == ordered[i]);
      CHECK((joined.heads[i] == head) == (joined.sources[i] == "one"));
    }
    CHECK(joined.report.targets[ordered.size()].bad_target->line == 3);
    CHECK(joined.report.targets.back().bad_target->line == 12);
  }
}

TEST_CASE("join: runs that were judged with different data are told") {
  Joiner joiner;
  joiner.add(head_of("2026-09-01T00:00:00Z", "2026-08-01", "2026-07-01"),
             target_of("a.example.tw", Verdict::ok), "one");
  const auto other = std::make_shared<Report>(*head_of("2026-08-01T00:00:00Z", "2026-05-01", "2026-04-01"));
  other->clients.push_back({"mine", "anchors.pem", "", true, {}});
  TargetReport strange = target_of("b.example.tw", Verdict::ok);
  auto chain = std::make_shared<ChainJudgement>();
  chain->issued_by = "a-slug-that-nobody-has";
  strange.chains = {chain};
  joiner.add(other, strange, "two");
  const Joined joined = joiner.finish(catalogue);
  CHECK(joined.catalogues == std::vector<DataDate>{{"2026-08-01", "one"}, {"2026-05-01", "two"}});
  REQUIRE(joined.clients.size() == 1);
  CHECK(joined.clients.at("chrome") == std::vector<DataDate>{{"2026-07-01", "one"}, {"2026-04-01", "two"}});
  CHECK(joined.report.catalogue_date == "2026-08-01");
  REQUIRE(joined.report.clients.size() == 2);  // of the later run first
  CHECK(joined.report.clients[0].store_date == "2026-07-01");
  CHECK(joined.report.clients[1].id == "mine");
  CHECK(joined.other_catalogue == 1);
}

TEST_CASE("join: lines that were no targets are kept apart by their line") {
  const auto head = head_of("2026-09-01T00:00:00Z", "", "");
  Joiner joiner;
  for (const std::size_t line : {3u, 4u, 3u}) {
    TargetReport bad;
    bad.bad_target = BadTarget{"x y", line, {}};
    joiner.add(head, bad, "one");
  }
  CHECK(joiner.finish(catalogue).report.targets.size() == 2);
}

}  // namespace chaintier
