// seeds FOLDER: writes inputs to begin with, a folder for each fuzz target.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

#include <fmt/format.h>

#include "probes/practice/pki.h"
#include "probes/practice/pki_table.h"
#include "reports/json.h"
#include "src/base/digest.h"
#include "src/base/host_name.h"
#include "src/findings/diagnose.h"
#include "src/report/explain.h"
#include "tests/support/chain_builder.h"
#include "tests/support/ocsp_response.h"
#include "tests/support/zip.h"

namespace {

using namespace chaintier;
namespace fs = std::filesystem;

class Writer {
 public:
  explicit Writer(fs::path folder) : folder_(std::move(folder)) {}

  void add(const std::string& target, ByteView content) {
    fs::create_directories(folder_ / target);
    const fs::path file = folder_ / target / fmt::format("seed-{:03}", ++count_[target]);
    std::ofstream out(file, std::ios::binary);
    out << text_of(content);
    if (!out.flush()) throw std::runtime_error("cannot write " + file.string());
  }
  void add(const std::string& target, std::string_view content) { add(target, bytes_of(content)); }

 private:
  fs::path folder_;
  std::map<std::string, int> count_;
};

Bytes with_length(std::size_t octets, const Bytes& content) {
  Bytes out;
  for (std::size_t shift = octets * 8; shift > 0; shift -= 8)
    out.push_back(static_cast<std::uint8_t>(content.size() >> (shift - 8)));
  out.insert(out.end(), content.begin(), content.end());
  return out;
}

std::vector<Bytes> odd_certificates() {
  const TestCa ca{"Seed CA", TestKey::rsa()};
  const auto leaf = [&](const Change& change) { return leaf_der(ca, "www.example.tw", change); };
  return {
      leaf({}),
      leaf([](Draft& d) { d.pss = true; }),
      leaf([](Draft& d) {
        d.version = std::nullopt;
        d.extensions.clear();
      }),
      leaf([](Draft& d) { d.spki = TestKey::ed25519().spki(); }),
      leaf([](Draft& d) {
        d.set(subject_alt_name({dns("*.example.tw"), ip("192.0.2.7"), email("me@example.tw"),
                                uri("https://example.tw/"), directory(named("x")), registered_id("1.2.3")}));
      }),
      ca_certificate(ca, ca,
                     [](Draft& d) {
                       d.set(basic_constraints(true, 3))
                           .set(policies({"1.2.3", oids::any_policy}))
                           .set(policy_constraints(1, 2));
                       d.set(inhibit_any_policy(4)).set(policy_mappings({{"1.2.3", "1.2.4"}}));
                       d.set(name_constraints({dns("example.tw"), ip_range("192.0.2.0", "255.255.255.0")},
                                              {email(".example.org")}));
                       d.set({"1.3.6.1.5.5.7.1.24", false, der::sequence({der::integer(5)})});
                     })
          ->der,
  };
}

void certificates(Writer& out, const PracticePki& pki, const Bytes& leaf) {
  std::vector<Bytes> all = odd_certificates();
  all.push_back(leaf);
  for (const char* slug : {"twca-root-ca-2008.self-signed", "twca-ssl-ca-2023"})
    all.push_back(pki.certificate(slug));
  for (const Bytes& der : all) {
    out.add("certificate", der);
    out.add("certificate_file", der);
  }
  const std::string pem = to_pem(leaf);
  out.add("certificate_file", pem + to_pem(all.front()));
  out.add("certificate_file", "\xEF\xBB\xBFtext\r\n" + pem);
  out.add("certificate_file",
          to_pem(all.front(), "TRUSTED CERTIFICATE") + to_pem(Bytes(9, 1), "PRIVATE KEY"));
  std::string utf16 = "\xff\xfe";
  for (const char c : pem) utf16 += {c, '\0'};
  out.add("certificate_file", utf16);
  const std::size_t begin = pem.find('\n') + 1;
  out.add("certificate_file", std::string_view(pem).substr(begin, pem.find("-----END") - begin));
  const Bytes message =
      der::sequence({der::integer(1), der::set({}), der::sequence({der::oid("1.2.840.113549.1.7.1")}),
                     der::implicit_tag(0, der::set({leaf})), der::set({})});
  const Bytes pkcs7 = der::sequence({der::oid("1.2.840.113549.1.7.2"), der::explicit_tag(0, message)});
  out.add("certificate_file", pkcs7);
  out.add("certificate_file", to_pem(pkcs7, "PKCS7"));
  out.add("certificate_file", "<html>");
}

void archives(Writer& out, const Bytes& leaf) {
  const std::string pem = to_pem(leaf);
  const Bytes text(bytes_of(pem).begin(), bytes_of(pem).end());
  out.add("archive", zip_of({{"root.cer", text}, {"uca.cer", leaf}, {"server.cer", text}}));
  out.add("archive", zip_of({{"cert/", {}}, {"\xBE\xCC\xC3\xD2/server.cer", text}, {"a\\b", {}, 0x800}}));
  out.add("archive", zip_of({{"server.cer", leaf, 1}, {"other", leaf, 0, 97}, {"third", leaf, 0, 0, 1}}));
  out.add("archive", zip_bomb("root.cer", 1u << 17));
}

void sources(Writer& out, const PracticePki& pki, const PracticeIdentity& identity) {
  std::vector<ZipFile> files{{"server.cer", identity.certificate}};
  for (const char* slug :
       {"twca-global-root-ca.self-signed", "twca-cyber-root-ca.by-global-root", "twca-ssl-ca-2023"})
    files.push_back({std::string(slug) + ".cer", pki.certificate(slug)});
  out.add("certificate_source", zip_of(files));
  std::string pem;
  for (const ZipFile& file : files) pem += to_pem(file.content);
  out.add("certificate_source", pem);
  out.add("certificate_source", identity.key_pem + to_pem(identity.certificate));
  out.add("certificate_source",
          zip_of({{"inner.zip", zip_of(files)}, {"store.jks", {0xfe, 0xed, 0xfe, 0xed}}}));
}

void answers(Writer& out, const Bytes& leaf) {
  const std::string body(text_of(leaf));
  const auto length = [&](std::size_t size) { return fmt::format("Content-Length: {}\r\n\r\n", size); };
  const std::string head = "HTTP/1.1 200 OK\r\n", pem = to_pem(leaf);
  for (const char piece : {'\x03', '\x1f'}) {
    out.add("http_answer", piece + head + length(body.size()) + body);
    out.add("http_answer", piece + head + "\r\n" + pem);
    out.add("http_answer", piece + head + "Transfer-Encoding: chunked\r\n\r\n" +
                               fmt::format("{:x}\r\n", pem.size()) + pem + "\r\n0\r\n\r\n");
    out.add("http_answer", piece + std::string("HTTP/1.0 302 Found\r\nLocation: /a?b\r\n") + length(0));
  }
}

void handshakes(Writer& out, const PracticePki& pki, const Bytes& leaf) {
  const Bytes issuer = pki.certificate("twca-ssl-ca-2023");
  const Bytes list12 = with_length(3, der::join({with_length(3, leaf), with_length(3, issuer)}));
  const Bytes no_extensions{0, 0};
  const Bytes staple =
      with_length(2, der::join({{0, 5}, with_length(2, der::join({{1}, with_length(3, Bytes(20, 7))}))}));
  const Bytes list13 = der::join(
      {{0},
       with_length(3, der::join({with_length(3, leaf), staple, with_length(3, issuer), no_extensions}))});
  Bytes hello{3, 3};
  hello.resize(34, 0xaa);
  for (const std::uint8_t octet : Bytes{0, 0x13, 0x01, 0, 0, 12, 0, 43, 0, 2, 3, 4, 0, 51, 0, 2, 0, 29})
    hello.push_back(octet);
  const auto message = [](std::uint8_t type, const Bytes& body) {
    return with_length(2, der::join({{type}, with_length(3, body)}));
  };
  out.add("handshake", list12);
  out.add("handshake", list13);
  out.add("handshake", hello);
  out.add("handshake", der::join({message(2, hello), message(11, list13), message(15, Bytes(8, 1)),
                                  message(20, Bytes(32, 2))}));
  out.add("handshake", der::join({message(2, Bytes(hello.begin(), hello.begin() + 38)), message(11, list12),
                                  message(22, der::join({{1}, with_length(3, Bytes(20, 7))})),
                                  message(12, {3, 0, 29, 1, 9}), message(14, {})}));
}

// Which version, suite and record size; then changes, as own_tls_fuzz.cpp reads them.
void own_handshakes(Writer& out) {
  for (std::uint8_t shape = 0; shape < 12; ++shape) out.add("own_tls", Bytes{shape});
  for (std::uint8_t shape = 0; shape < 2; ++shape)
    for (std::uint8_t message = 0; message < 6; ++message)
      for (std::uint8_t kind = 0; kind < 5; ++kind)
        out.add("own_tls", Bytes{shape, message, kind, 0, 9, 0x41});
  out.add("own_tls", Bytes{0xff, 22, 3, 3, 0, 4, 2, 0, 0, 0});
}

void dialogues(Writer& out) {
  const std::vector<std::string> said{
      "220 mail.example.tw ESMTP\r\n250-mail.example.tw\r\n250-SIZE 1\r\n250 STARTTLS\r\n220 go ahead\r\n",
      "* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\na1 OK begin\r\n* CAPABILITY IMAP4rev1 STARTTLS\r\na001 "
      "OK done\r\n",
      "+OK ready\r\n+OK\r\nSTLS\r\n.\r\n+OK begin\r\n",
      "220 ftp\r\n211-Features\r\n AUTH TLS\r\n211 End\r\n234 go\r\n",
      std::string("\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00", 14),
      "S",
      std::string("\x4a\x00\x00\x00\x0a"
                  "8.0.1\0",
                  11) +
          std::string(8, 'a') + std::string("\x00\xff\xff\xff\x02\x00", 6) + std::string(60, 'b'),
      "<stream:stream xmlns='jabber:client'><stream:features><starttls "
      "xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
      "</stream:features><proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"};
  for (std::size_t i = 0; i < said.size(); ++i)
    for (const char piece : {'\0', '\xff'})
      out.add("starttls", std::string{static_cast<char>(i), piece} + said[i]);
}

void texts(Writer& out, const PracticePki& pki) {
  for (const auto& file : pki.catalogue_files())
    if (file.name == "catalogue.json") out.add("catalogue", std::string_view(file.content).substr(0, 4096));
  out.add("catalogue",
          R"({"date": "2026-01-01", "entries": [{"slug": "root", "role": "cross", "hierarchy": "new",
      "validation": "EV", "generation": "1", "name": "n", "revoked": "us", "for_tls": false}],
      "aia": [{"url": "http://a/", "of": "root", "slug": "root", "confirmed": true}]})");
  out.add(
      "targets",
      "\xEF\xBB\xBF# list\r\nexample.tw,web\r\nwww.example.tw@192.0.2.7:8443 # comment\n[2001:db8::1]:443\n"
      "smtp://mail.example.tw\nhttps://中文.台灣/x?y\nxn--fiq228c.xn--kpry57d\nbad host\n:0\n");
  for (const char* text : {"http://a.corp/x, A.corp. [fd00::1]:443 fe80::1%eth0 10.0.0.1:443 8.8.8.8",
                           "*.b.lan 主機.local，失敗", "=cmd|' /C calc'!A0\"x\\y]]><b>",
                           "host-1.redacted.invalid 240.0.0.1 100::1", "192.168.1.1.pem x.home.arpa."})
    out.add("redact", text);
  for (const std::string& topic : explain_topics()) out.add("explain", topic);
  out.add("explain", "chain.leaf_onyl");
}

void judgements(Writer& out) {
  // Numbers are those of the target's own list: four leaves, then the practice CAs in the order of their
  // table.
  const auto number = [](std::string_view slug) {
    std::uint8_t at = 4;
    for (const PracticeCa& ca : practice_cas()) {
      if (ca.slug == slug) return at;
      ++at;
    }
    throw std::logic_error("no such practice CA");
  };
  const std::uint8_t cross = number("twca-cyber-root-ca.by-global-root"),
                     newer = number("twca-cyber-root-ca.self-signed"), issuing = number("twca-ssl-ca-2023"),
                     older = number("twca-global-root-ca.self-signed");
  for (const Bytes& list : std::vector<Bytes>{{1, 0},
                                              {3, 0, issuing, cross},
                                              {3, 0, issuing, newer},
                                              {4, 0, issuing, cross, older},
                                              {4, 0, cross, issuing, issuing},
                                              {2, 1, number("twca-secure-ssl-ca-2023g3")},
                                              {2, 1, number("twca-secure-ssl-ca-2014")},
                                              {2, 3, number("foreign-intermediate")},
                                              {3, 0, 0xc0, issuing, 1, 0, 7, cross},
                                              {2, 0, 0xf0, 0, 3, 1, 2, 3},
                                              {1, 0, 3, 0, issuing, cross, 1, 1}})
    out.add("judge", list);
}

// Small ones: no clients, and certificates that are not in the catalogue.
void reports(Writer& out) {
  Knowledge knowledge;
  knowledge.at = judging_day();
  knowledge.catalogue = std::make_shared<const Catalogue>(Catalogue::twca());
  Report report;
  report.tool_name = "chaintier";
  report.judged_at = knowledge.at;
  report.catalogue = knowledge.catalogue;
  Diagnoser diagnoser(knowledge);
  const TestCa ca{"Seed CA"};
  for (const char* text : {"www.example.tw", "smtp://mail.example.tw", "192.0.2.7:8443", "a.tw@192.0.2.1"}) {
    Observation observation;
    observation.target = parse_target(text).value();
    EndpointSeen endpoint{IpAddress::parse("192.0.2.7"), observation.target.port, EndpointRole::edge, {}};
    Sample& sample = endpoint.samples.emplace_back();
    sample.at = knowledge.at;
    if (observation.target.protocol == Protocol::tls) {
      sample.outcome = Outcome::captured;
      sample.key_proved = true;
      sample.asked.sni = observation.target.host;
      sample.tls = TlsFacts{"TLSv1.3", "TLS_AES_128_GCM_SHA256", "X25519", "h2"};
      sample.served = {make_sent(leaf_der(ca)), make_sent(Bytes(40, 7))};
      sample.staple = Bytes{0x30, 0x03, 0x0A, 0x01, 0x06};
    } else {
      sample.outcome = Outcome::failed;
      sample.error = Error{Stage::starttls, Fault::peer, "no", Cause::starttls};
    }
    observation.endpoints.push_back(std::move(endpoint));
    report.targets.push_back(diagnoser.diagnose(std::move(observation)));
  }
  report.targets.push_back(Diagnoser::not_a_target({"x y", 7, input_error(Stage::parse, "no target")}));
  for (const TargetReport& target : report.targets) {
    std::ostringstream line;
    write_target_json(report, target, line);
    out.add("report", line.str());
  }
  std::ostringstream whole;
  write_json(report, whole);
  out.add("report", whole.str());
}

// A JKS with one certificate (the digest at its end is none), PEM in several states, a locked key.
void local_files(Writer& writer) {
  const Bytes leaf = leaf_der(TestCa{"Seed CA"}, "www.example.tw");
  const auto join = [](std::initializer_list<Bytes> parts) {
    Bytes all;
    for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
    return all;
  };
  const auto number = [](std::uint8_t value) { return Bytes{0, 0, 0, value}; };
  const auto text = [](std::string_view value) {
    Bytes out{0, static_cast<std::uint8_t>(value.size())};
    out.insert(out.end(), value.begin(), value.end());
    return out;
  };
  for (const Bytes& mark : {Bytes{0xfe, 0xed, 0xfe, 0xed}, Bytes{0xce, 0xce, 0xce, 0xce}}) {
    const Bytes trusted = join({number(2), text("ca"), Bytes(8), text("X.509"), with_length(4, leaf)});
    const Bytes key = join({number(1), text("key"), Bytes(8), with_length(4, Bytes(64, 0x41)), number(1),
                            text("X.509"), with_length(4, leaf)});
    writer.add("local_file", join({mark, number(2), number(2), trusted, key, Bytes(20)}));
  }
  const std::string pem = to_pem(leaf);
  writer.add("local_file", pem);
  writer.add("local_file",
             pem + to_pem(Bytes(40, 1), "RSA PRIVATE KEY") + to_pem(leaf, "NEW CERTIFICATE REQUEST"));
  writer.add("local_file",
             "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: "
             "AES-256-CBC,00112233445566778899AABBCCDDEEFF\n\nAAAA\n-----END RSA PRIVATE KEY-----\n");
  writer.add("local_file", "PuTTY-User-Key-File-3: ssh-rsa\n");
  const char* configurations[] = {
      "http { include x; server { listen 443 ssl; server_name a b; ssl_certificate \"c\"; "
      "ssl_certificate_key d; } }",
      "Define A b\n<VirtualHost *:443>\nSSLEngine on\nServerName a\nSSLCertificateFile "
      "${A}/c\n</VirtualHost>\n",
      "global\n crt-base /c\nfrontend f\n bind :1 ssl crt d crt-list l\n",
      "<Server><Connector SSLEnabled=\"true\" port=\"1\"><SSLHostConfig hostName=\"a\"><Certificate "
      "certificateKeystoreFile=\"k\"/></SSLHostConfig></Connector></Server>",
      "$SERVER[\"socket\"] == \":443\" {\n ssl.pemfile = \"a\" + \"b\"\n}\n",
      "[s]\naccept = 1\ncert = c\nkey = k\n",
      "myhostname = m.$d\nd = e\nsmtpd_tls_cert_file = c\n  d\nsmtpd_tls_chain_files = k, c\n",
      "ssl_cert = <c\nlocal_name a {\n ssl_key = <k\n}\n!include d\n"};
  for (std::uint8_t kind = 0; kind < 8; ++kind) {
    Bytes seed{kind};
    const ByteView content = bytes_of(configurations[kind]);
    seed.insert(seed.end(), content.begin(), content.end());
    writer.add("server_config", seed);
  }
}

// A key, the digest of something and its signature, one behind the other.
void signatures(Writer& out) {
  for (int keys = 0; keys < 2; ++keys) {
    const TestKey key = TestKey::ec();
    for (std::uint8_t i = 0; i < 4; ++i) {
      const Bytes content(10, i);
      Bytes input = key.spki();
      const auto digest = sha256(content);
      input.insert(input.end(), digest.begin(), digest.end());
      const Bytes signature = key.sign(content, "SHA256");
      input.insert(input.end(), signature.begin(), signature.end());
      out.add("signature", input);
    }
  }
}

void responses(Writer& out) {
  const TestCa ca{"Issuing CA"};
  const CertificatePtr issuer = root(ca), leaf = leaf_by(ca);
  const OcspDraft good{.certificate = leaf, .issuer = issuer, .signer = ca.key};
  const auto add = [&](const OcspDraft& draft) {
    out.add("ocsp",
            der::join({with_length(2, leaf->der), with_length(2, issuer->der), ocsp_response(draft)}));
  };
  add(good);
  OcspDraft revoked = good;
  revoked.status = der::implicit_tag(1, der::sequence({generalized("20260820000000Z")}));
  add(revoked);
  OcspDraft named_so = good;
  named_so.hash = EVP_sha256();
  named_so.responder = der::explicit_tag(1, issuer->subject.der);
  named_so.next_update.reset();
  add(named_so);
  Draft responder;
  responder.issuer = named(ca.name);
  responder.subject = named("Responder");
  responder.extensions = {extended_key_usage({"1.3.6.1.5.5.7.3.9"})};
  OcspDraft delegated = good;
  delegated.signer = TestKey::ec();
  delegated.responder = der::explicit_tag(1, responder.subject);
  delegated.certificates = {issue(responder, delegated.signer, ca.key)};
  add(delegated);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: seeds FOLDER\n";
    return 2;
  }
  try {
    const PracticePki pki = PracticePki::create().value();
    PracticeLeaf wish;
    wish.dns_names = {"www.example.tw"};
    wish.not_before = day(2026, 6, 1);
    wish.not_after = day(2026, 12, 1);
    wish.scts = {day(2026, 6, 1)};
    const PracticeIdentity identity = pki.issue(wish).value();
    const Bytes& leaf = identity.certificate;
    Writer out(argv[1]);
    certificates(out, pki, leaf);
    archives(out, leaf);
    sources(out, pki, identity);
    answers(out, leaf);
    local_files(out);
    handshakes(out, pki, leaf);
    own_handshakes(out);
    dialogues(out);
    signatures(out);
    responses(out);
    texts(out, pki);
    judgements(out);
    reports(out);
  } catch (const std::exception& failed) {
    std::cerr << "seeds: " << failed.what() << "\n";
    return 1;
  }
  return 0;
}
