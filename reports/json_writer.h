// JSON (RFC 8259) that is only written: each value is its text from the start. Reports are put into words
// once and then left alone; building a tree of values for each of thousands of targets and taking it down
// again took a tenth of the processor time of a scan.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace chaintier {

class JsonObject;
class JsonValue;

// Between the members of an object or array. Before the first one it makes room for as much as most of them
// hold: growing to that step by step takes longer than writing it.
void begin_json_member(std::string& members);

class JsonArray {
 public:
  template <class Range>
  static JsonArray of(const Range& values) {
    JsonArray array;
    for (const auto& value : values) array.push_back(value);
    return array;
  }
  template <class T>
  void push_back(const T& value);
  void push_back(const JsonObject& object);
  void append_to(std::string& out) const;
  std::string text() const;

 private:
  std::string members_;
};

class JsonObject {
 public:
  struct Member;
  class Place;

  JsonObject() = default;
  JsonObject(std::initializer_list<Member> members);
  // Where the member of this name is to be put, once for each name: object["name"] = value.
  [[nodiscard]] Place operator[](std::string_view name);
  void append_to(std::string& out) const;
  void append_members_to(std::string& out) const { out += members_; }  // without the braces
  std::string text() const;

 private:
  std::string members_;
};

// Text of a stranger too: what is not UTF-8 is replaced (8.1).
void append_json(std::string& out, std::string_view text);
inline void append_json(std::string& out, const char* text) { append_json(out, std::string_view(text)); }
inline void append_json(std::string& out, const std::string& text) {
  append_json(out, std::string_view(text));
}
inline void append_json(std::string& out, std::nullptr_t) { out += "null"; }
template <std::same_as<bool> T>
void append_json(std::string& out, T value) {
  out += value ? "true" : "false";
}
template <std::integral T>
requires(!std::same_as<T, bool>) void append_json(std::string& out, T number) {
  out += std::to_string(number);
}
void append_json(std::string& out, double number);
inline void append_json(std::string& out, const JsonArray& array) { array.append_to(out); }
inline void append_json(std::string& out, const JsonObject& object) { object.append_to(out); }
void append_json(std::string& out, const JsonValue& value);
// Nothing is null.
template <class T>
void append_json(std::string& out, const std::optional<T>& value) {
  if (value)
    append_json(out, *value);
  else
    out += "null";
}

// Any value.
class JsonValue {
 public:
  template <class T>
  requires(!std::same_as<T, JsonValue>) JsonValue(const T& value) {  // NOLINT: meant to be implicit
    append_json(text_, value);
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};
inline void append_json(std::string& out, const JsonValue& value) { out += value.text(); }

// What `show` makes of the value, or null.
template <class T, class Show>
JsonValue or_null(const std::optional<T>& value, const Show& show) {
  if (!value) return nullptr;
  return show(*value);
}
// Empty text is null.
inline JsonValue text_or_null(std::string_view text) {
  if (text.empty()) return nullptr;
  return text;
}

struct JsonObject::Member {
  std::string_view name;
  JsonValue value;
};

class JsonObject::Place {
 public:
  template <class T>
  void operator=(const T& value) && {
    append_json(members_, value);
  }

 private:
  friend class JsonObject;
  explicit Place(std::string& members) : members_(members) {}
  std::string& members_;
};

template <class T>
void JsonArray::push_back(const T& value) {
  begin_json_member(members_);
  append_json(members_, value);
}
inline void JsonArray::push_back(const JsonObject& object) { push_back<JsonObject>(object); }

}  // namespace chaintier
