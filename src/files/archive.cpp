#include "src/files/archive.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <uniconv.h>
#include <unistr.h>
#include <zip.h>

#include "src/base/openssl_handles.h"
#include "src/base/text.h"

namespace chaintier {

namespace {

using ArchivePtr = std::unique_ptr<zip_t, FreeWith<zip_discard>>;

struct CloseEntry {
  void operator()(zip_file_t* file) const noexcept { zip_fclose(file); }
};
using EntryPtr = std::unique_ptr<zip_file_t, CloseEntry>;

Error refused(std::string detail) { return input_error(Stage::parse, std::move(detail)); }

std::string mebibytes(std::size_t octets) {
  return octets >= 1u << 20 ? fmt::format("{} MiB", octets >> 20) : fmt::format("{} octets", octets);
}

// Before a conversion: nothing when the octets are no Big5 either.
std::optional<std::string> from_big5(std::string_view raw) {
  std::size_t size = 0;
  const std::unique_ptr<std::uint8_t, decltype(&std::free)> text(
      u8_conv_from_encoding("BIG5", iconveh_error, raw.data(), raw.size(), nullptr, nullptr, &size),
      &std::free);
  if (!text) return std::nullopt;
  return std::string(reinterpret_cast<const char*>(text.get()), size);
}

// The second octet of a Big5 character may be a backslash, so separators are looked at after decoding.
std::string name_of(std::string_view raw) {
  std::string name;
  if (!u8_check(reinterpret_cast<const std::uint8_t*>(raw.data()), raw.size()))
    name = raw;
  else
    name = from_big5(raw).value_or(valid_utf8(raw));
  std::ranges::replace(name, '\\', '/');  // against APPNOTE 4.4.17, but some programs on Windows write it
  return name;
}

std::string why(const zip_error_t& error) {
  switch (zip_error_code_zip(&error)) {
    case ZIP_ER_NOZIP:
      return "it is no ZIP archive, or the end of it is missing";
    case ZIP_ER_ENCRNOTSUPP:
    case ZIP_ER_NOPASSWD:
    case ZIP_ER_WRONGPASSWD:
      return "it is protected by a password";
    case ZIP_ER_COMPNOTSUPP:
      return "it is packed by a method that this program does not know";
    case ZIP_ER_MEMORY:
      return "there is not enough memory for it";
    default:
      return "it is damaged";
  }
}

class Reader {
 public:
  Reader(ArchivePtr archive, const ArchiveLimits& limits) : archive_(std::move(archive)), limits_(limits) {}

  Result<std::vector<ArchiveEntry>> read() {
    const zip_int64_t count = zip_get_num_entries(archive_.get(), 0);
    if (count < 0 || static_cast<std::size_t>(count) > limits_.entries)
      return refused(
          fmt::format("the archive holds {} files; more than {} are not read", count, limits_.entries));
    std::vector<ArchiveEntry> entries;
    for (zip_uint64_t at = 0; at < static_cast<zip_uint64_t>(count); ++at) {
      const char* raw = zip_get_name(archive_.get(), at, ZIP_FL_ENC_RAW);
      if (!raw) return refused("the list of files in the archive is damaged");
      ArchiveEntry entry{name_of(raw), {}};
      if (entry.name.ends_with('/')) continue;
      if (auto done = inflate(at, entry); !done) return done.error();
      entries.push_back(std::move(entry));
    }
    return entries;
  }

 private:
  Result<void> inflate(zip_uint64_t at, ArchiveEntry& entry) {
    const std::string name = printable(entry.name);
    zip_stat_t about;
    zip_stat_init(&about);
    if (zip_stat_index(archive_.get(), at, 0, &about) != 0)
      return refused(fmt::format("{} in the archive: its description is damaged", name));
    if ((about.valid & ZIP_STAT_ENCRYPTION_METHOD) && about.encryption_method != ZIP_EM_NONE)
      return refused(fmt::format(
          "{} in the archive is protected by a password: unpack it, and give the folder instead", name));
    const EntryPtr file(zip_fopen_index(archive_.get(), at, 0));
    if (!file)
      return refused(fmt::format("{} in the archive: {}", name, why(*zip_get_error(archive_.get()))));
    std::array<std::uint8_t, 16384> block;
    for (;;) {
      const zip_int64_t got = zip_fread(file.get(), block.data(), block.size());
      if (got == 0) return {};
      if (got < 0)
        return refused(fmt::format("{} in the archive: {}", name, why(*zip_file_get_error(file.get()))));
      const auto size = static_cast<std::size_t>(got);
      total_ += size;
      if (entry.bytes.size() + size > limits_.entry)
        return refused(
            fmt::format("{} in the archive is larger than {} when unpacked", name, mebibytes(limits_.entry)));
      if (total_ > limits_.total)
        return refused(fmt::format("the archive is larger than {} when unpacked", mebibytes(limits_.total)));
      entry.bytes.insert(entry.bytes.end(), block.data(), block.data() + size);
    }
  }

  ArchivePtr archive_;
  const ArchiveLimits& limits_;
  std::size_t total_ = 0;
};

}  // namespace

bool looks_like_archive(ByteView content) {
  const std::string_view text = text_of(content);
  return text.starts_with("PK\x03\x04") || text.starts_with("PK\x05\x06");
}

Result<std::vector<ArchiveEntry>> read_archive(ByteView content, const ArchiveLimits& limits) {
  if (content.size() > limits.archive)
    return refused(fmt::format("the archive is larger than {}", mebibytes(limits.archive)));
  // libzip takes nothing for an archive of nothing.
  if (content.empty()) return refused("the archive is empty");
  zip_error_t error;
  zip_error_init(&error);
  const std::unique_ptr<zip_error_t, FreeWith<zip_error_fini>> finish(&error);
  zip_source_t* source = zip_source_buffer_create(content.data(), content.size(), 0, &error);
  if (!source) return refused("the archive: " + why(error));
  ArchivePtr archive(zip_open_from_source(source, ZIP_RDONLY, &error));
  if (!archive) {
    zip_source_free(source);
    return refused("the archive cannot be read: " + why(error));
  }
  return Reader(std::move(archive), limits).read();
}

}  // namespace chaintier
