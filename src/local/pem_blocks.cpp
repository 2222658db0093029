#include "src/local/pem_blocks.h"

#include <algorithm>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "src/base/text.h"

namespace chaintier {

namespace {

constexpr std::string_view begin_mark = "-----BEGIN ";
constexpr std::string_view end_mark = "-----END ";
constexpr std::string_view dashes = "-----";
constexpr std::size_t most_blocks = 10'000;

std::int64_t line_of(std::string_view text, std::size_t position) {
  return 1 + std::ranges::count(text.substr(0, position), '\n');
}

bool is_base64(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/' ||
         c == '=';
}
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// What people's programs put into base64, by the words "character.<id>".
std::string character_id(std::string_view text) {
  if (static_cast<unsigned char>(text.front()) < 0x80) return text.front() < 0x20 ? "control" : "other";
  for (const auto& [octets, id] : {std::pair<std::string_view, std::string_view>{"\xE2\x80\x98", "quote"},
                                   {"\xE2\x80\x99", "quote"},
                                   {"\xE2\x80\x9C", "quote"},
                                   {"\xE2\x80\x9D", "quote"},
                                   {"\xE2\x80\x93", "dash"},
                                   {"\xE2\x80\x94", "dash"},
                                   {"\xE2\x80\x8B", "invisible"},
                                   {"\xEF\xBB\xBF", "invisible"},
                                   {"\xC2\xA0", "space"},
                                   {"\xE3\x80\x80", "space"}})
    if (text.starts_with(octets)) return std::string(id);
  if (text.starts_with("\xEF\xBC") || text.starts_with("\xEF\xBD")) return "full_width";
  return "not_ascii";
}

Reason damaged(std::string_view id, std::int64_t line) { return {std::string(id), {{"line", line}}}; }

// `offset` is where `body` stands in `file`, for the line number.
Secret decode(std::string_view file, std::size_t offset, std::string_view body,
              std::optional<Reason>& damage) {
  Secret clean(body.size());
  std::size_t used = 0, padding = 0, padding_at = 0;
  for (std::size_t i = 0; i < body.size(); ++i) {
    const char c = body[i];
    if (is_blank(c)) continue;
    if (!is_base64(c)) {
      damage = damaged("base64_character", line_of(file, offset + i));
      damage->facts.emplace("character", character_id(body.substr(i)));
      return {};
    }
    if (c == '=') {
      ++padding;
      padding_at = offset + i;
    } else if (padding > 0) {  // the decoder would take it for zeros
      damage = damaged("base64_padding", line_of(file, padding_at));
      return {};
    }
    clean.data()[used++] = static_cast<std::uint8_t>(c);
  }
  if (padding > 2) {
    damage = damaged("base64_padding", line_of(file, padding_at));
    return {};
  }
  if (used == 0 || used % 4 != 0) {
    damage = damaged(used == 0 ? "block_empty" : "base64_cut", line_of(file, offset));
    return {};
  }
  Secret bytes(used / 4 * 3);
  const int size = EVP_DecodeBlock(bytes.data(), clean.data(), static_cast<int>(used));
  if (size < 0) {
    damage = damaged("base64_cut", line_of(file, offset));
    return {};
  }
  bytes.shrink(static_cast<std::size_t>(size) - padding);
  return bytes;
}

// RFC 1421 headers ("Proc-Type: 4,ENCRYPTED") and OpenSSL's bag attributes stand before an empty line.
std::size_t headers_in(std::string_view body) {
  const std::size_t first = body.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return 0;
  const std::size_t end = body.find('\n', first);
  const std::string_view line = body.substr(first, end == std::string_view::npos ? end : end - first);
  if (line.find(':') == std::string_view::npos) return 0;
  for (std::size_t at = first; at < body.size();) {
    const std::size_t feed = body.find('\n', at);
    if (feed == std::string_view::npos) return body.size();
    if (trimmed(body.substr(at, feed - at)).empty()) return feed + 1;
    at = feed + 1;
  }
  return body.size();
}

PemBlock read_block(std::string_view file, std::size_t begin, std::string_view label, std::size_t body_at,
                    std::size_t end) {
  PemBlock block;
  block.label = std::string(label);
  block.line = static_cast<std::size_t>(line_of(file, begin));
  const std::string_view body = file.substr(body_at, end - body_at);
  const std::size_t headers = headers_in(body);
  if (body.substr(0, headers).find("4,ENCRYPTED") != std::string_view::npos) {
    block.locked = true;
    const std::size_t tail = file.find('\n', end);
    block.text =
        Secret(bytes_of(file.substr(begin, tail == std::string_view::npos ? tail : tail + 1 - begin)));
    // Looked at for damage all the same.
    (void)decode(file, body_at + headers, body.substr(headers), block.damage);
    return block;
  }
  block.der = decode(file, body_at + headers, body.substr(headers), block.damage);
  return block;
}

// "–––––BEGIN CERTIFICATE", "----BEGIN CERTIFICATE-----": nobody reads that.
bool spoilt_begin(std::string_view line) {
  const std::size_t at = line.find("BEGIN ");
  if (at == std::string_view::npos) return false;
  const std::string_view before = line.substr(0, at), behind = line.substr(at + 6);
  const bool known = behind.starts_with("CERTIFICATE") || behind.starts_with("NEW CERTIFICATE") ||
                     behind.find("PRIVATE KEY") != std::string_view::npos || behind.starts_with("PKCS7");
  const bool dashed = before.find('-') != std::string_view::npos ||
                      before.find("\xE2\x80\x93") != std::string_view::npos ||
                      before.find("\xE2\x80\x94") != std::string_view::npos;
  return known && dashed;
}

void find_spoilt(std::string_view text, std::vector<PemBlock>& blocks) {
  std::size_t number = 0;
  for (const std::string_view line : split(text, '\n')) {
    ++number;
    if (line.find(begin_mark) != std::string_view::npos || !spoilt_begin(line)) continue;
    PemBlock block;
    block.line = number;
    block.damage = damaged("header_damaged", static_cast<std::int64_t>(number));
    blocks.push_back(std::move(block));
    if (blocks.size() >= most_blocks) return;
  }
}

}  // namespace

Secret plain_text(ByteView content) {
  const auto begins = [&](std::uint8_t first, std::uint8_t second) {
    return content.size() >= 2 && content[0] == first && content[1] == second;
  };
  const bool marked = begins(0xff, 0xfe) || begins(0xfe, 0xff);
  // PEM begins with hyphens: in UTF-16 without a mark each has a zero beside it.
  const bool little = begins(0xff, 0xfe) || begins('-', 0);
  const bool big = begins(0xfe, 0xff) || begins(0, '-');
  if (!little && !big) {
    if (text_of(content).starts_with("\xEF\xBB\xBF")) content = content.subspan(3);
    return Secret(content);
  }
  Secret text(content.size() * 2);
  std::size_t used = 0;
  const auto put = [&](unsigned octet) { text.data()[used++] = static_cast<std::uint8_t>(octet); };
  for (std::size_t i = marked ? 2 : 0; i + 1 < content.size(); i += 2) {
    const unsigned unit = static_cast<unsigned>(content[little ? i : i + 1]) |
                          static_cast<unsigned>(content[little ? i + 1 : i]) << 8;
    if (unit < 0x80) {
      put(unit);
    } else if (unit < 0x800) {
      put(0xc0 | unit >> 6);
      put(0x80 | (unit & 0x3f));
    } else {  // surrogates too: nothing that PEM knows, and only named as damage
      put(0xe0 | unit >> 12);
      put(0x80 | (unit >> 6 & 0x3f));
      put(0x80 | (unit & 0x3f));
    }
  }
  text.shrink(used);
  return text;
}

std::optional<Secret> bare_base64(std::string_view text) {
  if (text.size() < 64 || !std::ranges::all_of(text, [](char c) { return is_base64(c) || is_blank(c); }))
    return std::nullopt;
  std::optional<Reason> damage;
  Secret der = decode(text, 0, text, damage);
  if (damage) return std::nullopt;
  return der;
}

std::vector<PemBlock> pem_blocks(std::string_view text) {
  std::vector<PemBlock> blocks;
  std::size_t at = 0;
  while (blocks.size() < most_blocks && (at = text.find(begin_mark, at)) != std::string_view::npos) {
    const std::size_t label_at = at + begin_mark.size();
    const std::size_t label_end = text.find(dashes, label_at);
    const auto broken = [&](std::string_view id, std::string_view label) {
      PemBlock block;
      block.label = std::string(label);
      block.line = static_cast<std::size_t>(line_of(text, at));
      block.damage = damaged(id, static_cast<std::int64_t>(block.line));
      blocks.push_back(std::move(block));
    };
    if (label_end == std::string_view::npos ||
        text.substr(label_at, label_end - label_at).find('\n') != std::string_view::npos) {
      broken("header_damaged", {});
      at = label_at;
      continue;
    }
    const std::string_view label = text.substr(label_at, label_end - label_at);
    const std::size_t body_at = label_end + dashes.size();
    const std::size_t end = text.find(end_mark, body_at);
    const std::size_t next = text.find(begin_mark, body_at);
    if (end == std::string_view::npos || next < end) {
      broken("no_end", label);
      at = body_at;
      continue;
    }
    blocks.push_back(read_block(text, at, label, body_at, end));
    at = end + end_mark.size();
  }
  find_spoilt(text, blocks);
  std::ranges::stable_sort(blocks, {}, &PemBlock::line);
  return blocks;
}

}  // namespace chaintier
