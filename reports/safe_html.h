// HTML that cannot be made of raw text: only literals of our own sources and escaped text become SafeHtml.
#pragma once

#include <concepts>
#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>

namespace chaintier {

// A string literal. The constructor runs at compile time only, so nothing that is read at run time gets in.
class Markup {
 public:
  template <std::size_t N>
  consteval Markup(const char (&literal)[N]) : text_(literal, N - 1) {}  // NOLINT: implicit on purpose
  std::string_view view() const { return text_; }

 private:
  std::string_view text_;
};

class SafeHtml {
 public:
  SafeHtml() = default;
  SafeHtml(Markup literal) : html_(literal.view()) {}  // NOLINT: implicit on purpose

  // Text of anybody, for element content and for attribute values in double quotes. Control characters and
  // bidirectional overrides are shown as \u{..}.
  static SafeHtml text(std::string_view raw);
  // A file of data/page, which is ours as the literals are.
  static SafeHtml page_file(std::string_view path);

  SafeHtml& operator<<(const SafeHtml& other) {
    html_ += other.html_;
    return *this;
  }
  SafeHtml& operator<<(Markup literal) {
    html_ += literal.view();
    return *this;
  }
  template <std::integral Number>
  requires(!std::same_as<Number, char> && !std::same_as<Number, bool>) SafeHtml& operator<<(Number number) {
    html_ += std::to_string(number);
    return *this;
  }

  bool empty() const { return html_.empty(); }
  std::size_t size() const { return html_.size(); }  // octets
  friend std::ostream& operator<<(std::ostream& out, const SafeHtml& html) { return out << html.html_; }

 private:
  std::string html_;
};

inline SafeHtml text(std::string_view raw) { return SafeHtml::text(raw); }
// A name or a value of a stranger inside a sentence of ours: its direction does not leak (HTML 4.5.24).
SafeHtml bdi(std::string_view raw);

}  // namespace chaintier
