#include "src/report/redact.h"

#include <sstream>

#include <doctest/doctest.h>

#include "reports/formats.h"
#include "reports/local_targets.h"
#include "reports/nagios.h"
#include "reports/terminal.h"
#include "src/base/base64.h"
#include "src/base/text.h"
#include "src/local/local_report.h"
#include "src/report/internal_names.h"
#include "tests/support/sample_report.h"

namespace chaintier {

namespace {

IpAddress ip(std::string_view text) { return IpAddress::parse(text).value(); }

// A report that speaks of an internal host wherever a report can.
Report internal_report() {
  Report report = sample_report(Language::en);
  report.targets.resize(1);
  TargetReport& target = report.targets[0];
  Target& asked = target.observation.target;
  asked.text = "ERP@10.1.2.3:8443";
  asked.host = "erp";
  asked.shown_host = "ERP";
  asked.tag = "vault.corp.example.internal";
  asked.connect_to = ip("10.1.2.3");
  target.observation.cnames = {"erp.ad.firma", "lb7.ad.firma"};
  for (EndpointSeen& endpoint : target.observation.endpoints) {
    endpoint.address = ip(endpoint.address->is_v6() ? "fd12:3456::7" : "10.1.2.3");
    for (Sample& sample : endpoint.samples) {
      sample.asked.sni = "erp";
      sample.error = Error{
          Stage::connect, Fault::network,
          "connect to 10.1.2.3:8443 ([fd12:3456::7]:8443) of lb7.ad.firma refused by http://proxy.lan:3128/",
          Cause::refused};
    }
  }
  std::vector<std::shared_ptr<const ChainJudgement>> chains;
  for (const auto& old : target.chains) {
    ChainJudgement chain = *old;
    chain.seen_at = {{"10.1.2.3:8443", 5}, {"[fd12:3456::7]:8443", 5}};
    Certificate leaf = *chain.certificates.front();
    const std::string content = "\x16\x0Dvault.ad.firma0\x0A and http://crl.ad.firma/x 192.168.77.5";
    leaf.der.assign(content.begin(), content.end());
    leaf.subject_alt_name->dns = {"erp", "vault.ad.firma", "*.wild.ad.firma", "www.example.com.tw"};
    leaf.subject_alt_name->ip = {{192, 168, 77, 5}};
    leaf.subject.attributes.back().value = "vault.ad.firma";
    leaf.crls = {"http://crl.ad.firma/x"};
    const auto shared = std::make_shared<const Certificate>(leaf);
    chain.certificates.front() = shared;
    chain.served.front() = std::make_shared<SentCertificate>(SentCertificate{leaf.fingerprint, leaf.der});
    for (JudgedPath& judged : chain.paths) judged.path.certificates.front() = shared;
    if (chain.should_send) chain.should_send->front() = shared;
    chains.push_back(std::make_shared<const ChainJudgement>(chain));
  }
  target.chains = chains;
  for (EndpointSeen& endpoint : target.observation.endpoints)
    for (Sample& sample : endpoint.samples)
      if (!sample.served.empty()) sample.served = target.chains.front()->served;
  target.balance->groups[0].addresses = {"10.1.2.3:8443"};
  target.balance->groups[1].addresses = {"[fd12:3456::7]:8443"};
  target.findings = {{Code::leaf_name_mismatch,
                      Severity::error,
                      {{"10.1.2.3:8443", std::nullopt, std::nullopt, "/srv/vault.ad.firma.pem"}},
                      {{"host", std::string("erp")},
                       {"names", std::vector<std::string>{"vault.ad.firma", "*.wild.ad.firma"}}}}};
  target.headline = Code::leaf_name_mismatch;
  return report;
}

// The same host as `local` speaks of it: a file, a site, a store, a comparison.
Report internal_local_report() {
  Report report = internal_report();
  const TargetReport seen = std::move(report.targets[0]);
  report.targets.clear();
  auto local = std::make_shared<LocalReport>();
  const Reason reason{"cannot_open", {{"detail", std::string("/srv/vault.ad.firma.pem: 10.1.2.3")}}};

  LocalItem leaf;
  leaf.sent = seen.chains.front()->served.front();
  leaf.certificate = seen.chains.front()->certificates.front();
  leaf.alias = "vault.ad.firma";
  leaf.key_state = "other";
  leaf.key_files = {"/srv/vault.ad.firma.key"};
  leaf.chain = {{leaf.certificate, "vault.ad.firma", "/srv/vault.ad.firma.pem"}};
  LocalItem request;
  request.kind = ItemKind::csr;
  request.csr = CsrFacts{};
  request.csr->subject = leaf.certificate->subject;
  request.csr->dns_names = {"vault.ad.firma", "erp.ad.firma"};
  request.checked = false;
  request.problem = reason;
  LocalFile file;
  file.path = "/srv/vault.ad.firma.pem";
  file.named = true;
  file.reason = reason;
  file.items = {leaf, request};
  file.findings = seen.findings;
  local->files.push_back(file);

  ServerSite site;
  site.kind = "nginx";
  site.file = "/etc/nginx/vault.ad.firma.conf";
  site.line = 7;
  site.names = {"vault.ad.firma", "*.wild.ad.firma"};
  site.listen = {"10.1.2.3:8443"};
  site.certificate_file = site.key_file = site.chain_file = "/srv/vault.ad.firma.pem";
  site.completed_from = {"/srv/vault.ad.firma.pem"};
  site.alias = "vault.ad.firma";
  site.reason = reason;
  site.covered = {"vault.ad.firma"};
  site.not_covered = {"erp.ad.firma"};
  site.findings = seen.findings;
  site.judged = seen;
  local->servers.push_back(site);

  TrustStore store;
  store.kind = "java";
  store.path = "/home/vault.ad.firma/cacerts";
  store.reason = reason;
  store.findings = seen.findings;
  local->stores.push_back(store);
  local->comparisons.push_back({"vault.ad.firma:8443", "reload"});
  report.local = local;
  return report;
}

const std::vector<std::string> secrets{"erp@",  "\"erp\"",      "ERP",         "ad.firma",  "firma",
                                       "vault", "10.1.2.3",     "fd12:3456",   "proxy.lan", "lb7",
                                       "wild.", "192.168.77.5", "corp.example"};

void check_clean(const std::string& what, const std::string& text) {
  for (const std::string& secret : secrets) {
    INFO(what << ": " << secret);
    CHECK(text.find(secret) == std::string::npos);
  }
}

// What PEM and other base64 in a text stands for.
std::string decoded(const std::string& text) {
  std::string result, run;
  const auto flush = [&] {
    while (run.size() % 4 != 0) run.pop_back();
    if (run.size() >= 16)
      if (const auto bytes = from_base64(run)) result += std::string(text_of(*bytes)) + "\n";
    run.clear();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/' ||
        c == '=')
      run += c;
    else if (c != '\n' && !(c == '\\' && i + 1 < text.size() && text[i + 1] == 'n'))
      flush();
    else if (c == '\\')
      ++i;
  }
  flush();
  return result;
}

}  // namespace

TEST_CASE("internal addresses") {
  for (const char* inside :
       {"10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "127.0.0.1", "169.254.1.1", "100.64.0.1",
        "0.0.0.0", "::1", "::", "fc00::1", "fdff::1", "fe80::1", "fec0::1", "::ffff:10.0.0.1"})
    CHECK_MESSAGE(is_internal(ip(inside)), inside);
  for (const char* outside :
       {"9.255.255.255", "11.0.0.1", "172.15.0.1", "172.32.0.1", "192.169.1.1", "100.128.0.1", "203.0.113.1",
        "2001:db8::1", "2400::1", "::ffff:8.8.8.8", "::2", "ff02::1"})
    CHECK_MESSAGE(!is_internal(ip(outside)), outside);
}

TEST_CASE("internal names") {
  for (const char* inside : {"erp", "localhost", "erp.local", "a.b.internal", "printer.lan", "dc1.corp",
                             "x.home.arpa", "site.test", "ERP.Firma", "*.ad.firma", "erp.local."})
    CHECK_MESSAGE(is_internal_name(inside), inside);
  for (const char* outside : {"www.example.com.tw", "example.com", "a.twca.com.tw", "xn--fiq228c.xn--kpry57d",
                              "中文.台灣", "10.0.0.1", "", "TWCA Global Root CA.", "*.gov.tw"})
    CHECK_MESSAGE(!is_internal_name(outside), outside);
}

TEST_CASE("redacting text: the same token for the same name, and what is public stays") {
  Redactor redactor;
  CHECK(redactor.text("http://a.corp/x and A.corp. but not www.example.com.tw or chain.pem") ==
        "http://host-1.redacted.invalid/x and host-1.redacted.invalid. but not www.example.com.tw or "
        "chain.pem");
  CHECK(redactor.text("*.b.lan:443") == "*.host-2.redacted.invalid:443");
  CHECK(redactor.text("10.0.0.1:443 10.0.0.2 10.0.0.1 8.8.8.8 1.2.3.4.5") ==
        "240.0.0.1:443 240.0.0.2 240.0.0.1 8.8.8.8 1.2.3.4.5");
  CHECK(redactor.text("[fd00::1]:443 fe80::1%eth0 2001:db8::1 at 12:30:45") ==
        "[100::1]:443 100::2%eth0 2001:db8::1 at 12:30:45");
  CHECK(redactor.text("連線到fd00::1: 失敗，主機.local沒有回應") ==
        "連線到100::1: 失敗，host-3.redacted.invalid沒有回應");
  // Twice changes nothing.
  const std::string once = redactor.text("x.internal 10.9.9.9");
  CHECK(redactor.text(once) == once);
}

TEST_CASE("internal addresses in other spellings") {
  for (const char* inside : {"ip-10-0-0-5.example.com", "5.0.0.10.in-addr.arpa", "168.192.in-addr.arpa",
                             "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa",
                             "host10.10.1.2.3.example.com", "x-192-168-4-4.dsl.example.net"})
    CHECK_MESSAGE(is_internal_name(inside), inside);
  for (const char* outside :
       {"8.8.8.8.in-addr.arpa", "in-addr.arpa", "ip-8-8-8-8.example.com", "2026-10-11-12-13.example.com",
        "0-0-0-1.example.com", "8.b.d.0.1.0.0.2.ip6.arpa", "v10-0-0.example.com"})
    CHECK_MESSAGE(!is_internal_name(outside), outside);
  CHECK(internal_v4_in("10.0.0.5-2025.pem") == "10.0.0.5");
  CHECK(internal_v4_in("1.10.0.0.5").empty());
  CHECK(internal_v4_in("10.0.0.5.1").empty());
  CHECK(internal_v4_in("10.0.0.256").empty());
  CHECK(internal_domain({"local", "corp"}) == "corp.local");
  CHECK(internal_domain({"corp", "local"}) == "corp.local");
  CHECK(internal_domain({"com", "example"}).empty());
}

TEST_CASE("redacting text: what attacks found") {
  Redactor redactor;
  TargetReport target = sample_report(Language::en).targets[0];
  target.observation.cnames = {"erp", "a.b.firma"};
  redactor.learn(target);  // host-1 and host-2
  const std::pair<const char*, const char*> pairs[] = {
      {"/etc/ssl/10.0.0.5_key.pem and 10.0.0.5-2025.crt",
       "/etc/ssl/240.0.0.1_key.pem and 240.0.0.1-2025.crt"},
      {"erp.corp.local_2025.pem", "host-3.redacted.invalid_2025.pem"},
      {"old-erp.pem ERP-2025.key", "old-host-1.redacted.invalid.pem host-1.redacted.invalid-2025.key"},
      {"A.B.FIRMA. a.b.firma_x", "host-2.redacted.invalid. host-2.redacted.invalid_x"},
      {"http::1%eth0 ::1", "http[100::1]%eth0 100::1"},
      {"::ffff:10.0.0.5 [::FFFF:A00:5]:443", "100::2 [100::2]:443"},
      {"ip-10-0-0-5.example.com", "host-4.redacted.invalid"},
      {"10.0.0.5_10.0.0.6.pem", "240.0.0.1_240.0.0.2.pem"},
      {"ldap:///CN=Corp-CA,CN=pki01,CN=CDP,DC=corp,DC=local?certificateRevocationList?base",
       "ldap:///host-5.redacted.invalid"},
      {"C=TW, DC=local, DC=corp, CN=x", "C=TW, DC=host-5.redacted.invalid, CN=x"},
      {"DC=com, DC=example", "DC=com, DC=example"},
      // Beside what stands before it the first token is an address of its own, and an internal one.
      {"fe80:::1]443", "100::3]443"},
  };
  for (const auto& [raw, clean] : pairs) {
    CHECK(redactor.text(raw) == clean);
    CHECK(redactor.text(clean) == clean);
  }
}

TEST_CASE("redacting text: names typed with the stops of Chinese text") {
  TargetReport target = sample_report(Language::en).targets[0];
  target.observation.target.host = "xn--05q116m.ad.firma";
  target.observation.target.shown_host = "\u8725\u8734.ad.firma";
  Redactor redactor;
  redactor.learn(target);
  const std::string token = redactor.text("xn--05q116m.ad.firma");
  CHECK(token.starts_with("host-"));
  for (const char* typed :
       {"\u8725\u8734.ad.firma", "\u8725\u8734\u3002ad.firma", "\u8725\u8734\uFF0Ead\uFF0Efirma"})
    CHECK(redactor.text(typed) == token);
}

TEST_CASE("redacting: a domain spelled in components, a stapled response, an address behind user and port") {
  Report report = sample_report(Language::en);
  report.targets.resize(1);
  TargetReport& target = report.targets[0];
  const Bytes response = [] {
    const std::string text = "\x0C\x10ocsp.corp.local1\x30\x30\x2E\x06";
    return Bytes(text.begin(), text.end());
  }();
  for (EndpointSeen& endpoint : target.observation.endpoints)
    for (Sample& sample : endpoint.samples) sample.staple = response;
  target.staples[response] = {"invalid", "signed by ocsp.corp.local", {}, {}, {}};
  ChainJudgement chain = *target.chains[0];
  Certificate leaf = *chain.certificates[0];
  leaf.issuer.attributes = {{"DC", "local", 0}, {"DC", "corp", 1}, {"CN", "Corp CA", 2}};
  leaf.aia_issuers = {"http://reader@pki.firma:8080/ca.crt"};
  chain.certificates[0] = std::make_shared<const Certificate>(leaf);
  target.chains = {std::make_shared<const ChainJudgement>(chain)};
  std::vector<std::string> asked;
  Redactor redactor;
  const TargetReport clean = redacted(report, asked, redactor).targets[0];
  const Certificate& shown = *clean.chains[0]->certificates[0];
  CHECK(shown.issuer.text().find("local") == std::string::npos);
  CHECK(shown.issuer.text().find("Corp CA") != std::string::npos);
  CHECK(shown.der.empty());
  CHECK(shown.aia_issuers[0].find("firma") == std::string::npos);
  REQUIRE(clean.staples.size() == 1);
  CHECK(clean.staples.begin()->first.size() == 32);
  CHECK(clean.staples.begin()->second.reason.find("corp") == std::string::npos);
  CHECK(clean.observation.endpoints[0].samples[0].staple == clean.staples.begin()->first);
}

TEST_CASE("redacting text: names within longer words, tokens side by side, and text without end") {
  Redactor redactor;
  TargetReport target = sample_report(Language::en).targets[0];
  target.observation.cnames = {"a.b.firma"};
  redactor.learn(target);
  CHECK(redactor.text("/etc/x.a.b.firma.key.old") == "/etc/x.host-1.redacted.invalid.key.old");
  CHECK(redactor.text("other.firma") == "host-2.redacted.invalid");
  CHECK(redactor.text("主.local主.local") == "host-3.redacted.invalidhost-3.redacted.invalid");
  // Linear time: none of these may take longer than a moment.
  const auto repeated = [](std::string_view part) {
    std::string text;
    while (text.size() < 300'000) text += part;
    return text;
  };
  for (const char* part : {"a.", ":", "a:", "::1 ", "主.local", "...", "10.0.0.1.", "f", "\xE4"}) {
    const std::string once = redactor.text(repeated(part));
    CHECK(redactor.text(once) == once);
  }
}

TEST_CASE("redacting: no output says an internal name or address, the octets of certificates included") {
  for (const Report& report : {internal_report(), internal_local_report()}) {
    WriteOptions options;
    options.crypto_version = "OpenSSL";
    options.asked = {"scan", "ERP@10.1.2.3:8443", "--resolve", "vault.ad.firma=10.1.2.3"};
    Redactor redactor;
    const Report clean = redacted(report, options.asked, redactor);
    for (const std::string& argument : options.asked) check_clean("asked", argument);
    options.redacted = true;
    for (const ReportFormat& format : report_formats()) {
      if (format.binary) continue;
      std::ostringstream with, without;
      REQUIRE(format.write(clean, options, with).has_value());
      REQUIRE(format.write(report, options, without).has_value());
      check_clean(std::string(format.option), with.str());
      check_clean(std::string(format.option) + " decoded", decoded(with.str()));
      CHECK(with.str().find("redacted.invalid") != std::string::npos);
      // The test must be able to fail.
      CHECK((without.str().find("10.1.2.3") != std::string::npos ||
             without.str().find("vault.ad.firma") != std::string::npos));
    }
    std::ostringstream terminal, plugin;
    write_terminal(clean, {}, terminal);
    write_nagios(with_local_targets(clean), plugin);
    check_clean("terminal", terminal.str());
    check_clean("nagios", plugin.str());
  }
}

TEST_CASE("redacting: verdicts, fingerprints and public certificates stay") {
  const Report report = internal_report();
  std::vector<std::string> asked;
  Redactor redactor;
  const Report clean = redacted(report, asked, redactor);
  const TargetReport &before = report.targets[0], &after = clean.targets[0];
  CHECK(after.verdict == before.verdict);
  CHECK(after.headline == before.headline);
  REQUIRE(after.chains.size() == before.chains.size());
  for (std::size_t i = 0; i < after.chains.size(); ++i)
    for (std::size_t j = 0; j < after.chains[i]->served.size(); ++j) {
      CHECK(after.chains[i]->served[j]->fingerprint == before.chains[i]->served[j]->fingerprint);
      CHECK(after.chains[i]->served[j]->der.empty() == (j == 0));  // TWCA's are public
    }
  CHECK(after.observation.target.host == after.observation.endpoints[0].samples[0].asked.sni);
}

TEST_CASE("redacting: the options that were given") {
  Report report = sample_report(Language::en);
  report.options = {{"--resolve", "shop.example.com.tw=10.0.0.1, 10.0.0.2"},
                    {"--resolve", "www.example.com.tw=203.0.113.1"},
                    {"--no-aia", std::nullopt}};
  Redactor redactor;
  const Report clean = redactor.without_targets(report);
  REQUIRE(clean.options.size() == 3);
  CHECK(clean.options[0].value->find("shop") == std::string::npos);
  CHECK(clean.options[0].value->find("10.0.0") == std::string::npos);
  CHECK(clean.options[0].value->find(".redacted.invalid=240.0.0.1") != std::string::npos);
  CHECK(clean.options[1] == report.options[1]);
  CHECK(clean.options[2] == report.options[2]);
}

TEST_CASE("redacting: a public name at internal addresses alone is internal, the text of a bad line goes") {
  Report report = sample_report(Language::en);
  for (EndpointSeen& endpoint : report.targets[1].observation.endpoints) endpoint.address = ip("192.168.4.4");
  std::vector<std::string> asked{"scan", "shop.example.com.tw", "www.example.com.tw",
                                 "https:///nothing here"};
  report.targets[4].observation.target.shown_host = "https:///nothing here";
  Redactor redactor;
  const Report clean = redacted(report, asked, redactor);
  const std::string token = clean.targets[1].observation.target.text;
  CHECK(token.starts_with("host-"));
  CHECK(token.ends_with(".redacted.invalid"));
  CHECK(clean.targets[0].observation.target.text == "www.example.com.tw");
  CHECK(asked == std::vector<std::string>{"scan", token, "www.example.com.tw", "redacted-line"});
  CHECK(clean.targets[4].observation.target.text == "redacted-line-1");
  // The same once more, and for a target alone: tokens belong to the run.
  CHECK(redacted(report, asked, redactor).targets[4].observation.target.text == "redacted-line-1");
  CHECK(redactor.redacted(report.targets[1]).observation.target.text == token);
  CHECK(clean.targets[4].bad_target->error.detail.find("nothing here") == std::string::npos);
  CHECK(clean.targets[4].observation.target.shown_host == "redacted-line-1");
}

}  // namespace chaintier
