// The single dialogues behind make_starttls, and what they share.
#pragma once

#include <string_view>

#include <fmt/format.h>

#include "probes/starttls.h"
#include "src/base/text.h"

namespace chaintier {

std::unique_ptr<StarttlsDialogue> make_smtp_starttls();
std::unique_ptr<StarttlsDialogue> make_imap_starttls();
std::unique_ptr<StarttlsDialogue> make_pop3_starttls();
std::unique_ptr<StarttlsDialogue> make_ftp_starttls();
std::unique_ptr<StarttlsDialogue> make_ldap_starttls();
std::unique_ptr<StarttlsDialogue> make_postgres_starttls();
std::unique_ptr<StarttlsDialogue> make_mysql_starttls();
std::unique_ptr<StarttlsDialogue> make_xmpp_starttls(const std::string& host);

inline StarttlsStep starttls_read_on() { return {StarttlsStep::Next::read, {}, {}}; }
inline StarttlsStep starttls_say(std::string_view text) {
  const ByteView octets = bytes_of(text);
  return {StarttlsStep::Next::read, Bytes(octets.begin(), octets.end()), {}};
}
inline StarttlsStep starttls_fail(std::string detail) {
  return {StarttlsStep::Next::failed, {}, std::move(detail)};
}
// `behind`: what has arrived after the go-ahead.
inline StarttlsStep starttls_go(std::size_t behind) {
  if (behind != 0)
    return starttls_fail(
        fmt::format("{} octets in the clear follow the server's go-ahead for TLS; that is how commands "
                    "are smuggled into a TLS connection",
                    behind));
  return {StarttlsStep::Next::go_ahead, {}, {}};
}
// The first line of it: what servers say beyond that is their manners.
inline std::string starttls_quote(std::string_view said) {
  said = said.substr(0, said.find_first_of("\r\n"));
  return fmt::format("\"{}\"", shorten(printable(said), 80));
}

}  // namespace chaintier
