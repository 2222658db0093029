#include "src/clients/client_model.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "src/catalogue/catalogue.h"
#include "tests/support/chain_builder.h"

using namespace chaintier;

namespace {

const std::vector<ClientModel>& clients() {
  static const ClientData data = built_in_clients();
  return data.clients;
}

const ClientModel& client(std::string_view id) {
  const auto found = std::ranges::find(clients(), id, &ClientModel::id);
  REQUIRE(found != clients().end());
  return *found;
}

}  // namespace

TEST_CASE("clients: those of the contract are there, and current as it says") {
  const std::set<std::string> current{"windows",    "chrome",  "firefox",   "apple",     "android-16",
                                      "android-15", "jdk-17",  "debian-13", "debian-12", "rhel-9",
                                      "node-20",    "certifi", "go",        "curl"};
  const std::set<std::string> others{"windows-cyber-disabled",
                                     "windows-no-root-update",
                                     "chrome-152",
                                     "jdk-8",
                                     "jdk-8u251",
                                     "debian-12-original",
                                     "python-3.13"};
  for (const std::string& id : current) {
    CAPTURE(id);
    CHECK(client(id).current);
  }
  for (const std::string& id : others) {
    CAPTURE(id);
    CHECK_FALSE(client(id).current);
  }
  for (const ClientModel& one : clients()) {
    CAPTURE(one.id);
    CHECK(one.current == current.contains(one.id));
  }
}

TEST_CASE("clients: each is told once, in both languages, with its store and where that is known from") {
  std::set<std::string> ids;
  for (const ClientModel& one : clients()) {
    CAPTURE(one.id);
    CHECK(ids.insert(one.id).second);
    CHECK_FALSE(one.label.at("en").empty());
    CHECK_FALSE(one.label.at("zh-TW").empty());
    CHECK_FALSE(one.store.empty());
    CHECK_FALSE(one.sources.empty());
    CHECK((one.machine_store || parse_rfc3339(one.store_date + "T00:00:00Z").has_value()));
    CHECK_FALSE(one.given);
    CHECK((one.whole_store == nullptr) == one.bundle.empty());
    CHECK(one.whole_store_known() == !one.bundle.empty());
  }
}

TEST_CASE("clients: every slug is one of the catalogue, and of the right kind") {
  const Catalogue catalogue = Catalogue::twca();
  for (const ClientModel& one : clients()) {
    CAPTURE(one.id);
    std::set<std::string> anchors;
    for (const AnchorRule& rule : one.anchors) {
      CAPTURE(rule.slug);
      CHECK(anchors.insert(rule.slug).second);
      REQUIRE(catalogue.find(rule.slug));
      CHECK(catalogue.find(rule.slug)->role == CaRole::root);
      if (rule.since && rule.until) CHECK(*rule.since < *rule.until);
    }
    for (const std::string& slug : one.preloaded) {
      CAPTURE(slug);
      REQUIRE(catalogue.find(slug));
      CHECK(catalogue.find(slug)->role != CaRole::root);
    }
    for (const std::string& slug : one.revokes) {
      CAPTURE(slug);
      REQUIRE(catalogue.find(slug));
      CHECK(catalogue.find(slug)->revoked);
    }
  }
}

TEST_CASE("clients: what tells them apart") {
  const auto holds = [](std::string_view id, std::string_view slug) {
    return std::ranges::any_of(client(id).anchors, [&](const AnchorRule& rule) { return rule.slug == slug; });
  };
  constexpr std::string_view newer = "twca-cyber-root-ca.self-signed";
  for (const char* id : {"windows", "chrome", "chrome-152", "firefox", "android-16", "debian-13", "debian-12",
                         "rhel-9", "node-20", "certifi", "go", "python-3.13"}) {
    CAPTURE(std::string(id));
    CHECK(holds(id, newer));
  }
  for (const char* id : {"windows-cyber-disabled", "windows-no-root-update", "apple", "android-15", "jdk-17",
                         "jdk-8", "debian-12-original"}) {
    CAPTURE(std::string(id));
    CHECK_FALSE(holds(id, newer));
    CHECK(holds(id, "twca-global-root-ca.self-signed"));
  }
  CHECK(client("jdk-8u251").anchors.empty());
  CHECK(client("windows-no-root-update").assumed);
  CHECK(client("python-3.13").strict);
  CHECK(client("curl").machine_store);
  CHECK(client("windows").fetches_aia);
  CHECK_FALSE(client("jdk-17").fetches_aia);
  CHECK_FALSE(client("firefox").preloaded.empty());
  const auto constrained = [](std::string_view id) {
    return std::ranges::any_of(client(id).anchors,
                               [](const AnchorRule& rule) { return rule.sct_not_after.has_value(); });
  };
  CHECK(constrained("chrome"));
  CHECK_FALSE(constrained("chrome-152"));
}

TEST_CASE("clients: choosing some keeps the order of the data") {
  const auto chosen = select_clients(clients(), {"firefox", "windows"}).value();
  REQUIRE(chosen.size() == 2);
  CHECK(chosen[0].id == "windows");
  CHECK(chosen[1].id == "firefox");
  CHECK(select_clients(clients(), {"firefox", "firefox"}).value().size() == 1);
  const auto unknown = select_clients(clients(), {"firefox", "net\x1bscape"});
  REQUIRE(unknown.has_error());
  CHECK(unknown.error().detail.starts_with("no client \"net\\u{1b}scape\"; there are: windows, "));
  CHECK(unknown.error().detail.find("firefox") != std::string::npos);
}

TEST_CASE("clients: one with given anchors") {
  const auto anchor = root(TestCa{"Mine"});
  const ClientModel mine = given_client("mine", "mine.pem", {anchor});
  CHECK(mine.id == "mine");
  CHECK(mine.store == "mine.pem");
  CHECK(mine.label.at("en") == "mine");
  CHECK(mine.current);
  CHECK(mine.whole_store_known());
  REQUIRE(mine.whole_store != nullptr);
  CHECK(mine.whole_store->find(anchor->fingerprint) == anchor);
  CHECK(given_client("empty", "e.pem", {}).whole_store_known());
  CHECK(mine.label.at("en") == "mine");
  CHECK(given_client("custom", "ca/root.pem", {}).label.at("en") == "clients that trust root.pem");
  CHECK(given_client("custom", "C:\\ca\\root.pem", {}).label.at("zh-TW") == "信任 root.pem 的用戶端");
}
