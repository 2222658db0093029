#include "tests/support/sample_report.h"

#include <algorithm>

namespace chaintier {

const std::string hostile =
    "<script>alert(1)</script><img src=x onerror=\"alert(2)\"> & ' \" \x1b[31mred\x07 "
    "\xE2\x80\xAEright-to-left\xE2\x81\xA9";
const std::string not_utf8 = "caf\xE9 \xC0\xAF \xED\xA0\x80 \xF5";

namespace {

Time at(std::string_view text) { return *parse_rfc3339(text); }

Name name_of(const std::vector<std::pair<std::string, std::string>>& attributes) {
  Name name;
  for (const auto& [type, value] : attributes) {
    name.attributes.push_back({type, value, name.attributes.size()});
    name.canonical += type + "=" + value + ",";
  }
  return name;
}

SentPtr sent(ByteView der) {
  return std::make_shared<SentCertificate>(
      SentCertificate{CertFingerprint::of(der), Bytes(der.begin(), der.end())});
}

// Not DER: the writers show values and copy octets, they read nothing.
CertificatePtr leaf(const std::string& common_name, const Name& issuer, std::vector<std::string> dns_names,
                    std::string_view from, std::string_view until) {
  Certificate certificate;
  const std::string content = "leaf of " + common_name + " until " + std::string(until);
  certificate.der.assign(content.begin(), content.end());
  certificate.fingerprint = CertFingerprint::of(certificate.der);
  certificate.subject = name_of({{"C", "TW"}, {"O", "範例股份有限公司"}, {"CN", common_name}});
  certificate.issuer = issuer;
  certificate.serial = "47e400000002ab5c0f1d6d3c5f1a20b7";
  certificate.not_before = at(from);
  certificate.not_after = at(until);
  certificate.key = {KeyAlgorithm::rsa, "RSA", 2048, "", {}, KeyFingerprint::of(certificate.der)};
  certificate.signature_algorithm = {"sha256WithRSAEncryption", DigestStrength::strong};
  certificate.key_usage = std::uint16_t{0b101};
  certificate.extended_key_usage = {"1.3.6.1.5.5.7.3.1", "1.3.6.1.4.1.99999.1"};
  certificate.policies = {"2.23.140.1.2.2"};
  certificate.subject_alt_name = GeneralNames{};
  certificate.subject_alt_name->dns = std::move(dns_names);
  certificate.subject_alt_name->ip = {{192, 0, 2, 7}, {1, 2, 3}};
  certificate.subject_key_id = Bytes(20, 0xAB);
  certificate.authority_key_id = AuthorityKeyId{Bytes(20, 0xCD), std::nullopt, std::nullopt};
  certificate.aia_issuers = {"http://sslserver.twca.com.tw/cacert/SSLOV2024.crt"};
  certificate.ocsp = {"http://twcasslocsp.twca.com.tw/"};
  certificate.crls = {"http://sslserver.twca.com.tw/sslserver/Securessl_revoke_sha2_2024.crl"};
  certificate.scts = {{std::string(64, 'c'), at("2026-08-20T03:00:00Z")}};
  return std::make_shared<const Certificate>(std::move(certificate));
}

std::vector<ClientInfo> clients() {
  const auto client = [](std::string id, std::string en, std::string zh, bool current) {
    return ClientInfo{std::move(id),
                      "Store of it",
                      "2026-07-19",
                      current,
                      {{"en", std::move(en)}, {"zh-TW", std::move(zh)}}};
  };
  return {
      client("windows", "Windows (Edge, .NET)", "Windows（Edge、.NET）", true),
      client("windows-cyber-disabled", "Windows, CYBER root disabled", "Windows（停用 CYBER 根憑證）", false),
      client("chrome", "Chrome", "Chrome", true),
      client("firefox", "Firefox", "Firefox", true),
      client("apple", "Safari, iOS, macOS", "Safari、iOS、macOS", true),
      client("android-15", "Android 15", "Android 15", true),
      client("jdk-17", "Java 17", "Java 17", true),
      client("jdk-8u251", "Java 8u251", "Java 8u251", false),
      client("python-3.13", "Python 3.13", "Python 3.13", true),
      client("curl", "curl on this machine", "本機的 curl", true)};
}

class Maker {
 public:
  Maker() : catalogue_(std::make_shared<const Catalogue>(Catalogue::twca())) {}

  Report empty(Language language) const {
    Report report;
    report.tool_name = "chaintier";
    report.tool_version = "0.0.0-test";
    report.judged_at = at("2026-09-21T08:30:00Z");
    report.language = language;
    report.catalogue_date = catalogue_->date();
    report.clients = clients();
    report.catalogue = catalogue_;
    return report;
  }

  TargetReport cross_missing() const {
    TargetReport target = basic("www.example.com.tw", "www.example.com.tw");
    const CertificatePtr fresh =
        leaf("www.example.com.tw", ca("twca-ssl-ca-2024")->subject, {"www.example.com.tw", "example.com.tw"},
             "2026-08-20T00:00:00Z", "2027-03-07T15:59:59Z");
    const CertificatePtr stale = leaf("www.example.com.tw", ca("twca-secure-ssl-ca-2023g3")->subject,
                                      {"www.example.com.tw"}, "2025-09-25T00:00:00Z", "2026-10-10T15:59:59Z");
    const auto first = new_chain(fresh, false);
    first->seen_at = {{"203.0.113.10:443", 5}, {"[2001:db8::10]:443", 5}};
    first->advice = {{AdviceAction::add, ca(cross)->fingerprint}};
    const auto second = old_chain(stale);
    second->seen_at = {{"203.0.113.11:443", 5}};
    target.chains = {first, second};
    target.verdict = Verdict::error;
    target.headline = Code::chain_cross_missing;

    endpoint(target, "203.0.113.10", first->served, 5);
    endpoint(target, "2001:db8::10", first->served, 5);
    endpoint(target, "203.0.113.11", second->served, 5);
    failed(target, "203.0.113.12", Cause::refused);
    target.observation.cnames = {"www.example.com.tw", "edge.cdn.example"};

    target.balance = Balance{
        {{{fresh->fingerprint},
          10,
          {"203.0.113.10:443", "[2001:db8::10]:443"},
          KeyType::any,
          {{"203.0.113.10:443", 5}, {"[2001:db8::10]:443", 5}},
          false},
         {{stale->fingerprint}, 5, {"203.0.113.11:443"}, KeyType::any, {{"203.0.113.11:443", 5}}, true}},
        {{KeyType::any, 15, 5, std::nullopt}},
        std::nullopt};
    ExpectedComparison expected;
    expected.applies = true;
    expected.issued = {fresh, ca("twca-ssl-ca-2024"), ca(cross)};
    expected.differences = {{Deviation::missing, std::nullopt, ca(cross)->fingerprint}};
    first->expected = expected;
    second->expected = ExpectedComparison{};
    const Time asked = parse_rfc3339("2026-11-22T01:02:03Z").value();
    target.observation.fetched = {
        std::make_shared<const Fetched>(
            Fetched{"http://ca.example/cross.crt", asked, ca(cross)->der, std::nullopt}),
        std::make_shared<const Fetched>(Fetched{
            "http://ca.example/gone.crt", asked, {}, Error{Stage::read, Fault::peer, "HTTP status 404"}})};
    target.findings = {
        {Code::chain_cross_missing,
         Severity::error,
         {{"203.0.113.10:443", ca(cross)->fingerprint, {}, {}}, {"[2001:db8::10]:443", {}, {}, {}}},
         {{"missing", ca(cross)->subject.short_text()},
          {"clients", std::vector<std::string>{"apple", "jdk-17", "jdk-8u251"}}}},
        {Code::balance_stale,
         Severity::error,
         {{"203.0.113.11:443", stale->fingerprint, {}, {}}},
         {{"stale_not_after", stale->not_after},
          {"fresh_not_after", fresh->not_after},
          {"addresses", std::vector<std::string>{"203.0.113.11:443"}},
          {"seen", std::int64_t{5}},
          {"total", std::int64_t{15}}}},
        {Code::balance_unreachable,
         Severity::warning,
         {{"203.0.113.12:443", {}, {}, {}}},
         {{"unreachable", std::vector<std::string>{"203.0.113.12:443"}},
          {"reachable",
           std::vector<std::string>{"203.0.113.10:443", "[2001:db8::10]:443", "203.0.113.11:443"}},
          {"role", "edge"}}},
        {Code::chain_new_hierarchy,
         Severity::note,
         {},
         {{"issuer", ca("twca-ssl-ca-2024")->subject.short_text()}, {"generation", std::string("2024")}}}};
    return target;
  }

  TargetReport right() const {
    TargetReport target = basic("shop.example.com.tw", "shop.example.com.tw");
    const auto chain =
        new_chain(leaf("shop.example.com.tw", ca("twca-ssl-ca-2024")->subject, {"shop.example.com.tw"},
                       "2026-09-01T00:00:00Z", "2027-03-18T15:59:59Z"),
                  true);
    chain->seen_at = {{"198.51.100.4:443", 5}};
    target.chains = {chain};
    target.verdict = Verdict::note;
    target.headline = Code::path_tiers_differ;
    endpoint(target, "198.51.100.4", chain->served, 5);
    target.findings = {{Code::path_tiers_differ,
                        Severity::note,
                        {},
                        {{"short_tiers", std::int64_t{3}},
                         {"short_clients", std::vector<std::string>{"windows", "chrome"}},
                         {"long_tiers", std::int64_t{4}},
                         {"long_clients", std::vector<std::string>{"apple", "jdk-17"}}}}};
    return target;
  }

  TargetReport hostile_target() const {
    TargetReport target = basic("evil.example", hostile);
    target.observation.target.tag = not_utf8;
    const auto chain = std::make_shared<ChainJudgement>();
    const std::string endless = hostile + std::string(65536, 'W') + not_utf8;
    const CertificatePtr bad = leaf(endless, name_of({{"CN", endless}}), {hostile, not_utf8, endless},
                                    "2026-01-01T00:00:00Z", "2026-09-01T00:00:00Z");
    const std::string junk = "0\x82 no certificate";
    chain->served = {sent(bad->der), sent(bytes_of(junk)), sent(bytes_of(junk))};
    chain->certificates = {bad, nullptr, nullptr};
    chain->seen_at = {{hostile, 1}};
    Path path;
    path.certificates = {bad};
    path.from = {static_cast<Sources>(Source::served)};
    path.problems = {{0, Problem::expired}, {0, Problem::host_mismatch}};
    chain->paths.push_back({path, "self", bad->fingerprint.hex()});
    for (const ClientInfo& client : clients())
      chain->clients.push_back({client.id, ClientVerdict::untrusted, 0, {"expired", "anchor_not_held"}});
    chain->clients.back() = {"curl", ClientVerdict::unjudged, std::nullopt, {"store_not_found"}};
    chain->advice = {{AdviceAction::drop, chain->served[1]->fingerprint}};
    target.chains = {chain};
    target.verdict = Verdict::error;
    target.headline = Code::leaf_expired;
    endpoint(target, "203.0.113.66", chain->served, 1);
    Sample& sample = target.observation.endpoints.front().samples.front();
    sample.tls = TlsFacts{hostile, not_utf8, hostile, endless};
    sample.outcome = Outcome::partial;
    sample.error = Error{Stage::handshake, Fault::peer, endless, Cause::alert, std::uint8_t{80}};
    target.findings = {{Code::leaf_expired,
                        Severity::error,
                        {{hostile, bad->fingerprint, hostile, endless}},
                        {{"subject", endless}, {"not_after", bad->not_after}, {"days", std::int64_t{20}}}},
                       {Code::leaf_name_mismatch,
                        Severity::error,
                        {},
                        {{"host", hostile}, {"names", std::vector<std::string>{hostile, not_utf8, endless}}}},
                       {Code::cert_malformed,
                        Severity::warning,
                        {{{}, chain->served[1]->fingerprint, {}, {}}},
                        {{"subject", std::string()},
                         {"position", std::int64_t{2}},
                         {"defects", std::vector<std::string>{"not_der"}}}}};
    return target;
  }

  TargetReport silent() const {
    TargetReport target = basic("gone.example.com.tw", "smtp://gone.example.com.tw");
    failed(target, "192.0.2.200", Cause::timeout);
    target.verdict = Verdict::unjudged;
    target.headline = Code::net_timeout;
    target.findings = {{Code::net_timeout,
                        Severity::note,
                        {{"192.0.2.200:443", {}, {}, {}}},
                        {{"host", std::string("gone.example.com.tw")},
                         {"port", std::int64_t{443}},
                         {"stage", std::string("connect")},
                         {"detail", std::string("no answer within 5 s")}}}};
    return target;
  }

  TargetReport no_target() const {
    TargetReport target;
    target.observation.target.text = "https:///nothing here";
    target.verdict = Verdict::unjudged;
    target.bad_target =
        BadTarget{"https:///nothing here", 7,
                  input_error(Stage::usage, "a host name was expected in \"" + hostile + "\"")};
    return target;
  }

 private:
  static constexpr std::string_view cross = "twca-cyber-root-ca.by-global-root";

  CertificatePtr ca(std::string_view slug) const { return catalogue_->find(slug)->certificate; }

  static TargetReport basic(const std::string& host, const std::string& text) {
    TargetReport target;
    target.observation.target.text = text;
    target.observation.target.host = host;
    target.observation.target.shown_host = host;
    return target;
  }

  static EndpointSeen& add_endpoint(TargetReport& target, std::string_view address) {
    EndpointSeen endpoint;
    endpoint.address = IpAddress::parse(address);
    endpoint.port = 443;
    target.observation.endpoints.push_back(std::move(endpoint));
    return target.observation.endpoints.back();
  }

  static Sample sample(const TargetReport& target) {
    Sample sample;
    sample.at = at("2026-09-21T08:29:12Z");
    sample.asked.sni = target.observation.target.host;
    sample.ms = {Milliseconds(3), Milliseconds(11), std::nullopt, std::nullopt};
    return sample;
  }

  static void endpoint(TargetReport& target, std::string_view address, const std::vector<SentPtr>& served,
                       int count) {
    EndpointSeen& endpoint = add_endpoint(target, address);
    for (int i = 0; i < count; ++i) {
      Sample one = sample(target);
      one.outcome = Outcome::captured;
      one.key_proved = true;
      one.tls = TlsFacts{"TLSv1.3", "TLS_AES_256_GCM_SHA384", "X25519", "h2"};
      one.served = served;
      one.staple = Bytes{0x30, 0x03, 0x0A, 0x01, 0x06};
      one.ms.handshake = Milliseconds(24 + 3 * i);
      endpoint.samples.push_back(std::move(one));
    }
  }

  static void failed(TargetReport& target, std::string_view address, Cause cause) {
    EndpointSeen& endpoint = add_endpoint(target, address);
    Sample one = sample(target);
    one.outcome = Outcome::failed;
    one.error = Error{Stage::connect, Fault::network, "connect to " + std::string(address) + " failed", cause,
                      std::nullopt};
    endpoint.samples.push_back(std::move(one));
  }

  static JudgedPath judged(std::vector<CertificatePtr> certificates, std::vector<Sources> from,
                           std::string name, std::string anchor) {
    JudgedPath result;
    result.path.certificates = std::move(certificates);
    result.path.from = std::move(from);
    result.name = std::move(name);
    result.anchor = std::move(anchor);
    return result;
  }

  std::shared_ptr<ChainJudgement> new_chain(const CertificatePtr& leaf_certificate, bool with_cross) const {
    const auto chain = std::make_shared<ChainJudgement>();
    const CertificatePtr issuer = ca("twca-ssl-ca-2024"), bridge = ca(cross);
    chain->certificates = {leaf_certificate, issuer};
    if (with_cross) chain->certificates.push_back(bridge);
    for (const CertificatePtr& certificate : chain->certificates)
      chain->served.push_back(sent(certificate->der));
    chain->issued_by = "twca-ssl-ca-2024";
    constexpr Sources served = static_cast<Sources>(Source::served);
    const Sources bridge_from =
        with_cross ? Source::served | Source::catalogue : static_cast<Sources>(Source::catalogue);
    chain->paths = std::vector<JudgedPath>{
        judged({leaf_certificate, issuer, ca("twca-cyber-root-ca.self-signed")},
               {served, served, Source::store | Source::catalogue}, "new.short",
               "twca-cyber-root-ca.self-signed"),
        judged({leaf_certificate, issuer, bridge, ca("twca-global-root-ca.self-signed")},
               {served, served, bridge_from, Source::store | Source::catalogue}, "new.cross",
               "twca-global-root-ca.self-signed"),
        judged({leaf_certificate, issuer, bridge, ca("twca-global-root-ca.by-root-ca-2008"),
                ca("twca-root-ca-2008.self-signed")},
               {served, served, bridge_from, static_cast<Sources>(Source::catalogue),
                Source::store | Source::catalogue},
               "new.cross2008", "twca-root-ca-2008.self-signed")};
    chain->paths[2].path.problems = {{4, Problem::weak_signature}};
    const std::size_t longer = 1;
    for (const ClientInfo& client : clients()) {
      const bool needs_cross = client.id == "apple" || client.id == "jdk-17" || client.id == "jdk-8u251";
      if (!needs_cross)
        chain->clients.push_back({client.id, ClientVerdict::trusted, 0, {}});
      else if (with_cross)
        chain->clients.push_back({client.id, ClientVerdict::trusted, longer, {}});
      else
        chain->clients.push_back({client.id, ClientVerdict::untrusted, longer, {"issuer_missing"}});
    }
    chain->should_send = {leaf_certificate, issuer, bridge};
    return chain;
  }

  std::shared_ptr<ChainJudgement> old_chain(const CertificatePtr& leaf_certificate) const {
    const auto chain = std::make_shared<ChainJudgement>();
    const CertificatePtr issuer = ca("twca-secure-ssl-ca-2023g3"),
                         root = ca("twca-global-root-ca.self-signed");
    chain->certificates = {root, leaf_certificate, issuer};
    std::swap(chain->certificates[0], chain->certificates[1]);
    for (const CertificatePtr& certificate : chain->certificates)
      chain->served.push_back(sent(certificate->der));
    chain->issued_by = "twca-secure-ssl-ca-2023g3";
    constexpr Sources served = static_cast<Sources>(Source::served);
    chain->paths = std::vector<JudgedPath>{judged({leaf_certificate, issuer, root},
                                                  {served, served, Source::served | Source::store}, "old",
                                                  "twca-global-root-ca.self-signed")};
    for (const ClientInfo& client : clients())
      chain->clients.push_back(
          {client.id,
           client.id == "firefox" ? ClientVerdict::trusted_by_aia : ClientVerdict::trusted,
           0,
           {}});
    chain->should_send = {leaf_certificate, issuer};
    chain->advice = {{AdviceAction::drop, root->fingerprint}, {AdviceAction::move, issuer->fingerprint}};
    return chain;
  }

  std::shared_ptr<const Catalogue> catalogue_;
};

}  // namespace

Report sample_report(Language language) { return sample_report(language, 5); }

Report sample_report(Language language, std::size_t count) {
  const Maker maker;
  const std::vector<TargetReport> kinds{maker.cross_missing(), maker.right(), maker.hostile_target(),
                                        maker.silent(), maker.no_target()};
  Report report = maker.empty(language);
  report.targets.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    report.targets.push_back(kinds[i % kinds.size()]);
    if (i >= kinds.size()) report.targets.back().observation.target.text += "-" + std::to_string(i);
  }
  return report;
}

}  // namespace chaintier
