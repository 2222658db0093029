#include "src/files/archive.h"

#include <doctest/doctest.h>

#include "src/base/text.h"
#include "tests/support/zip.h"

using namespace chaintier;

namespace {

Bytes octets(std::string_view text) { return {bytes_of(text).begin(), bytes_of(text).end()}; }

std::vector<ArchiveEntry> entries(const Bytes& archive, const ArchiveLimits& limits = {}) {
  auto result = read_archive(archive, limits);
  if (!result) FAIL(result.error().detail);
  return *result;
}

std::string problem(const Bytes& archive, const ArchiveLimits& limits = {}) {
  const auto result = read_archive(archive, limits);
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().stage == Stage::parse);
  CHECK(result.error().fault == Fault::input);
  CHECK(printable(result.error().detail) == result.error().detail);
  return result.error().detail;
}

bool says(const std::string& sentence, std::string_view part) {
  return sentence.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("archive: files in order, folders left out") {
  const auto read = entries(zip_of(
      {{"cert/", {}}, {"cert/root.cer", octets("one")}, {"cert/sub/server.cer", octets("two")}, {"a", {}}}));
  REQUIRE(read.size() == 3);
  CHECK(read[0].name == "cert/root.cer");
  CHECK(read[0].bytes == octets("one"));
  CHECK(read[1].name == "cert/sub/server.cer");
  CHECK(read[2].bytes.empty());
  CHECK(entries(zip_of({})).empty());
}

TEST_CASE("archive: names in UTF-8, marked or not, and in Big5") {
  // The two characters for "certificate"; in Big5 BE CC C3 D2.
  const std::string utf8 = "\xE6\x86\x91\xE8\xAD\x89/server.cer";
  CHECK(entries(zip_of({{utf8, {}, 0x800}}))[0].name == utf8);
  CHECK(entries(zip_of({{utf8, {}}}))[0].name == utf8);
  CHECK(entries(zip_of({{"\xBE\xCC\xC3\xD2/server.cer", {}}}))[0].name == utf8);
  // A character that ends in the octet of a backslash (A5 5C).
  CHECK(entries(zip_of({{"\xA5\x5C\\root.cer", {}}}))[0].name == "\xE5\x8A\x9F/root.cer");
  const auto neither = entries(zip_of({{"\xff\xff.cer", {}}}))[0].name;
  CHECK(neither == "\xEF\xBF\xBD\xEF\xBF\xBD.cer");
}

TEST_CASE("archive: what is told from the first octets") {
  CHECK(looks_like_archive(zip_of({{"a", {}}})));
  CHECK(looks_like_archive(zip_of({})));
  CHECK_FALSE(looks_like_archive(octets("PK")));
  CHECK_FALSE(looks_like_archive(octets("-----BEGIN")));
  CHECK_FALSE(looks_like_archive({}));
}

TEST_CASE("archive: limits are counted while inflating") {
  const Bytes bomb = zip_bomb("root.cer", 9u << 20);
  CHECK(bomb.size() < 32'768);
  CHECK(problem(bomb) == "root.cer in the archive is larger than 8 MiB when unpacked");
  CHECK(entries(bomb, {1u << 20, 1, 9u << 20, 9u << 20})[0].bytes.size() == 9u << 20);
  const Bytes three = zip_of({{"a", Bytes(60)}, {"b", Bytes(60)}, {"c", Bytes(60)}});
  CHECK(entries(three, {1000, 3, 60, 180}).size() == 3);
  CHECK(says(problem(three, {1000, 2, 60, 180}), "holds 3 files; more than 2"));
  CHECK(says(problem(three, {1000, 3, 59, 180}), "larger than 59 octets"));
  CHECK(says(problem(three, {1000, 3, 60, 179}), "the archive is larger than 179 octets when unpacked"));
  CHECK(says(problem(three, {three.size() - 1, 3, 60, 180}), "the archive is larger than"));
}

TEST_CASE("archive: damaged ones") {
  const Bytes good = zip_of({{"root.cer", octets("some text")}, {"server.cer", octets("more of it")}});
  for (std::size_t size = 0; size < good.size(); ++size)
    CHECK_FALSE(read_archive({good.data(), size}).has_value());
  CHECK(problem({}) == "the archive is empty");
  CHECK(says(problem(octets("<html>")), "no ZIP archive"));
  CHECK(problem(zip_of({{"a.cer", octets("text"), 0, 0, 1}})) == "a.cer in the archive: it is damaged");
  CHECK(says(problem(zip_of({{"a.cer", octets("text"), 0, 8}})), "damaged"));
  CHECK(
      says(problem(zip_of({{"a.cer", octets("text"), 0, 97}})), "a method that this program does not know"));
  // One octet changed anywhere is an error or a difference, never a crash.
  for (std::size_t at = 0; at < good.size(); ++at) {
    Bytes changed = good;
    changed[at] ^= 0xff;
    if (const auto result = read_archive(changed); !result) CHECK_FALSE(result.error().detail.empty());
  }
}

TEST_CASE("archive: a password") {
  CHECK(problem(zip_of({{"server.cer", Bytes(30, 7), 1}})) ==
        "server.cer in the archive is protected by a password: unpack it, and give the folder instead");
}

TEST_CASE("archive: names cannot move a terminal's cursor") {
  CHECK(says(problem(zip_of({{"\x1b[2J.cer", Bytes(30, 7), 1}})), "\\u{1b}[2J.cer"));
}
