#include "probes/starttls.h"

#include <stdexcept>

#include "probes/starttls_dialogues.h"

namespace chaintier {

bool starttls_supported(Protocol protocol) {
  switch (protocol) {
    case Protocol::tls:
    case Protocol::imaps:
    case Protocol::smtps:
    case Protocol::pop3s:
    case Protocol::ldaps:
      return false;
    case Protocol::smtp:
    case Protocol::imap:
    case Protocol::pop3:
    case Protocol::ftp:
    case Protocol::ldap:
    case Protocol::postgres:
    case Protocol::mysql:
    case Protocol::xmpp:
      return true;
  }
  std::abort();
}

std::unique_ptr<StarttlsDialogue> make_starttls(Protocol protocol, const std::string& host) {
  switch (protocol) {
    case Protocol::smtp:
      return make_smtp_starttls();
    case Protocol::imap:
      return make_imap_starttls();
    case Protocol::pop3:
      return make_pop3_starttls();
    case Protocol::ftp:
      return make_ftp_starttls();
    case Protocol::ldap:
      return make_ldap_starttls();
    case Protocol::postgres:
      return make_postgres_starttls();
    case Protocol::mysql:
      return make_mysql_starttls();
    case Protocol::xmpp:
      return make_xmpp_starttls(host);
    case Protocol::tls:
    case Protocol::imaps:
    case Protocol::smtps:
    case Protocol::pop3s:
    case Protocol::ldaps:
      break;
  }
  throw std::logic_error("no STARTTLS dialogue for " + std::string(id(protocol)));
}

}  // namespace chaintier
