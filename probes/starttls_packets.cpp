// LDAP, PostgreSQL, MySQL and XMPP: packets and elements.
#include <algorithm>
#include <array>
#include <optional>

#include "probes/starttls_dialogues.h"

namespace chaintier {
namespace {

constexpr std::size_t longest_reply = 64 * 1024;

StarttlsStep too_long() { return starttls_fail("the server's reply does not come to an end"); }

// One element of BER with a definite length (RFC 4511 5.1), taken from the front of `rest`.
struct Element {
  std::uint8_t tag = 0;
  ByteView content;
};

enum class Read { complete, incomplete, bad };

Read read_element(ByteView& rest, Element& element) {
  if (rest.size() < 2) return Read::incomplete;
  std::size_t header = 2, length = rest[1];
  if (length >= 0x80) {
    const std::size_t octets = length & 0x7f;
    if (octets == 0 || octets > 3) return Read::bad;
    header += octets;
    if (rest.size() < header) return Read::incomplete;
    length = 0;
    for (std::size_t i = 2; i < header; ++i) length = length << 8 | rest[i];
  }
  if (length > longest_reply) return Read::bad;
  if (rest.size() - header < length) return Read::incomplete;
  element = {rest[0], rest.subspan(header, length)};
  rest = rest.subspan(header + length);
  return Read::complete;
}

class Ldap final : public StarttlsDialogue {  // RFC 4511 4.14
  // ExtendedRequest 1, requestName [0] 1.3.6.1.4.1.1466.20037
  static constexpr std::string_view request{
      "\x30\x1d\x02\x01\x01\x77\x18\x80\x16"
      "1.3.6.1.4.1.1466.20037",
      31};
  static constexpr std::uint8_t sequence = 0x30, extended_response = 0x78, enumerated = 0x0a;
  bool asked_ = false;
  Bytes pending_;

  StarttlsStep advance(ByteView received) override {
    if (!asked_) {
      asked_ = true;
      return starttls_say(request);
    }
    pending_.insert(pending_.end(), received.begin(), received.end());
    // Another protocol's greeting may look like the beginning of a long element.
    if (!pending_.empty() && pending_[0] != sequence) return not_ldap();
    ByteView rest = pending_;
    Element message;
    switch (read_element(rest, message)) {
      case Read::incomplete:
        return pending_.size() > longest_reply ? too_long() : starttls_read_on();
      case Read::bad:
        return not_ldap();
      case Read::complete:
        break;
    }
    Element number, response, result, matched, text;
    ByteView inner = message.content;
    if (message.tag != sequence || read_element(inner, number) != Read::complete ||
        read_element(inner, response) != Read::complete || response.tag != extended_response)
      return not_ldap();
    inner = response.content;
    if (read_element(inner, result) != Read::complete || result.tag != enumerated ||
        result.content.size() != 1)
      return not_ldap();
    if (result.content[0] != 0) {
      const bool explained =
          read_element(inner, matched) == Read::complete && read_element(inner, text) == Read::complete;
      return starttls_fail(fmt::format("the LDAP server refuses StartTLS (result {}): {}", result.content[0],
                                       starttls_quote(explained ? text_of(text.content) : "")));
    }
    return starttls_go(rest.size());
  }

  StarttlsStep not_ldap() const {
    return starttls_fail(
        fmt::format("the server does not speak LDAP; it says {}", starttls_quote(text_of(pending_))));
  }
};

class Postgres final : public StarttlsDialogue {  // PostgreSQL protocol 3, "SSL Session Encryption"
  static constexpr std::string_view request{"\x00\x00\x00\x08\x04\xd2\x16\x2f", 8};
  bool asked_ = false;

  StarttlsStep advance(ByteView received) override {
    if (!asked_) {
      asked_ = true;
      return starttls_say(request);
    }
    if (received.empty()) return starttls_read_on();
    if (received[0] == 'S') return starttls_go(received.size() - 1);
    if (received[0] == 'N') return starttls_fail("the PostgreSQL server does not offer TLS");
    return starttls_fail(fmt::format("the server does not answer as PostgreSQL; it says {}",
                                     starttls_quote(text_of(received))));
  }
};

class Mysql final : public StarttlsDialogue {  // MySQL protocol 10, "SSLRequest"
  static constexpr std::uint32_t client_long_password = 0x1, client_protocol_41 = 0x200, client_ssl = 0x800,
                                 client_secure_connection = 0x8000;
  static constexpr std::uint8_t utf8 = 33;
  Bytes pending_;

  StarttlsStep advance(ByteView received) override {
    pending_.insert(pending_.end(), received.begin(), received.end());
    if (pending_.size() < 4) return starttls_read_on();
    const std::size_t length = pending_[0] | std::size_t{pending_[1]} << 8 | std::size_t{pending_[2]} << 16;
    if (length == 0 || length > longest_reply || pending_[3] != 0) return not_mysql();
    if (pending_.size() < 4 + length) return starttls_read_on();
    const ByteView packet = ByteView(pending_).subspan(4, length);
    if (packet[0] == 0xff)
      return starttls_fail(
          fmt::format("the MySQL server refuses the connection: {}",
                      starttls_quote(text_of(packet.subspan(std::min<std::size_t>(3, length))))));
    // Version, its text with a NUL, connection id, eight octets of a nonce, a filler, then the capabilities.
    const auto text_end = std::find(packet.begin() + 1, packet.end(), 0);
    const auto before = static_cast<std::size_t>(text_end - packet.begin()) + 1;
    if (packet[0] != 10 || before + 15 > packet.size()) return not_mysql();
    const std::uint32_t capabilities = packet[before + 13] | std::uint32_t{packet[before + 14]} << 8;
    if (!(capabilities & client_ssl)) return starttls_fail("the MySQL server does not offer TLS");
    if (pending_.size() > 4 + length) return starttls_go(pending_.size() - 4 - length);

    const std::uint32_t flags =
        client_long_password | client_protocol_41 | client_ssl | client_secure_connection;
    StarttlsStep step{StarttlsStep::Next::go_ahead, Bytes(36), {}};
    step.send[0] = 32;  // length; then the sequence number
    step.send[3] = 1;
    for (std::size_t i = 0; i < 4; ++i) step.send[4 + i] = static_cast<std::uint8_t>(flags >> (8 * i));
    step.send[11] = 1;  // largest packet: 16 MiB
    step.send[12] = utf8;
    return step;
  }

  StarttlsStep not_mysql() const {
    return starttls_fail(
        fmt::format("the server does not speak MySQL; it says {}", starttls_quote(text_of(pending_))));
  }
};

class Xmpp final : public StarttlsDialogue {  // RFC 6120 5
 public:
  explicit Xmpp(const std::string& host) : host_(host) {}

 private:
  static constexpr std::string_view name_space = "urn:ietf:params:xml:ns:xmpp-tls";
  enum class At { begin, features, starttls } at_ = At::begin;
  std::string host_, pending_;

  StarttlsStep advance(ByteView received) override {
    pending_ += text_of(received);
    if (pending_.size() > longest_reply) return too_long();
    switch (at_) {
      case At::begin:
        at_ = At::features;
        return starttls_say(
            fmt::format("<?xml version='1.0'?><stream:stream to='{}' version='1.0' "
                        "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>",
                        host_));
      case At::features:
        return on_features();
      case At::starttls:
        return on_answer();
    }
    std::abort();
  }

  StarttlsStep on_features() {
    if (pending_.find("<stream:error") != std::string::npos)
      return starttls_fail(fmt::format("the XMPP server refuses the stream: {}", starttls_quote(pending_)));
    if (!std::string_view("<").starts_with(std::string_view(pending_).substr(0, 1)))
      return starttls_fail(
          fmt::format("the server does not speak XMPP; it says {}", starttls_quote(pending_)));
    for (const std::string_view end : {"</stream:features>", "<stream:features/>"}) {
      const auto found = pending_.find(end);
      if (found == std::string::npos) continue;
      const bool offered = pending_.substr(0, found).find(name_space) != std::string::npos;
      if (!offered) return starttls_fail("the XMPP server does not offer STARTTLS");
      pending_.erase(0, found + end.size());
      at_ = At::starttls;
      return starttls_say(fmt::format("<starttls xmlns='{}'/>", name_space));
    }
    return starttls_read_on();
  }

  StarttlsStep on_answer() {
    const auto end = pending_.find('>');
    if (end == std::string::npos) return starttls_read_on();
    const std::string_view answer = trimmed(std::string_view(pending_).substr(0, end + 1));
    if (!answer.starts_with("<proceed"))
      return starttls_fail(fmt::format("the XMPP server refuses STARTTLS: {}", starttls_quote(pending_)));
    if (answer.ends_with("/>")) return starttls_go(pending_.size() - end - 1);
    const auto close = pending_.find("</proceed>");
    if (close == std::string::npos) return starttls_read_on();
    return starttls_go(pending_.size() - close - std::string_view("</proceed>").size());
  }
};

}  // namespace

std::unique_ptr<StarttlsDialogue> make_ldap_starttls() { return std::make_unique<Ldap>(); }
std::unique_ptr<StarttlsDialogue> make_postgres_starttls() { return std::make_unique<Postgres>(); }
std::unique_ptr<StarttlsDialogue> make_mysql_starttls() { return std::make_unique<Mysql>(); }
std::unique_ptr<StarttlsDialogue> make_xmpp_starttls(const std::string& host) {
  return std::make_unique<Xmpp>(host);
}

}  // namespace chaintier
