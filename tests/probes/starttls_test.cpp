#include "probes/starttls.h"

#include <array>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace chaintier;

namespace {

using Next = StarttlsStep::Next;

// What the server says; a text that ends a round is followed by what we must have said then.
struct Exchange {
  std::string server;
  std::string client;
};

struct Ended {
  Next next;
  std::string sent;  // with the last step
  std::string detail;
};

// Plays a dialogue with the server's words cut into pieces of `piece` octets.
Ended play(Protocol protocol, const std::vector<Exchange>& script, std::size_t piece) {
  const auto dialogue = make_starttls(protocol, "xmpp.test");
  StarttlsStep step = dialogue->advance({});
  std::string said(text_of(step.send));
  for (const Exchange& exchange : script) {
    std::string_view rest = exchange.server;
    while (!rest.empty()) {
      if (step.next != Next::read) return {step.next, said, step.detail};
      step = dialogue->advance(bytes_of(rest.substr(0, piece)));
      said += text_of(step.send);
      rest.remove_prefix(std::min(piece, rest.size()));
    }
    if (step.next == Next::read) {
      CHECK(said == exchange.client);
      said.clear();
    }
  }
  return {step.next, said, step.detail};
}

struct Case {
  const char* name;
  Protocol protocol;
  std::vector<Exchange> script;
  Next next;
  const char* words;  // in the detail
};

const std::string ldap_ask =
    std::string("\x30\x1d\x02\x01\x01\x77\x18\x80\x16", 9) + "1.3.6.1.4.1.1466.20037";
const std::string postgres_ask("\x00\x00\x00\x08\x04\xd2\x16\x2f", 8);
const std::string xmpp_ask =
    "<?xml version='1.0'?><stream:stream to='xmpp.test' version='1.0' xmlns='jabber:client' "
    "xmlns:stream='http://etherx.jabber.org/streams'>";
const std::string xmpp_starttls = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";

std::string mysql_greeting(char capabilities_high) {
  std::string payload = "\x0a";
  payload += std::string("8.0.36\0", 7) + std::string(4, '\1') + std::string(8, 'n') + std::string(1, '\0');
  payload += std::string{'\xff', capabilities_high} + std::string(10, '\0');
  return std::string{static_cast<char>(payload.size()), '\0', '\0', '\0'} + payload;
}

std::vector<Case> cases() {
  const std::string ehlo = "EHLO chaintier.invalid\r\n";
  const Exchange hello{"220 mx ESMTP\r\n", ehlo};
  const Exchange offers{"250-mx\r\n250-SIZE 1000\r\n250-STARTTLS\r\n250 HELP\r\n", "STARTTLS\r\n"};
  const Exchange greeting{"* OK ready\r\n", "a1 CAPABILITY\r\n"};
  const Exchange capable{"* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\na1 OK done\r\n",
                         "a2 STARTTLS\r\n"};
  const Exchange pop{"+OK ready\r\n", "CAPA\r\n"};
  const Exchange capa{"+OK list\r\nTOP\r\nSTLS\r\n.\r\n", "STLS\r\n"};
  const Exchange ftp{"220-welcome\r\nanything goes here\r\n220 ready\r\n", "AUTH TLS\r\n"};
  return {
      {"smtp", Protocol::smtp, {hello, offers, {"220 go\r\n", ""}}, Next::go_ahead, ""},
      {"smtp, greeting of several lines, last reply without text",
       Protocol::smtp,
       {{"220-a\r\n220-b\r\n220 c\r\n", ehlo},
        {"250-mx\r\n250 starttls\r\n", "STARTTLS\r\n"},
        {"220\r\n", ""}},
       Next::go_ahead,
       ""},
      {"smtp, bare line feeds",
       Protocol::smtp,
       {{"220 mx\n", ehlo}, {"250-mx\n250 STARTTLS\n", "STARTTLS\r\n"}, {"220 go\n", ""}},
       Next::go_ahead,
       ""},
      {"smtp, not offered",
       Protocol::smtp,
       {hello, {"250-mx\r\n250 SIZE\r\n", ""}},
       Next::failed,
       "does not offer STARTTLS"},
      {"smtp, the host name is no capability",
       Protocol::smtp,
       {hello, {"250-starttls hello\r\n250 SIZE\r\n", ""}},
       Next::failed,
       "does not offer"},
      {"smtp, refused",
       Protocol::smtp,
       {hello, offers, {"454 not now\r\n", ""}},
       Next::failed,
       "refuses STARTTLS: \"454 not now\""},
      {"smtp, no EHLO", Protocol::smtp, {hello, {"502 what\r\n", ""}}, Next::failed, "refuses EHLO"},
      {"smtp, busy",
       Protocol::smtp,
       {{"421 busy\r\n", ""}},
       Next::failed,
       "refuses the connection: \"421 busy\""},
      {"smtp, another protocol",
       Protocol::smtp,
       {{"SSH-2.0-x\r\n", ""}},
       Next::failed,
       "does not speak SMTP"},
      {"smtp, code changes inside a reply",
       Protocol::smtp,
       {hello, {"250-mx\r\n220 STARTTLS\r\n", ""}},
       Next::failed,
       "does not speak SMTP"},
      {"smtp, line without end",
       Protocol::smtp,
       {{std::string(5000, '2'), ""}},
       Next::failed,
       "line without end"},
      {"imap", Protocol::imap, {greeting, capable, {"a2 OK go\r\n", ""}}, Next::go_ahead, ""},
      {"imap, untagged lines in between",
       Protocol::imap,
       {greeting, capable, {"* 3 EXISTS\r\na2 OK go\r\n", ""}},
       Next::go_ahead,
       ""},
      {"imap, not offered",
       Protocol::imap,
       {greeting, {"* CAPABILITY IMAP4rev1 XSTARTTLS\r\na1 OK done\r\n", ""}},
       Next::failed,
       "does not offer"},
      {"imap, refused",
       Protocol::imap,
       {greeting, capable, {"a2 NO\r\n", ""}},
       Next::failed,
       "refuses STARTTLS"},
      {"imap, logged in already",
       Protocol::imap,
       {{"* PREAUTH hi\r\n", ""}},
       Next::failed,
       "logged in already"},
      {"imap, leaves", Protocol::imap, {greeting, {"* BYE\r\n", ""}}, Next::failed, "breaks off"},
      {"imap, another protocol",
       Protocol::imap,
       {{"+OK pop\r\n", ""}},
       Next::failed,
       "no greeting of an IMAP server"},
      {"pop3", Protocol::pop3, {pop, capa, {"+OK go\r\n", ""}}, Next::go_ahead, ""},
      {"pop3 without CAPA",
       Protocol::pop3,
       {pop, {"-ERR what\r\n", "STLS\r\n"}, {"+OK go\r\n", ""}},
       Next::go_ahead,
       ""},
      {"pop3, not offered",
       Protocol::pop3,
       {pop, {"+OK\r\nTOP\r\n.\r\n", ""}},
       Next::failed,
       "does not offer STLS"},
      {"pop3, refused", Protocol::pop3, {pop, capa, {"-ERR no\r\n", ""}}, Next::failed, "refuses STLS"},
      {"ftp", Protocol::ftp, {ftp, {"234 go\r\n", ""}}, Next::go_ahead, ""},
      {"ftp, later",
       Protocol::ftp,
       {{"120 wait\r\n", ""}, {"220 ready\r\n", "AUTH TLS\r\n"}, {"234 go\r\n", ""}},
       Next::go_ahead,
       ""},
      {"ftp, refused",
       Protocol::ftp,
       {ftp, {"530 log in first\r\n", ""}},
       Next::failed,
       "refuses AUTH TLS: \"530 log in first\""},
      {"ldap",
       Protocol::ldap,
       {{std::string("\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00", 14), ""}},
       Next::go_ahead,
       ""},
      {"ldap, long lengths",
       Protocol::ldap,
       {{std::string("\x30\x84\x00\x00\x00\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00", 18), ""}},
       Next::failed,
       "does not speak LDAP"},
      {"ldap, refused",
       Protocol::ldap,
       {{std::string("\x30\x10\x02\x01\x01\x78\x0b\x0a\x01\x34\x04\x00\x04\x04"
                     "busy",
                     18),
         ""}},
       Next::failed,
       "(result 52): \"busy\""},
      {"ldap, another protocol",
       Protocol::ldap,
       {{"220 smtp\r\n" + std::string(60, 'x'), ""}},
       Next::failed,
       "does not speak LDAP"},
      // As the beginning of an element it would be 50 octets long.
      {"ldap, another protocol with a short greeting",
       Protocol::ldap,
       {{"220 smtp\r\n", ""}},
       Next::failed,
       "does not speak LDAP"},
      {"postgres", Protocol::postgres, {{"S", ""}}, Next::go_ahead, ""},
      {"postgres, not offered", Protocol::postgres, {{"N", ""}}, Next::failed, "does not offer TLS"},
      {"postgres, a greeting: its first line",
       Protocol::postgres,
       {{"220 smtp\r\n220 more\r\n", ""}},
       Next::failed,
       "it says \"2"},
      {"postgres, another protocol",
       Protocol::postgres,
       {{"E", ""}},
       Next::failed,
       "does not answer as PostgreSQL"},
      {"mysql", Protocol::mysql, {{mysql_greeting('\x0a'), ""}}, Next::go_ahead, ""},
      {"mysql, not offered",
       Protocol::mysql,
       {{mysql_greeting('\x02'), ""}},
       Next::failed,
       "does not offer TLS"},
      {"mysql, refused",
       Protocol::mysql,
       {{std::string("\x0a\x00\x00\x00\xff\x6a\x04"
                     "go away",
                     14),
         ""}},
       Next::failed,
       "\"go away\""},
      {"mysql, cut short inside",
       Protocol::mysql,
       {{std::string("\x04\x00\x00\x00\x0a"
                     "8.0",
                     8),
         ""}},
       Next::failed,
       "does not speak MySQL"},
      {"xmpp",
       Protocol::xmpp,
       {{"<?xml version='1.0'?><stream:stream><stream:features><starttls "
         "xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>",
         xmpp_starttls},
        {"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", ""}},
       Next::go_ahead,
       ""},
      {"xmpp, not offered",
       Protocol::xmpp,
       {{"<stream:stream><stream:features><bind/></stream:features>", ""}},
       Next::failed,
       "does not offer"},
      {"xmpp, refused",
       Protocol::xmpp,
       {{"<stream:stream><stream:features><starttls "
         "xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>",
         xmpp_starttls},
        {"<failure/>", ""}},
       Next::failed,
       "refuses STARTTLS"},
  };
}

// The words that a dialogue says before the server has spoken belong to the first round.
void add_opening(Case& each) {
  const std::string opening = each.protocol == Protocol::ldap       ? ldap_ask
                              : each.protocol == Protocol::postgres ? postgres_ask
                              : each.protocol == Protocol::xmpp     ? xmpp_ask
                                                                    : "";
  if (!each.script.empty()) each.script.front().client.insert(0, opening);
}

}  // namespace

TEST_CASE("starttls: dialogues, however they are cut") {
  for (Case each : cases()) {
    add_opening(each);
    std::size_t longest = 0;
    for (const Exchange& exchange : each.script) longest = std::max(longest, exchange.server.size());
    for (std::size_t piece = 1; piece <= std::min<std::size_t>(longest, 200); ++piece) {
      CAPTURE(each.name);
      CAPTURE(piece);
      const Ended ended = play(each.protocol, each.script, piece);
      CAPTURE(ended.detail);
      REQUIRE(ended.next == each.next);
      CHECK(ended.detail.find(each.words) != std::string::npos);
      if (each.next == Next::go_ahead && each.protocol != Protocol::mysql) CHECK(ended.detail.empty());
    }
  }
}

TEST_CASE("starttls: the conversation may end at any octet without a false go-ahead") {
  for (Case each : cases()) {
    if (each.next != Next::go_ahead) continue;
    add_opening(each);
    CAPTURE(each.name);
    auto& last = each.script.back().server;
    for (last.pop_back(); !last.empty(); last.pop_back()) {
      const auto dialogue = make_starttls(each.protocol, "xmpp.test");
      StarttlsStep step = dialogue->advance({});
      for (const Exchange& exchange : each.script) step = dialogue->advance(bytes_of(exchange.server));
      CHECK(step.next == Next::read);
    }
  }
}

TEST_CASE("starttls: octets behind the go-ahead are refused") {
  for (Case each : cases()) {
    if (each.next != Next::go_ahead) continue;
    add_opening(each);
    CAPTURE(each.name);
    each.script.back().server += "x";
    const auto dialogue = make_starttls(each.protocol, "xmpp.test");
    StarttlsStep step = dialogue->advance({});
    for (const Exchange& exchange : each.script) step = dialogue->advance(bytes_of(exchange.server));
    CHECK(step.next == Next::failed);
    CHECK(step.detail.find("in the clear") != std::string::npos);
  }
}

TEST_CASE("starttls: a server that never comes to an end is left") {
  for (const auto& [protocol, words] : {std::pair{Protocol::smtp, "220-more\r\n"},
                                        {Protocol::imap, "* OK\r\n"},
                                        {Protocol::pop3, "+OK\r\n"},
                                        {Protocol::ftp, "220-more\r\n"},
                                        {Protocol::xmpp, "<stream:stream>"}}) {
    const auto dialogue = make_starttls(protocol, "xmpp.test");
    StarttlsStep step = dialogue->advance({});
    int rounds = 0;
    while (step.next == Next::read && rounds < 100000) {
      step = dialogue->advance(bytes_of(words));
      ++rounds;
    }
    CAPTURE(words);
    CHECK(step.next == Next::failed);
  }
}

TEST_CASE("starttls: a server that speaks out of turn") {
  const auto dialogue = make_starttls(Protocol::smtp, "");
  dialogue->advance({});
  const auto step = dialogue->advance(bytes_of("220 mx\r\n250 STARTTLS\r\n"));
  CHECK(step.next == Next::failed);
  CHECK(step.detail.find("out of turn") != std::string::npos);
}

TEST_CASE("starttls: the request of MySQL") {
  const auto dialogue = make_starttls(Protocol::mysql, "");
  dialogue->advance({});
  const std::string greeting = mysql_greeting('\x0a');
  const auto step = dialogue->advance(bytes_of(greeting));
  REQUIRE(step.next == Next::go_ahead);
  REQUIRE(step.send.size() == 36);
  CHECK(step.send[0] == 32);
  CHECK(step.send[3] == 1);
  CHECK((step.send[5] & 0x08) != 0);  // CLIENT_SSL
}

TEST_CASE("starttls: which protocols are built") {
  for (int i = 0; i <= static_cast<int>(Protocol::xmpp); ++i) {
    const auto protocol = static_cast<Protocol>(i);
    CHECK(starttls_supported(protocol) == uses_starttls(protocol));
    if (starttls_supported(protocol)) CHECK(make_starttls(protocol, "h") != nullptr);
  }
}
