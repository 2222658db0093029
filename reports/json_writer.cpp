#include "reports/json_writer.h"

#include <array>
#include <bit>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <cstring>

#include "src/base/text.h"

namespace chaintier {

namespace {

// RFC 8259 7: what must be escaped.
bool is_plain(char c) { return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\'; }

using Eight = std::array<char, 8>;

// The same for eight octets at once: taking n from an octet below 0x80 reaches its top bit only when it is
// below n, and only then does the subtraction borrow from the next.
bool are_plain(const Eight& octets) {
  constexpr std::uint64_t each = 0x0101010101010101;
  const auto word = std::bit_cast<std::uint64_t>(octets);
  const auto any_below = [](std::uint64_t of, std::uint64_t n) { return (of - each * n) & ~of; };
  const std::uint64_t found =
      any_below(word, 0x20) | any_below(word ^ each * '"', 1) | any_below(word ^ each * '\\', 1);
  return (found & each * 0x80) == 0;
}

void append_escaped(std::string& out, char c) {
  constexpr char digits[] = "0123456789abcdef";
  out += '\\';
  switch (c) {
    case '"':
    case '\\':
      out += c;
      break;
    case '\b':
      out += 'b';
      break;
    case '\f':
      out += 'f';
      break;
    case '\n':
      out += 'n';
      break;
    case '\r':
      out += 'r';
      break;
    case '\t':
      out += 't';
      break;
    default:
      out += "u00";
      out += digits[static_cast<unsigned char>(c) >> 4];
      out += digits[static_cast<unsigned char>(c) & 15];
  }
}

// How many octets at the start need no escape.
std::size_t plain_run(std::string_view text) {
  std::size_t at = 0;
  for (Eight octets; at + octets.size() <= text.size(); at += octets.size()) {
    std::memcpy(octets.data(), text.data() + at, octets.size());
    if (!are_plain(octets)) break;
  }
  while (at < text.size() && is_plain(text[at])) ++at;
  return at;
}

// In one step, since `out` looks at its room at each: nearly all texts are short and plain.
void append_plain(std::string& out, std::string_view text) {
  const std::size_t at = out.size();
  out.resize(at + text.size() + 2, '"');
  text.copy(out.data() + at + 1, text.size());
}

void append_quoted(std::string& out, std::string_view utf8) {
  std::size_t run = plain_run(utf8);
  if (run == utf8.size()) return append_plain(out, utf8);
  out += '"';
  while (run < utf8.size()) {
    out += utf8.substr(0, run);
    append_escaped(out, utf8[run]);
    utf8.remove_prefix(run + 1);
    run = plain_run(utf8);
  }
  out += utf8;
  out += '"';
}

void append_enclosed(std::string& out, char begin, std::string_view members, char end) {
  out += begin;
  out += members;
  out += end;
}

}  // namespace

void begin_json_member(std::string& members) {
  constexpr std::size_t usual_size = 224;
  if (members.empty())
    members.reserve(usual_size);
  else
    members += ',';
}

void append_json(std::string& out, std::string_view text) {
  if (is_utf8(text))
    append_quoted(out, text);
  else
    append_quoted(out, valid_utf8(text));
}

void append_json(std::string& out, double number) {
  out += boost::json::serialize(boost::json::value(number));
}

void JsonArray::append_to(std::string& out) const { append_enclosed(out, '[', members_, ']'); }

std::string JsonArray::text() const {
  std::string out;
  append_to(out);
  return out;
}

JsonObject::JsonObject(std::initializer_list<Member> members) {
  for (const Member& member : members) (*this)[member.name] = member.value;
}

JsonObject::Place JsonObject::operator[](std::string_view name) {
  begin_json_member(members_);
  append_json(members_, name);
  members_ += ':';
  return Place(members_);
}

void JsonObject::append_to(std::string& out) const { append_enclosed(out, '{', members_, '}'); }

std::string JsonObject::text() const {
  std::string out;
  append_to(out);
  return out;
}

}  // namespace chaintier
