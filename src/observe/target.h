// What the user asked to look at. A Target that exists is valid; text is parsed here and nowhere else.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "src/base/address.h"
#include "src/base/result.h"

namespace chaintier {

// How TLS is begun on the port. The first five start with TLS at once.
enum class Protocol { tls, imaps, smtps, pop3s, ldaps, smtp, imap, pop3, ftp, ldap, postgres, mysql, xmpp };

std::string_view id(Protocol protocol);  // "tls", "smtp" ...
bool uses_starttls(Protocol protocol);
std::uint16_t default_port(Protocol protocol);

struct Target {
  std::string text;        // as it was written, without tag and comment
  std::string host;        // A-label name, or the address in text form; goes into SNI and the name check
  std::string shown_host;  // U-label form of `host`
  std::optional<IpAddress> host_address;  // set when the target is an address: no SNI, IP name check
  std::optional<IpAddress> connect_to;    // `name@address`: connect there, do not look the name up
  std::uint16_t port = 443;
  Protocol protocol = Protocol::tls;
  std::string tag;  // from a targets file; may be empty; "a;b" for a target listed with several

  friend bool operator==(const Target&, const Target&) = default;
};

// host, host:port, [v6]:port, https://host/path, smtp://host ..., name@address[:port], name@[v6][:port].
// The error says what is wrong with which text and how it should look.
Result<Target> parse_target(std::string_view text);

// A line of a targets file that could not be read; it counts as a target that could not be judged.
struct BadTarget {
  std::string text;
  std::size_t line = 0;  // 1 for the first line; 0 when it came from the command line
  Error error;
  std::string tag{};  // as for a target
};

struct TargetList {
  std::vector<Target> good;  // in file order, each (host, port, protocol, connect_to) once
  std::vector<BadTarget> bad;
  std::size_t duplicates = 0;
  std::unordered_map<std::string, std::size_t> known;  // where in `good` each is; add_target keeps it
};

// A targets file: one target a line, "#" comments, an optional ",tag"; CRLF and a byte order mark do no harm.
// A file that is no text as a whole, UTF-16 for one, is a single bad target.
TargetList parse_targets_file(std::string_view content);

// Adds one target, or counts it as a duplicate, whose tag is not lost.
void add_target(TargetList& list, Target target);

}  // namespace chaintier
