#include "reports/json_writer.h"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "src/base/text.h"

namespace chaintier {

namespace {

// RFC 8259 7: what must be escaped.
bool is_plain(char c) { return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\'; }

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

void append_quoted(std::string& out, std::string_view utf8) {
  out += '"';
  std::size_t from = 0;
  for (std::size_t at = 0; at < utf8.size(); ++at) {
    if (is_plain(utf8[at])) continue;
    out += utf8.substr(from, at - from);
    append_escaped(out, utf8[at]);
    from = at + 1;
  }
  out += utf8.substr(from);
  out += '"';
}

}  // namespace

void append_json(std::string& out, std::string_view text) {
  if (is_utf8(text))
    append_quoted(out, text);
  else
    append_quoted(out, valid_utf8(text));
}

void append_json(std::string& out, double number) {
  out += boost::json::serialize(boost::json::value(number));
}

void JsonArray::append_to(std::string& out) const {
  out += '[';
  out += members_;
  out += ']';
}

std::string JsonArray::text() const {
  std::string out;
  append_to(out);
  return out;
}

JsonObject::JsonObject(std::initializer_list<Member> members) {
  for (const Member& member : members) (*this)[member.name] = member.value;
}

JsonObject::Place JsonObject::operator[](std::string_view name) {
  if (!members_.empty()) members_ += ',';
  append_json(members_, name);
  members_ += ':';
  return Place(members_);
}

void JsonObject::append_to(std::string& out) const {
  out += '{';
  out += members_;
  out += '}';
}

std::string JsonObject::text() const {
  std::string out;
  append_to(out);
  return out;
}

}  // namespace chaintier
