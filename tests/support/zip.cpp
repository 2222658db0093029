#include "tests/support/zip.h"

#include <stdexcept>

#include <zip.h>

namespace chaintier {

namespace {

std::uint32_t crc32_of(ByteView content) {
  std::uint32_t crc = 0xffffffff;
  for (const std::uint8_t octet : content) {
    crc ^= octet;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) ? 0xedb88320u : 0u);
  }
  return ~crc;
}

void put(Bytes& out, std::uint64_t value, int octets) {
  for (int i = 0; i < octets; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void put(Bytes& out, std::string_view text) {
  const ByteView bytes = bytes_of(text);
  out.insert(out.end(), bytes.begin(), bytes.end());
}

// What local header and directory entry have in common (APPNOTE 4.3.7, 4.3.12).
void put_description(Bytes& out, const ZipFile& file) {
  put(out, 20, 2);
  put(out, file.flags, 2);
  put(out, file.method, 2);
  put(out, 0x5000'0000u, 4);
  put(out, crc32_of(file.content) ^ file.crc_error, 4);
  put(out, file.content.size(), 4);
  put(out, file.content.size(), 4);
  put(out, file.name.size(), 2);
  put(out, 0, 2);
}

}  // namespace

Bytes zip_of(const std::vector<ZipFile>& files) {
  Bytes out, directory;
  for (const ZipFile& file : files) {
    put(directory, "PK\x01\x02");
    put(directory, 20, 2);
    put_description(directory, file);
    put(directory, 0, 6);
    put(directory, 0, 4);
    put(directory, out.size(), 4);
    put(directory, file.name);
    put(out, "PK\x03\x04");
    put_description(out, file);
    put(out, file.name);
    out.insert(out.end(), file.content.begin(), file.content.end());
  }
  const std::size_t start = out.size();
  out.insert(out.end(), directory.begin(), directory.end());
  put(out, "PK\x05\x06");
  put(out, 0, 4);
  put(out, files.size(), 2);
  put(out, files.size(), 2);
  put(out, directory.size(), 4);
  put(out, start, 4);
  put(out, 0, 2);
  return out;
}

Bytes zip_bomb(const std::string& name, std::size_t octets) {
  const Bytes content(octets);
  zip_error_t error;
  zip_source_t* memory = zip_source_buffer_create(nullptr, 0, 0, &error);
  zip_source_keep(memory);
  zip_t* archive = zip_open_from_source(memory, ZIP_TRUNCATE, &error);
  if (!archive) throw std::runtime_error("no archive in memory");
  zip_file_add(archive, name.c_str(), zip_source_buffer(archive, content.data(), content.size(), 0), 0);
  if (zip_close(archive) != 0) throw std::runtime_error("the archive cannot be written");
  zip_source_open(memory);
  zip_source_seek(memory, 0, SEEK_END);
  Bytes out(static_cast<std::size_t>(zip_source_tell(memory)));
  zip_source_seek(memory, 0, SEEK_SET);
  zip_source_read(memory, out.data(), out.size());
  zip_source_close(memory);
  zip_source_free(memory);
  return out;
}

}  // namespace chaintier
