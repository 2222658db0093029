#include "src/x509/certificate_file.h"

#include <array>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "src/x509/certificate.h"
#include "tests/support/chain_builder.h"

using namespace chaintier;

namespace {

const Bytes& first() {
  static const Bytes der = leaf_der(TestCa{"Test CA"}, "first.example.tw");
  return der;
}
const Bytes& second() {
  static const Bytes der = leaf_der(TestCa{"Test CA"}, "second.example.tw");
  return der;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

// What stands between the BEGIN and the END line.
std::string base64_of(const Bytes& der) {
  const std::string pem = to_pem(der);
  const std::size_t from = pem.find('\n') + 1;
  return pem.substr(from, pem.find("-----END") - from);
}

std::string utf16(std::string_view text, bool little) {
  std::string out = little ? "\xff\xfe" : "\xfe\xff";
  for (const char c : text) out += little ? std::string{c, '\0'} : std::string{'\0', c};
  return out;
}

// A SignedData that signs nothing: how CAs hand out chains (RFC 2315 9.1).
Bytes pkcs7(const std::vector<Bytes>& certificates) {
  const Bytes data = der::sequence({der::oid("1.2.840.113549.1.7.1")});
  std::vector<Bytes> members{der::integer(1), der::set({}), data};
  if (!certificates.empty()) members.push_back(der::implicit_tag(0, der::set(certificates)));
  members.push_back(der::set({}));
  return der::sequence({der::oid("1.2.840.113549.1.7.2"), der::explicit_tag(0, der::sequence(members))});
}

std::vector<Bytes> certificates(std::string_view content) {
  auto result = certificates_in(bytes_of(content));
  if (!result) FAIL(result.error().detail);
  return *result;
}

std::string problem(std::string_view content) {
  const auto result = certificates_in(bytes_of(content));
  return result ? "(certificates)" : result.error().detail;
}

using List = std::vector<Bytes>;

}  // namespace

TEST_CASE("certificate file: PEM as people's editors and mailers leave it") {
  const std::string pem = to_pem(first());
  CHECK(certificates(pem) == List{first()});
  CHECK(certificates(replaced(pem, "\n", "\r\n")) == List{first()});
  CHECK(certificates(replaced(pem, "\n", "\r")) == List{first()});
  CHECK(certificates("\xEF\xBB\xBF" + pem) == List{first()});
  CHECK(certificates(utf16(pem, true)) == List{first()});
  CHECK(certificates(utf16(pem, false)) == List{first()});
  CHECK(certificates("\n\n  " + replaced(pem, "\n", "  \n\t") + "\n") == List{first()});
  CHECK(certificates(pem.substr(0, pem.size() - 1)) == List{first()});  // no line end at the end
  std::string one_line = base64_of(first());
  one_line = replaced(one_line, "\n", "");
  CHECK(certificates("-----BEGIN CERTIFICATE-----" + one_line + "-----END CERTIFICATE-----") ==
        List{first()});
}

TEST_CASE("certificate file: text around and between, in file order, repeats kept") {
  const std::string around = "Bag Attributes\n    friendlyName: 憑證\nsubject=CN = first\n";
  CHECK(certificates(around + to_pem(second()) + around + to_pem(first()) + "the end\n") ==
        List{second(), first()});
  CHECK(certificates(to_pem(first()) + to_pem(first())) == List{first(), first()});
}

TEST_CASE("certificate file: other labels of the same thing") {
  CHECK(certificates(to_pem(first(), "X509 CERTIFICATE")) == List{first()});
  Bytes trusted = first();
  const Bytes settings = der::sequence({der::sequence({der::oid(oids::server_auth)})});
  trusted.insert(trusted.end(), settings.begin(), settings.end());
  CHECK(certificates(to_pem(trusted, "TRUSTED CERTIFICATE")) == List{first()});
}

TEST_CASE("certificate file: other PEM blocks beside certificates are passed over") {
  CHECK(certificates(to_pem(Bytes(30, 1), "PRIVATE KEY") + to_pem(first())) == List{first()});
  CHECK(certificates(to_pem(first()) + to_pem(Bytes(30, 1), "DH PARAMETERS")) == List{first()});
}

TEST_CASE("certificate file: DER, PKCS#7 and bare base64") {
  const auto text = [](const Bytes& der) { return std::string(text_of(der)); };
  CHECK(certificates(text(first())) == List{first()});
  CHECK(certificates(text(pkcs7({first(), second()}))).size() == 2);
  CHECK(certificates(to_pem(pkcs7({first(), second()}), "PKCS7")).size() == 2);
  CHECK(certificates(to_pem(pkcs7({first()}), "CMS")) == List{first()});
  CHECK(certificates(to_pem(pkcs7({first()}), "PKCS7") + to_pem(second())) == List{first(), second()});
  CHECK(certificates(base64_of(first())) == List{first()});
  CHECK(certificates(replaced(base64_of(first()), "\n", "\r\n")) == List{first()});
  CHECK(certificates(utf16(base64_of(first()), true)) == List{first()});
  CHECK(certificates(base64_of(pkcs7({first()}))) == List{first()});
}

TEST_CASE("certificate file: a block that is no certificate is kept for the report") {
  const Bytes noise{1, 2, 3};
  CHECK(certificates(to_pem(noise) + to_pem(first())) == List{noise, first()});
}

TEST_CASE("certificate file: what the file is instead") {
  struct Row {
    std::string content;
    const char* sentence;
  };
  const Bytes some(30, 1);
  const std::vector<Row> rows{
      {"", "it is empty"},
      {to_pem(some, "PRIVATE KEY"), "it holds a private key, not a certificate"},
      {to_pem(some, "RSA PRIVATE KEY"), "it holds a private key, not a certificate"},
      {to_pem(some, "ENCRYPTED PRIVATE KEY"), "it holds a private key, not a certificate"},
      {to_pem(some, "CERTIFICATE REQUEST"),
       "it holds a certificate request (CSR), not the certificate issued for it"},
      {to_pem(some, "NEW CERTIFICATE REQUEST"),
       "it holds a certificate request (CSR), not the certificate issued for it"},
      {to_pem(some, "X509 CRL"), "it holds a revocation list (CRL), not a certificate"},
      {to_pem(some, "PUBLIC KEY"), "it holds a public key, not a certificate"},
      {to_pem(some, "SOMETHING ELSE"), "it holds a PEM block \"SOMETHING ELSE\", not a certificate"},
      {to_pem(pkcs7({}), "PKCS7"), "it holds no certificate"},
      {"<!DOCTYPE html><html><body>404</body></html>", "it holds HTML or XML, not a certificate"},
      {"\xEF\xBB\xBF\r\n <html>", "it holds HTML or XML, not a certificate"},
      {utf16("<?xml version=\"1.0\"?>", true), "it holds HTML or XML, not a certificate"},
      {"hello", "it holds no certificate in PEM, DER or PKCS#7 form"},
      {"  \n\t\n", "it holds no certificate in PEM, DER or PKCS#7 form"},
      {std::string(text_of(first())).substr(0, 200), "it holds no certificate in PEM, DER or PKCS#7 form"},
      {std::string(text_of(pkcs7({first()}))).substr(0, 200),
       "it holds no certificate in PEM, DER or PKCS#7 form"},
      {std::string(text_of(pkcs7({}))), "it holds no certificate in PEM, DER or PKCS#7 form"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.sentence);
    CHECK(problem(row.content) == row.sentence);
  }
}

TEST_CASE("certificate file: a label cannot write to the terminal") {
  CHECK(problem(to_pem(Bytes(3, 1), "A\x1b[31m")) ==
        "it holds a PEM block \"A\\u{1b}[31m\", not a certificate");
}

TEST_CASE("certificate file: where the base64 is damaged") {
  const std::string pem = to_pem(first());
  const std::size_t third_line = pem.find('\n', pem.find('\n') + 1) + 1;
  SUBCASE("a character that base64 has not") {
    std::string damaged = pem;
    damaged[third_line + 5] = '*';
    CHECK(problem(damaged) == "base64 damaged at line 3: the character '*'");
    CHECK(problem("text\n\n" + damaged) == "base64 damaged at line 5: the character '*'");
    CHECK(problem(to_pem(second()) + damaged).starts_with("base64 damaged at line "));
  }
  SUBCASE("a character of a word processor") {
    std::string damaged = pem;
    damaged.insert(third_line + 5, "\xE2\x80\x94");
    CHECK(problem(damaged) ==
          "base64 damaged at line 3: a character that is not ASCII (pasted through a word processor?)");
  }
  SUBCASE("a character missing") {
    std::string damaged = pem;
    damaged.erase(third_line + 5, 1);
    CHECK(problem(damaged).starts_with("base64 cut short in the block that begins at line 1: "));
  }
  SUBCASE("padding in the middle: two texts run together") {
    const std::string damaged = "-----BEGIN CERTIFICATE-----\nAAAA\nAA==\nAAAA\n-----END CERTIFICATE-----\n";
    CHECK(problem(damaged) == "base64 damaged at line 3: padding ('=') with more behind it");
  }
  SUBCASE("too much padding") {
    CHECK(problem("-----BEGIN CERTIFICATE-----\nA===\n-----END CERTIFICATE-----\n")
              .starts_with("base64 damaged"));
    CHECK(problem("-----BEGIN CERTIFICATE-----\n====\n-----END CERTIFICATE-----\n")
              .starts_with("base64 damaged"));
  }
}

TEST_CASE("certificate file: cut off") {
  const std::string pem = to_pem(first());
  CHECK(problem(pem.substr(0, pem.size() / 2)) ==
        "the block that begins at line 1 has no END line: the file is cut off");
  CHECK(problem("a\nb\n" + pem.substr(0, pem.size() / 2)) ==
        "the block that begins at line 3 has no END line: the file is cut off");
  CHECK(problem("-----BEGIN CERTIFICATE\nAAAA\n-----END CERTIFICATE-----\n") ==
        "the BEGIN line at line 1 is damaged");
  CHECK(problem("-----BEGIN CERT") == "the BEGIN line at line 1 is damaged");
  // The END line of the second block does not end the first one.
  CHECK(problem(pem.substr(0, pem.find("-----END")) + to_pem(second())) ==
        "the block that begins at line 1 has no END line: another one begins within it");
  CHECK(problem(to_pem(Bytes(50, 7), "PKCS7")) == "the PKCS#7 block at line 1 cannot be read");
}
