#include <optional>
#include <string>

#include <doctest/doctest.h>

#include "tests/probes/capture_world.h"

using namespace chaintier;
using namespace chaintier::test;

TEST_CASE("capture: STARTTLS") {
  TlsServing serving;
  serving.identity = &rsa_chain().leaf;
  serving.more = {&rsa_chain().issuer};
  serving.highest = 0x0302;  // which our own client would decline
  serving.choose_http2 = true;
  const auto smtp = [](const std::string& capabilities, const std::string& answer) {
    return [=](Peer& peer) {
      peer.send("220 mx ESMTP\r\n");
      peer.receive_until("\r\n");
      peer.send(capabilities);
      if (!answer.empty() && peer.receive_until("\r\n") == "STARTTLS\r\n") peer.send(answer);
    };
  };
  Looker looker(0);
  looker.request.protocol = Protocol::smtp;

  const Server good(serve_tls_after(smtp("250-mx\r\n250 STARTTLS\r\n", "220 go\r\n"), serving));
  looker.request.port = good.port();
  const Capture seen = looker.whole();
  CHECK(seen.connections == 1);  // libssl at once: nobody has to go through the dialogue twice
  const Sample& sample = seen.sample;
  CHECK(sample.outcome == Outcome::captured);
  CHECK(served(sample) == Ders{rsa_chain().leaf.der, rsa_chain().issuer.der});
  CHECK(sample.ms.starttls);
  CHECK(sample.tls->alpn.empty());

  const Server not_offered(smtp("250 mx\r\n", ""));
  looker.request.port = not_offered.port();
  check_failed(looker.look(), Cause::starttls, Stage::starttls, Fault::peer, "does not offer STARTTLS");
  CHECK(not_offered.connections() == 1);

  const Server injecting(smtp("250-mx\r\n250 STARTTLS\r\n", "220 go\r\nRCPT"));
  looker.request.port = injecting.port();
  check_failed(looker.look(), Cause::starttls, Stage::starttls, Fault::peer, "in the clear");

  const Server leaving([](Peer& peer) { peer.send("220 mx\r\n"); });
  looker.request.port = leaving.port();
  check_failed(looker.look(), Cause::reset, Stage::starttls, Fault::peer);

  const Server silent([](Peer& peer) { peer.wait_for_end(); });
  looker.request.port = silent.port();
  looker.request.handshake_timeout = Milliseconds(80);
  check_failed(looker.look(), Cause::timeout, Stage::starttls, Fault::network, "said nothing within 0.08 s");
}

TEST_CASE("capture: STARTTLS where something else listens says what was probably meant") {
  struct Row {
    Protocol asked;
    std::string said;  // unasked; then the server waits
    const char* words;
  };
  const std::string alert("\x15\x03\x01\x00\x02\x02\x46", 7);
  for (const Row& row : {
           Row{Protocol::imap, "220 mx ESMTP\r\n",
               "a mail server (SMTP) answers on this port: write smtp://"},
           Row{Protocol::smtp, "* OK ready\r\n", "an IMAP server answers on this port: write imap://"},
           Row{Protocol::ldap, "SSH-2.0-x\r\n", "an SSH server answers on this port"},
           Row{Protocol::ldap, alert, "write ldaps://"},
           Row{Protocol::pop3, "", "write pop3s://"},
           Row{Protocol::mysql, "", "write https://"},
       }) {
    CAPTURE(row.words);
    const Server server([&](Peer& peer) {
      peer.send(row.said);
      peer.wait_for_end();
    });
    Looker looker(server.port());
    looker.request.protocol = row.asked;
    looker.request.handshake_timeout = Milliseconds(200);
    const Sample sample = looker.look();
    REQUIRE(sample.error);
    CHECK(sample.error->stage == Stage::starttls);
    CHECK(sample.error->cause == (row.said.empty() ? Cause::timeout : Cause::starttls));
    CHECK(sample.error->detail.find(row.words) != std::string::npos);
  }

  // Nothing of the kind where the server speaks the protocol and refuses.
  const Server refusing([](Peer& peer) { peer.send("220 mx ESMTP\r\n502 no\r\n"); });
  Looker looker(refusing.port());
  looker.request.protocol = Protocol::smtp;
  const Sample sample = looker.look();
  REQUIRE(sample.error);
  CHECK(sample.error->detail.find("answers on this port") == std::string::npos);
}
