#include "reports/local_targets.h"

#include <doctest/doctest.h>

#include "reports/view.h"
#include "src/local/local_report.h"
#include "tests/support/sample_report.h"

using namespace chaintier;

TEST_CASE("files, sites and stores as targets") {
  Report report = sample_report(Language::en);
  const std::size_t before = report.targets.size();
  CHECK(with_local_targets(report).targets.size() == before);

  auto local = std::make_shared<LocalReport>();
  LocalFile good, foreign, closed;
  good.path = "/a.key";
  good.kind = FileKind::pem;
  good.readable = true;
  foreign.path = "/ssh";
  foreign.reason = Reason{"openssh_key", {}};
  closed.path = "/b.pfx";
  closed.kind = FileKind::pkcs12;
  closed.reason = Reason{"password_needed", {}};
  local->files = {good, foreign, closed};
  ServerSite site;
  site.kind = "nginx";
  site.file = "/n.conf";
  site.line = 3;
  site.findings = {{Code::key_mismatch, Severity::error, {}, {}},
                   {Code::key_exposed, Severity::warning, {}, {}}};
  local->servers = {site, site};
  TrustStore store;
  store.path = "/store";
  store.readable = true;
  local->stores = {store};
  report.local = local;

  const Report all = with_local_targets(report);
  REQUIRE(all.targets.size() == before + 5);  // a key for SSH that nobody named is left out
  const TargetReport* added = &all.targets[before];
  CHECK(added[0].observation.target.text == "/a.key");
  CHECK(added[0].verdict == Verdict::ok);
  CHECK(added[1].observation.target.tag == "file");
  CHECK(added[1].verdict == Verdict::unjudged);
  CHECK(headline_text(all, added[1]) == Texts::of(Language::en).word("local.reason.password_needed"));
  CHECK(added[2].observation.target.text == "nginx /n.conf:3");
  CHECK(added[2].headline == Code::key_mismatch);
  CHECK(added[2].verdict == Verdict::error);
  CHECK(added[4].observation.target.text == "/store");
  CHECK(site_of(all, before + 1) == nullptr);
  CHECK(site_of(all, before + 2) == &local->servers[0]);
  CHECK(site_of(all, before + 3) == &local->servers[1]);
  CHECK(site_of(all, before + 4) == nullptr);
  CHECK(site_of(all, 0) == nullptr);
}
