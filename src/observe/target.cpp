#include "src/observe/target.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

#include <fmt/format.h>

#include "src/base/host_name.h"
#include "src/base/text.h"

namespace chaintier {
namespace {

struct Scheme {
  std::string_view name;
  Protocol protocol;
};
constexpr std::array schemes{
    Scheme{"https", Protocol::tls},   Scheme{"tls", Protocol::tls},
    Scheme{"imaps", Protocol::imaps}, Scheme{"smtps", Protocol::smtps},
    Scheme{"pop3s", Protocol::pop3s}, Scheme{"ldaps", Protocol::ldaps},
    Scheme{"smtp", Protocol::smtp},   Scheme{"imap", Protocol::imap},
    Scheme{"pop3", Protocol::pop3},   Scheme{"ftp", Protocol::ftp},
    Scheme{"ldap", Protocol::ldap},   Scheme{"postgres", Protocol::postgres},
    Scheme{"mysql", Protocol::mysql}, Scheme{"xmpp", Protocol::xmpp},
};

constexpr std::string_view how =
    "write example.tw, example.tw:8443, [2001:db8::1]:443 or https://example.tw/";

std::string quoted(std::string_view text) { return fmt::format("\"{}\"", shorten(printable(text), 80)); }

Error bad(std::string what) { return input_error(Stage::usage, std::move(what)); }

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

Result<std::uint16_t> parse_port(std::string_view text, std::string_view whole) {
  std::uint32_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (!all_digits(text) || text.size() > 5 || error != std::errc{} || port == 0 || port > 65535)
    return bad(fmt::format("port {} in {}: a port is a number from 1 to 65535", quoted(text), quoted(whole)));
  return static_cast<std::uint16_t>(port);
}

// A place to go to: a name or an address, and perhaps a port.
struct Place {
  std::string_view host;             // without brackets
  std::optional<IpAddress> address;  // when `host` is one
  std::optional<std::uint16_t> port;
};

Result<IpAddress> parse_bracketed(std::string_view text, std::string_view whole) {
  if (text.find('%') != std::string_view::npos)
    return bad(fmt::format("{}: an address with a zone (%...) cannot be a target; leave the zone out",
                           quoted(whole)));
  const auto address = IpAddress::parse(text);
  if (!address || !address->is_v6())
    return bad(fmt::format("{}: in the brackets must stand an IPv6 address, as in [2001:db8::1]:443",
                           quoted(whole)));
  return *address;
}

Result<Place> parse_place(std::string_view text, std::string_view whole) {
  if (text.empty()) return bad(fmt::format("{}: the host is missing; {}", quoted(whole), how));
  Place place;
  std::string_view port;
  bool has_port = false;
  if (text.front() == '[') {
    const auto close = text.find(']');
    if (close == std::string_view::npos)
      return bad(fmt::format("{}: the \"]\" is missing; {}", quoted(whole), how));
    place.host = text.substr(1, close - 1);
    const auto address = parse_bracketed(place.host, whole);
    if (!address) return address.error();
    place.address = *address;
    const std::string_view rest = text.substr(close + 1);
    if (!rest.empty() && rest.front() != ':')
      return bad(fmt::format("{}: after \"]\" only \":\" and a port may follow", quoted(whole)));
    has_port = !rest.empty();
    if (has_port) port = rest.substr(1);
  } else if (std::ranges::count(text, ':') > 1) {
    // Several colons: the whole is an IPv6 address, since "2001:db8::1:443" is one.
    if (text.find('%') != std::string_view::npos) return parse_bracketed(text, whole).error();
    place.host = text;
    place.address = IpAddress::parse(text);
    if (!place.address)
      return bad(fmt::format("{} is neither an IPv6 address nor a name with a port; {}", quoted(whole), how));
  } else {
    const auto colon = text.find(':');
    place.host = text.substr(0, colon);
    has_port = colon != std::string_view::npos;
    if (has_port) port = text.substr(colon + 1);
    if (place.host.empty()) return bad(fmt::format("{}: the host is missing; {}", quoted(whole), how));
    place.address = IpAddress::parse(place.host);
  }
  if (has_port) {
    const auto number = parse_port(port, whole);
    if (!number) return number.error();
    place.port = *number;
  }
  return place;
}

// Fills host, shown_host and host_address.
Result<void> set_host(Target& target, std::string_view name, std::optional<IpAddress> address) {
  if (!address) {
    const auto ascii = to_ascii_host(name);
    if (!ascii) return ascii.error();
    // RFC 1123 2.1. Such names can be in the DNS, but no CA may put them into a certificate.
    for (const std::string_view label : split(*ascii, '.'))
      if (label.starts_with('-') || label.ends_with('-'))
        return bad(
            fmt::format("{} is not a host name: no part of one begins or ends with a hyphen", quoted(name)));
    // Full-width digits may have become an address only now.
    address = IpAddress::parse(*ascii);
    const auto dot = ascii->rfind('.');
    if (!address && all_digits(std::string_view(*ascii).substr(dot == std::string::npos ? 0 : dot + 1)))
      return bad(fmt::format(
          "{} is not an IPv4 address: four numbers from 0 to 255 are needed, as in 192.0.2.1", quoted(name)));
    target.host = *ascii;
    target.shown_host = to_shown_host(*ascii);
  }
  if (address) {
    target.host_address = address;
    target.host = target.shown_host = address->text();
  }
  return {};
}

Result<void> set_scheme(Target& target, std::string_view scheme, std::string_view whole) {
  const std::string name = lower_ascii(scheme);
  if (name == "http")
    return bad(fmt::format("{}: http has no certificate; write https://{}", quoted(whole),
                           shorten(printable(whole.substr(scheme.size() + 3)), 60)));
  const auto known = std::ranges::find(schemes, name, &Scheme::name);
  if (known != schemes.end()) {
    target.protocol = known->protocol;
    return {};
  }
  std::string names;
  for (const Scheme& each : schemes)
    if (each.name != "tls") names += fmt::format("{}{}", names.empty() ? "" : " ", each.name);
  return bad(fmt::format("{}: \"{}://\" is not known; known are: {}", quoted(whole),
                         shorten(printable(scheme), 30), names));
}

// The part of `text` that names host and port; path, query and fragment of a URL say nothing about TLS.
Result<std::string_view> authority(std::string_view text, bool url, std::string_view whole) {
  const auto end = text.find_first_of("/?#\\");
  if (end == std::string_view::npos) return text;
  const std::string_view before = text.substr(0, end), after = text.substr(end + 1);
  if (!url && text[end] == '/' && all_digits(after) && IpAddress::parse(before))
    return bad(
        fmt::format("{} is a range of addresses; give single addresses, one target each", quoted(whole)));
  return before;
}

std::string key_of(const Target& target) {
  return fmt::format("{}|{}|{}|{}", target.host, target.port, id(target.protocol),
                     target.connect_to ? target.connect_to->text() : "");
}

void add_tag(std::string& tags, const std::string& tag) {
  if (tag.empty()) return;
  for (const std::string_view each : split(tags, ';'))
    if (each == tag) return;
  if (!tags.empty()) tags += ';';
  tags += tag;
}

// UTF-16, or no text at all. A line with a stray NUL octet spoils no other.
bool is_no_text(std::string_view content) {
  if (content.starts_with("\xff\xfe") || content.starts_with("\xfe\xff")) return true;
  const std::string_view first = content.substr(0, 4096);
  return static_cast<std::size_t>(std::ranges::count(first, '\0')) > first.size() / 8;
}

// A "#" begins a comment at the start of the line or after a blank; elsewhere it belongs to a URL.
std::string_view without_comment(std::string_view line) {
  for (std::size_t i = 0; i < line.size(); ++i)
    if (line[i] == '#' && (i == 0 || is_blank(line[i - 1]))) return line.substr(0, i);
  return line;
}

}  // namespace

std::string_view id(Protocol protocol) {
  switch (protocol) {
    case Protocol::tls:
      return "tls";
    case Protocol::imaps:
      return "imaps";
    case Protocol::smtps:
      return "smtps";
    case Protocol::pop3s:
      return "pop3s";
    case Protocol::ldaps:
      return "ldaps";
    case Protocol::smtp:
      return "smtp";
    case Protocol::imap:
      return "imap";
    case Protocol::pop3:
      return "pop3";
    case Protocol::ftp:
      return "ftp";
    case Protocol::ldap:
      return "ldap";
    case Protocol::postgres:
      return "postgres";
    case Protocol::mysql:
      return "mysql";
    case Protocol::xmpp:
      return "xmpp";
  }
  std::abort();
}

bool uses_starttls(Protocol protocol) { return protocol > Protocol::ldaps; }

std::uint16_t default_port(Protocol protocol) {
  switch (protocol) {
    case Protocol::tls:
      return 443;
    case Protocol::imaps:
      return 993;
    case Protocol::smtps:
      return 465;
    case Protocol::pop3s:
      return 995;
    case Protocol::ldaps:
      return 636;
    case Protocol::smtp:
      return 25;
    case Protocol::imap:
      return 143;
    case Protocol::pop3:
      return 110;
    case Protocol::ftp:
      return 21;
    case Protocol::ldap:
      return 389;
    case Protocol::postgres:
      return 5432;
    case Protocol::mysql:
      return 3306;
    case Protocol::xmpp:
      return 5222;
  }
  std::abort();
}

Result<Target> parse_target(std::string_view text) {
  const std::string_view whole = trimmed(text);
  if (whole.empty()) return bad(fmt::format("an empty target; {}", how));
  if (valid_utf8(whole) != whole)
    return bad(fmt::format("{} is not UTF-8 text; save it as UTF-8", quoted(whole)));
  if (whole.find('\0') != std::string_view::npos)
    return bad(fmt::format("{}: a target holds no NUL octet; {}", quoted(whole), how));
  if (std::ranges::any_of(whole, [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7f; }))
    return bad(fmt::format("{}: a target holds no blanks; {}", quoted(whole), how));

  if (whole == "-")
    return bad("\"-\" is not a target: to read a list from standard input, write --targets -");

  Target target;
  target.text = whole;
  std::string_view rest = whole;
  const auto colons = whole.find("://");
  const bool url = colons != std::string_view::npos;
  if (url) {
    if (const auto known = set_scheme(target, whole.substr(0, colons), whole); !known) return known.error();
    rest = whole.substr(colons + 3);
  }
  const auto place_text = authority(rest, url, whole);
  if (!place_text) return place_text.error();

  const auto at = place_text->rfind('@');
  const auto place =
      parse_place(at == std::string_view::npos ? *place_text : place_text->substr(at + 1), whole);
  if (!place) return place.error();
  target.port = place->port.value_or(default_port(target.protocol));
  if (at == std::string_view::npos) {
    if (const auto set = set_host(target, place->host, place->address); !set) return set.error();
    return target;
  }

  const std::string_view name = place_text->substr(0, at);
  if (!place->address)
    return bad(fmt::format("{}: after \"@\" must stand an IP address, as in example.tw@192.0.2.1:443",
                           quoted(whole)));
  if (name.empty())
    return bad(
        fmt::format("{}: before \"@\" must stand a name, as in example.tw@192.0.2.1:443", quoted(whole)));
  target.connect_to = place->address;
  if (const auto set = set_host(target, name, IpAddress::parse(name)); !set) return set.error();
  return target;
}

void add_target(TargetList& list, Target target) {
  const auto [known, fresh] = list.known.emplace(key_of(target), list.good.size());
  if (fresh) {
    list.good.push_back(std::move(target));
    return;
  }
  ++list.duplicates;
  add_tag(list.good[known->second].tag, target.tag);
}

TargetList parse_targets_file(std::string_view content) {
  TargetList list;
  if (is_no_text(content)) {
    list.bad.push_back(
        {"", 1, input_error(Stage::parse, "the targets file is UTF-16 or binary; save it as UTF-8 text")});
    return list;
  }
  if (content.starts_with("\xef\xbb\xbf")) content.remove_prefix(3);

  // Lines of old Mac programs end with a carriage return alone.
  const char line_end = content.find('\n') == std::string_view::npos ? '\r' : '\n';
  std::size_t number = 0;
  for (const std::string_view raw : split(content, line_end)) {
    ++number;
    const std::string_view line = trimmed(without_comment(raw));
    if (line.empty()) continue;
    const auto comma = line.find(',');
    const std::string_view text = trimmed(line.substr(0, comma));
    auto target = parse_target(text);
    std::string tag;
    if (comma != std::string_view::npos) tag = valid_utf8(trimmed(line.substr(comma + 1)));
    if (target && tag.find('\0') != std::string::npos)
      target = bad(fmt::format("{}: its tag {} holds a NUL octet", quoted(text), quoted(tag)));
    if (!target) {
      list.bad.push_back({valid_utf8(text), number, target.error(), std::move(tag)});
      continue;
    }
    target->tag = std::move(tag);
    add_target(list, std::move(*target));
  }
  return list;
}

}  // namespace chaintier
