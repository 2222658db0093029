// The part of internal_names.h that finds addresses and domains in other spellings.
#include <algorithm>
#include <array>

#include "src/base/text.h"
#include "src/report/internal_names.h"

namespace chaintier {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_label_octet(char c) { return is_digit(c) || is_letter(c) || c == '-' || c == '_'; }

// Four numbers with `separator` between them, and no further one before or behind: the first such series that
// is an internal address. Net 0 is none that anybody writes into a name.
std::string_view series_in(std::string_view text, char separator) {
  std::size_t after_word = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (!is_digit(text[at])) {
      ++at;
      continue;
    }
    std::size_t end = at, numbers = 0;
    std::array<std::uint8_t, 4> octets{};
    bool fits = at < 2 || text[at - 1] != separator || !is_digit(text[at - 2]) || at == after_word;
    for (;;) {
      int value = 0;
      std::size_t digits = 0;
      for (; end < text.size() && is_digit(text[end]); ++end)
        if (++digits <= 3) value = value * 10 + (text[end] - '0');
      if (digits == 0 || digits > 3 || value > 255) fits = false;
      if (numbers < octets.size()) octets[numbers] = static_cast<std::uint8_t>(value);
      ++numbers;
      if (end + 1 >= text.size() || text[end] != separator || !is_digit(text[end + 1])) break;
      ++end;
    }
    // "host10.10.1.2.3": the number of a host, and then an address.
    if (numbers == 5 && at > 0 && is_letter(text[at - 1])) {
      while (is_digit(text[at])) ++at;
      after_word = ++at;
      continue;
    }
    if (fits && numbers == 4 && octets[0] != 0)
      if (const auto address = IpAddress::from_octets(octets); address && is_internal(*address))
        return text.substr(at, end - at);
    at = end;
  }
  return {};
}

// Labels before the ending, the last one first.
std::vector<std::string_view> reversed_labels(std::string_view name, std::string_view ending) {
  std::vector<std::string_view> labels;
  name.remove_suffix(std::min(name.size(), ending.size() + 1));
  while (!name.empty()) {
    const std::size_t dot = name.rfind('.');
    labels.push_back(dot == std::string_view::npos ? name : name.substr(dot + 1));
    name = dot == std::string_view::npos ? std::string_view() : name.substr(0, dot);
  }
  return labels;
}

bool is_internal_reverse(std::string_view name) {
  if (ends_in(name, "in-addr.arpa")) {
    // A zone has fewer labels than an address; its first address stands for it.
    std::string dotted;
    const auto labels = reversed_labels(name, "in-addr.arpa");
    for (std::size_t i = 0; i < 4; ++i)
      dotted += std::string(i ? "." : "") + (i < labels.size() ? std::string(labels[i]) : "0");
    const auto address = IpAddress::parse(dotted);
    return !labels.empty() && address && is_internal(*address);
  }
  if (!ends_in(name, "ip6.arpa")) return false;
  const auto labels = reversed_labels(name, "ip6.arpa");
  Bytes octets(16, 0);
  for (std::size_t i = 0; i < std::min<std::size_t>(labels.size(), 32); ++i) {
    const auto digit = std::string_view("0123456789abcdef").find(labels[i]);
    if (labels[i].size() != 1 || digit == std::string_view::npos) return false;
    octets[i / 2] = static_cast<std::uint8_t>(octets[i / 2] | (i % 2 ? digit : digit << 4));
  }
  const auto address = IpAddress::from_octets(octets);
  return !labels.empty() && address && is_internal(*address);
}

}  // namespace

std::string_view internal_v4_in(std::string_view run) { return series_in(run, '.'); }

bool spells_internal_address(std::string_view raw) {
  const std::string name = normal_name(raw);
  if (name.ends_with(".arpa")) return is_internal_reverse(name);
  return name.find('.') != std::string::npos && !series_in(name, '-').empty();
}

std::string internal_domain(const std::vector<std::string>& components) {
  if (components.empty()) return {};
  std::string forward, backward;
  for (const std::string& component : components) {
    const std::string label = lower_ascii(component);
    forward += (forward.empty() ? "" : ".") + label;
    backward = label + (backward.empty() ? "" : ".") + backward;
  }
  if (!is_internal_name(forward) || !is_internal_name(backward)) return {};
  if (ends_in(forward, "redacted.invalid")) return {};
  // Names end in their top-level domain, and those in use inside are short words rather than names of
  // companies.
  for (const std::string_view top :
       {"local", "internal", "corp", "lan", "intranet", "private", "home", "test"}) {
    if (ends_in(forward, top)) return forward;
    if (ends_in(backward, top)) return backward;
  }
  return forward;
}

std::optional<DomainComponents> internal_components(std::string_view text) {
  const auto begins = [&](std::size_t at) {
    return at + 3 < text.size() && (text[at] == 'D' || text[at] == 'd') &&
           (text[at + 1] == 'C' || text[at + 1] == 'c') && text[at + 2] == '=' &&
           is_label_octet(text[at + 3]);
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!begins(at) || (at > 0 && is_label_octet(text[at - 1]))) continue;
    std::vector<std::string> components;
    std::size_t end = at;
    for (std::size_t next = at; begins(next);) {
      std::size_t last = next + 3;
      while (last < text.size() && (is_label_octet(text[last]) || text[last] == '.')) ++last;
      components.emplace_back(text.substr(next + 3, last - next - 3));
      end = last;
      // "DC=a,DC=b", "DC=a, DC=b", "/DC=a/DC=b", "DC=a%2CDC=b"
      next = last;
      if (text.substr(next).starts_with("%2C") || text.substr(next).starts_with("%2c"))
        next += 3;
      else if (next < text.size() && (text[next] == ',' || text[next] == '/' || text[next] == '+'))
        ++next;
      else
        break;
      while (next < text.size() && text[next] == ' ') ++next;
    }
    if (std::string domain = internal_domain(components); !domain.empty())
      return DomainComponents{text.substr(at, end - at), std::move(domain)};
    at = end - 1;
  }
  return std::nullopt;
}

}  // namespace chaintier
