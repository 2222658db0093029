#include "src/base/text.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include <fmt/format.h>
#include <unilbrk.h>
#include <unistr.h>
#include <uniwidth.h>

namespace chaintier {

namespace {

constexpr char32_t replacement = 0xFFFD;

struct Character {
  char32_t code = 0;
  std::size_t length = 0;  // octets it stood in
  bool well_formed = true;
};

// The character at `at`; an octet that begins no well-formed sequence is one replacement character.
Character character_at(std::string_view text, std::size_t at) {
  ucs4_t code = 0;
  const auto* start = reinterpret_cast<const std::uint8_t*>(text.data()) + at;
  const int length = u8_mbtoucr(&code, start, text.size() - at);
  if (length < 1) return {replacement, 1, false};
  return {code, static_cast<std::size_t>(length), true};
}

// Moves the cursor, starts a line, or changes the order in which what follows is shown (UAX #9 2).
bool is_unsafe(char32_t code) {
  if (code < 0x20 || (code >= 0x7F && code <= 0x9F)) return true;
  if (code == 0x2028 || code == 0x2029) return true;
  if (code == 0x061C || (code >= 0x200B && code <= 0x200F) || code == 0xFEFF) return true;
  return (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

std::size_t width_of(char32_t code) {
  const int width = uc_width(static_cast<ucs4_t>(code), "UTF-8");
  return width > 0 ? static_cast<std::size_t>(width) : 0;
}

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

}  // namespace

bool is_ascii(std::string_view text) {
  constexpr std::uint64_t top_bits = 0x8080808080808080;
  for (std::uint64_t eight = 0; text.size() >= sizeof eight; text.remove_prefix(sizeof eight)) {
    std::memcpy(&eight, text.data(), sizeof eight);
    if ((eight & top_bits) != 0) return false;
  }
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_utf8(std::string_view raw) {
  return is_ascii(raw) || !u8_check(reinterpret_cast<const std::uint8_t*>(raw.data()), raw.size());
}

std::string valid_utf8(std::string_view raw) {
  if (is_utf8(raw)) return std::string(raw);
  std::string result;
  result.reserve(raw.size() + 8);
  for (std::size_t at = 0; at < raw.size();) {
    const Character c = character_at(raw, at);
    if (c.well_formed)
      result += raw.substr(at, c.length);
    else
      result += "\xEF\xBF\xBD";
    at += c.length;
  }
  return result;
}

std::string printable(std::string_view raw) {
  std::string result;
  result.reserve(raw.size());
  for (std::size_t at = 0; at < raw.size();) {
    const Character c = character_at(raw, at);
    if (!c.well_formed)
      result += "\xEF\xBF\xBD";
    else if (is_unsafe(c.code))
      result += fmt::format("\\u{{{:x}}}", static_cast<std::uint32_t>(c.code));
    else
      result += raw.substr(at, c.length);
    at += c.length;
  }
  return result;
}

std::size_t display_width(std::string_view utf8) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < utf8.size();) {
    const Character c = character_at(utf8, at);
    width += width_of(c.code);
    at += c.length;
  }
  return width;
}

std::string shorten(std::string_view utf8, std::size_t columns) {
  if (columns == 0) return {};
  std::size_t width = 0;
  std::size_t fits = 0;  // octets that leave a column for the ellipsis
  for (std::size_t at = 0; at < utf8.size();) {
    const Character c = character_at(utf8, at);
    width += width_of(c.code);
    at += c.length;
    if (width < columns) fits = at;
    if (width > columns) return std::string(utf8.substr(0, fits)) + "…";
  }
  return std::string(utf8);
}

std::vector<std::string> wrapped(std::string_view utf8, std::size_t columns) {
  columns = std::max<std::size_t>(columns, 2);  // the widest character takes two
  std::string breaks(utf8.size(), '\0');
  u8_possible_linebreaks(reinterpret_cast<const std::uint8_t*>(utf8.data()), utf8.size(), "UTF-8",
                         breaks.data());
  // Options of commands and paths are copied from here: "-out" and "/etc/x.pem" begin and stay together,
  // other than in UAX #14.
  const auto in_token = [&](std::size_t at) {
    return std::string_view("-/.").find(utf8[at - 1]) != std::string_view::npos && utf8[at] > ' ' &&
           utf8[at] < 0x7f;
  };
  const auto begins_token = [&](std::size_t at) {
    return utf8[at - 1] == ' ' && (utf8[at] == '-' || utf8[at] == '/');
  };
  const auto may_break = [&](std::size_t at) {
    if (at == 0 || at >= utf8.size()) return true;
    if (in_token(at)) return false;
    return breaks[at] == UC_BREAK_POSSIBLE || breaks[at] == UC_BREAK_MANDATORY || begins_token(at);
  };
  std::vector<std::string> lines;
  std::string line;  // with the blanks after its last word
  const auto end_line = [&] {
    lines.emplace_back(trimmed(line));
    line.clear();
  };
  for (std::size_t start = 0; start < utf8.size();) {
    std::size_t end = start + character_at(utf8, start).length;
    while (!may_break(end)) end += character_at(utf8, end).length;
    const std::string_view word = utf8.substr(start, end - start);
    if (breaks[start] == UC_BREAK_MANDATORY) end_line();
    // Blanks at the end of a line take no room.
    if (!line.empty() && display_width(line) + display_width(trimmed(word)) > columns) end_line();
    for (std::size_t at = 0; at < word.size();) {
      const Character c = character_at(word, at);
      if (display_width(line) + width_of(c.code) > columns && c.code != ' ') end_line();
      line += word.substr(at, c.length);
      at += c.length;
    }
    start = end;
  }
  end_line();
  return lines;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string lower_ascii(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

}  // namespace chaintier
