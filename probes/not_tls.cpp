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

std::string describe_not_tls(ByteView first) {
  const std::string_view text = text_of(first);
  const std::string_view line = text.substr(0, text.find_first_of("\r\n"));
  const std::string shown = shorten(printable(line), 60);
  const auto starts = [&](std::string_view prefix) { return text.starts_with(prefix); };
  // Some servers answer what is no request at all in the manner of HTTP 0.9: with the page alone.
  const std::string begin = lower_ascii(line.substr(0, 14));
  if (starts("HTTP/") || begin.starts_with("<!doctype html") || begin.starts_with("<html"))
    return fmt::format("plain HTTP answers on this port: \"{}\"", shown);
  if (starts("SSH-")) return fmt::format("an SSH server answers on this port: \"{}\"", shown);
  if (starts("* OK") || starts("* PREAUTH"))
    return fmt::format("an IMAP server answers on this port in the clear; write imap://: \"{}\"", shown);
  if (starts("+OK"))
    return fmt::format("a POP3 server answers on this port in the clear; write pop3://: \"{}\"", shown);
  if (starts("220")) {
    const std::string lower = lower_ascii(line);
    const bool ftp = lower.find("ftp") != std::string::npos;
    const bool smtp = lower.find("smtp") != std::string::npos;
    if (ftp && !smtp)
      return fmt::format("an FTP server answers on this port in the clear; write ftp://: \"{}\"", shown);
    if (smtp)
      return fmt::format("a mail server (SMTP) answers on this port in the clear; write smtp://: \"{}\"",
                         shown);
    return fmt::format(
        "a mail (SMTP) or FTP server answers on this port in the clear; write smtp:// or ftp://: \"{}\"",
        shown);
  }
  return fmt::format("something other than TLS answers on this port: \"{}\"", shown);
}

}  // namespace chaintier
