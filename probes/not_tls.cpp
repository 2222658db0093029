#include "probes/not_tls.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "src/base/text.h"

namespace chaintier {

bool may_be_tls(ByteView first) {
  // ContentType is 20 to 24, then comes 3 as the major version.
  if (!first.empty() && (first[0] < 20 || first[0] > 24)) return false;
  return first.size() < 2 || first[1] == 3;
}

std::optional<Speaker> speaker_of(ByteView first) {
  const std::string_view text = text_of(first);
  const std::string_view line = text.substr(0, text.find_first_of("\r\n"));
  const auto starts = [&](std::string_view prefix) { return text.starts_with(prefix); };
  // Some servers answer what is no request at all in the manner of HTTP 0.9: with the page alone.
  const std::string begin = lower_ascii(line.substr(0, 14));
  if (starts("HTTP/") || begin.starts_with("<!doctype html") || begin.starts_with("<html"))
    return Speaker{"plain HTTP", {}};
  if (starts("SSH-")) return Speaker{"an SSH server", {}};
  if (starts("* OK") || starts("* PREAUTH") || starts("* BYE"))
    return Speaker{"an IMAP server", {Protocol::imap}};
  if (starts("+OK") || starts("-ERR")) return Speaker{"a POP3 server", {Protocol::pop3}};
  if (starts("220")) {
    const std::string lower = lower_ascii(line);
    if (lower.find("smtp") != std::string::npos) return Speaker{"a mail server (SMTP)", {Protocol::smtp}};
    if (lower.find("ftp") != std::string::npos) return Speaker{"an FTP server", {Protocol::ftp}};
    return Speaker{"a mail (SMTP) or FTP server", {Protocol::smtp, Protocol::ftp}};
  }
  if (text.find("<stream:stream") != std::string_view::npos)
    return Speaker{"an XMPP server", {Protocol::xmpp}};
  // MySQL protocol 10: a packet's length in three octets, its number 0, then the version of the protocol, or
  // 255 for an error (a host that is blocked, too many connections).
  if (first.size() > 4 && first[2] == 0 && first[3] == 0 && (first[4] == 10 || first[4] == 0xff))
    return Speaker{"a MySQL or MariaDB server", {Protocol::mysql}};
  return std::nullopt;
}

std::string advice_for(const std::vector<Protocol>& protocols) {
  std::string text;
  for (const Protocol protocol : protocols)
    text += fmt::format("{}{}://", text.empty() ? "write " : " or ", id(protocol));
  return text;
}

std::string describe_not_tls(ByteView first) {
  const std::string_view text = text_of(first);
  const std::string shown = shorten(printable(text.substr(0, text.find_first_of("\r\n"))), 60);
  const auto speaker = speaker_of(first);
  if (!speaker) return fmt::format("something other than TLS answers on this port: \"{}\"", shown);
  if (speaker->protocols.empty()) return fmt::format("{} answers on this port: \"{}\"", speaker->name, shown);
  return fmt::format("{} answers on this port in the clear; {}: \"{}\"", speaker->name,
                     advice_for(speaker->protocols), shown);
}

}  // namespace chaintier
