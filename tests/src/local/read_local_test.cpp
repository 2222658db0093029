#include "src/local/read_local.h"

#include <algorithm>

#include <doctest/doctest.h>

#include "src/local/judge_files.h"
#include "src/local/pem_blocks.h"
#include "src/report/texts.h"
#include "tests/support/chain_builder.h"

using namespace chaintier;

namespace {

LocalFile read(std::string_view content, const std::string& path = "file") {
  static const Unlocker unlocker({});
  return read_local(path, bytes_of(content), unlocker);
}

std::string pem() {
  static const std::string text = to_pem(leaf_by(TestCa{"CA"})->der);
  return text;
}

std::string reason(const LocalFile& file) { return file.reason ? file.reason->id : ""; }

CsrFacts request(const std::vector<std::pair<std::string, std::string>>& attributes) {
  CsrFacts facts;
  for (const auto& [type, value] : attributes) facts.subject.attributes.push_back({type, value, 0});
  facts.key.algorithm = KeyAlgorithm::rsa;
  facts.key.bits = 2048;
  facts.signature = "sha256WithRSAEncryption";
  return facts;
}

using Rules = std::vector<std::string>;

}  // namespace

TEST_CASE("local files: damage is named with its line") {
  CHECK(read(pem()).readable);
  CHECK(reason(read("")) == "empty");
  CHECK(reason(read("hello")) == "not_recognised");
  CHECK(reason(read("  <html></html>")) == "markup");
  CHECK(reason(read("PuTTY-User-Key-File-2: x")) == "putty_key");
  CHECK(reason(read(pem().substr(0, 200))) == "no_end");
  std::string text = pem();
  text.replace(text.find('\n') + 70, 1, "\xE2\x80\x9C");
  const LocalFile quote = read(text);
  REQUIRE(quote.reason);
  CHECK(quote.reason->id == "base64_character");
  CHECK(quote.reason->facts.at("line") == Fact{std::int64_t{3}});
  CHECK(quote.reason->facts.at("character") == Fact{std::string("quote")});
  text = pem();
  text.replace(0, 5, "\xE2\x80\x93-");
  CHECK(reason(read(text)) == "header_damaged");
  // What is damaged does not hide what is not.
  const LocalFile both = read(pem().substr(0, 100) + "\n" + pem());
  CHECK(!both.readable);
  CHECK(std::ranges::count(both.items, ItemKind::certificate, &LocalItem::kind) == 1);
}

TEST_CASE("local files: every reason has its words in both languages") {
  for (const Language language : {Language::en, Language::zh_tw})
    for (const char* id : {"empty",
                           "not_recognised",
                           "markup",
                           "der_unknown",
                           "block_empty",
                           "putty_key",
                           "openssh_key",
                           "ssh_public_key",
                           "pgp",
                           "public_key",
                           "parameters",
                           "password_needed",
                           "password_wrong",
                           "too_many_rounds",
                           "no_legacy",
                           "part_locked",
                           "part_unknown",
                           "container_damaged",
                           "certificate_damaged",
                           "key_damaged",
                           "csr_signature",
                           "csr_not_certificate",
                           "store_absent",
                           "no_site"})
      CHECK(!Texts::of(language)
                 .phrase("local.reason." + std::string(id), {{"line", std::int64_t{1}}})
                 .empty());
}

TEST_CASE("local files: a key derivation that would take hours is not begun") {
  // PBES2 with PBKDF2 of two thousand million rounds.
  Bytes rounds = der::integer(2'000'000'000);
  const Bytes pbkdf2 = der::sequence(
      {der::oid("1.2.840.113549.1.5.12"), der::sequence({der::octet_string(Bytes(8)), rounds})});
  const Bytes cipher = der::sequence({der::oid("2.16.840.1.101.3.4.1.42"), der::octet_string(Bytes(16))});
  const Bytes algorithm = der::sequence({der::oid("1.2.840.113549.1.5.13"), der::sequence({pbkdf2, cipher})});
  CHECK(costs_too_much(algorithm));
  std::vector<Secret> passwords;
  passwords.emplace_back(bytes_of("x"));
  const Unlocker unlocker(std::move(passwords));
  const LocalFile file =
      read_local("key", der::sequence({algorithm, der::octet_string(Bytes(32))}), unlocker);
  REQUIRE(file.items.size() == 1);
  CHECK(file.items[0].encrypted);
  CHECK(!file.items[0].checked);
  CHECK(file.items[0].problem->id == "too_many_rounds");
}

TEST_CASE("requests: the rules of manual 5.1") {
  const std::vector<std::pair<std::string, std::string>> good{
      {"C", "TW"}, {"ST", "Taiwan"}, {"L", "Taipei"}, {"O", "Company"}, {"CN", "www.example.tw"}};
  CHECK(broken_rules(request(good)) == Rules{});
  const auto with = [&](std::size_t index, const std::string& value) {
    auto changed = good;
    changed[index].second = value;
    return broken_rules(request(changed));
  };
  CHECK(with(4, "*.example.tw") == Rules{});
  CHECK(with(4, "https://www.example.tw") == Rules{"cn_url"});
  CHECK(with(4, "www.example.tw/") == Rules{"cn_url"});
  CHECK(with(4, "localhost") == Rules{"cn_name"});
  CHECK(with(4, "My Site") == Rules{"cn_name"});
  CHECK(with(0, "tw") == Rules{"country"});
  CHECK(with(3, "\xE5\x85\xAC\xE5\x8F\xB8") == Rules{"english.O"});
  CHECK(broken_rules(request({})) ==
        Rules{"cn_missing", "missing.O", "missing.L", "missing.ST", "missing.C"});
  CsrFacts facts = request(good);
  facts.key.bits = 1024;
  facts.signature = "sha1WithRSAEncryption";
  CHECK(broken_rules(facts) == Rules{"key_bits", "signature"});
  facts.key.algorithm = KeyAlgorithm::ec;
  CHECK(broken_rules(facts).front() == "key_kind");
}

TEST_CASE("secrets are moved, not copied, and cut short") {
  Secret a(bytes_of("password"));
  Secret b(std::move(a));
  CHECK(a.empty());
  CHECK(b.text() == "password");
  b.shrink(4);
  CHECK(b.text() == "pass");
  b = Secret(bytes_of("x"));
  CHECK(b.size() == 1);
}
