#include "src/base/host_name.h"

#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <idn2.h>

#include "src/base/text.h"

namespace chaintier {
namespace {

constexpr std::size_t longest_name = 253;  // RFC 1035 2.3.4: 255 octets on the wire
constexpr std::size_t longest_label = 63;

struct FreeIdn {
  void operator()(char* text) const noexcept { idn2_free(text); }
};
using IdnText = std::unique_ptr<char, FreeIdn>;

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

Error bad_name(std::string_view name, std::string_view what) {
  return input_error(Stage::usage,
                     fmt::format("\"{}\" is not a host name: {}", shorten(printable(name), 80), what));
}

// UTS #46 mapping (full-width dots and letters included), then the A-label of each label.
Result<std::string> mapped(std::string_view name) {
  char* raw = nullptr;
  const std::string text(name);
  const int status = idn2_to_ascii_8z(text.c_str(), &raw, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  const IdnText owner(raw);
  if (status != IDN2_OK) return bad_name(name, idn2_strerror(status));
  return std::string(owner.get());
}

}  // namespace

Result<std::string> to_ascii_host(std::string_view name) {
  if (name.find('\0') != std::string_view::npos) return bad_name(name, "it holds a NUL character");
  std::string host;
  if (is_ascii(name)) {
    // Not through libidn2: it refuses names such as "r3---sn.example.com" that resolve all the same.
    host = lower_ascii(name);
  } else {
    auto ascii = mapped(name);
    if (!ascii) return ascii.error();
    host = lower_ascii(*ascii);
  }
  if (host.ends_with('.')) host.pop_back();
  if (host.empty()) return bad_name(name, "it is empty");
  if (host.size() > longest_name)
    return bad_name(name, fmt::format("it has {} characters, {} are allowed", host.size(), longest_name));
  for (const std::string_view label : split(host, '.')) {
    if (label.empty()) return bad_name(name, "two dots stand side by side, or one stands at the start");
    if (label.size() > longest_label)
      return bad_name(name, fmt::format("the part \"{}\" has {} characters, {} are allowed",
                                        shorten(label, 24), label.size(), longest_label));
    const auto odd = std::ranges::find_if_not(label, is_host_character);
    if (odd != label.end()) {
      if (*odd == '*')
        return bad_name(name, "write one name that the wildcard stands for, as www.example.com");
      return bad_name(name, fmt::format("\"{}\" does not occur in host names", printable({&*odd, 1})));
    }
  }
  return host;
}

std::string to_shown_host(std::string_view ascii_name) {
  const std::string text(ascii_name);
  char* raw = nullptr;
  const int status = idn2_to_unicode_8z8z(text.c_str(), &raw, IDN2_NONTRANSITIONAL);
  const IdnText owner(raw);
  if (status != IDN2_OK) return text;
  const std::string shown(owner.get());
  const auto back = to_ascii_host(shown);
  return back && *back == text ? shown : text;
}

}  // namespace chaintier
