#include "probes/not_tls.h"

#include <array>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace chaintier;

TEST_CASE("what speaks when it is not TLS") {
  struct Row {
    const char* said;
    const char* words;
  };
  constexpr std::array rows{
      Row{"HTTP/1.1 400 Bad Request\r\nServer: x\r\n",
          "plain HTTP answers on this port: \"HTTP/1.1 400 Bad Request\""},
      Row{"<!DOCTYPE HTML>\n<html>", "plain HTTP"},
      Row{"<html><head>", "plain HTTP"},
      Row{"SSH-2.0-OpenSSH_9.2\r\n", "SSH server"},
      Row{"220 mx.test ESMTP Postfix\r\n", "smtp://"},
      Row{"220 ProFTPD FTP Server\r\n", "write ftp://:"},
      Row{"220 ready\r\n", "smtp:// or ftp://"},
      Row{"* OK IMAP4rev1 ready\r\n", "imap://"},
      Row{"+OK POP3 ready\r\n", "pop3://"},
      Row{"J\x00\x00\x00\n8.0.36", "something other than TLS"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.said);
    CHECK_FALSE(may_be_tls(bytes_of(row.said)));
    CHECK(describe_not_tls(bytes_of(row.said)).find(row.words) != std::string::npos);
  }
}

TEST_CASE("who speaks: packets and elements") {
  const std::string mysql("J\x00\x00\x00\n8.0.36\x00", 12);
  const std::string blocked("\x45\x00\x00\x00\xffj\x04Host is blocked", 22);
  for (const std::string& said : {mysql, blocked}) {
    const auto speaker = speaker_of(bytes_of(said));
    REQUIRE(speaker);
    CHECK(speaker->protocols == std::vector{Protocol::mysql});
  }
  CHECK(describe_not_tls(bytes_of(mysql)).find("write mysql://") != std::string::npos);
  // The packet's number is that of an answer, not of a greeting; too short to tell.
  CHECK_FALSE(speaker_of(bytes_of(std::string("J\x00\x00\x01\n8", 6))));
  CHECK_FALSE(speaker_of(bytes_of(std::string("J\x00\x00\x00", 4))));
  const auto xmpp = speaker_of(bytes_of("<?xml version='1.0'?><stream:stream from='x'>"));
  REQUIRE(xmpp);
  CHECK(xmpp->protocols == std::vector{Protocol::xmpp});
  CHECK_FALSE(speaker_of(bytes_of("<?xml version='1.0'?><feed>")));
  CHECK_FALSE(speaker_of({}));
}

TEST_CASE("what may be TLS") {
  CHECK(may_be_tls({}));
  CHECK(may_be_tls(Bytes{22}));
  CHECK(may_be_tls(Bytes{22, 3, 3}));
  CHECK(may_be_tls(Bytes{21, 3, 1, 0, 2, 2, 40}));
  CHECK_FALSE(may_be_tls(Bytes{22, 2}));
  CHECK_FALSE(may_be_tls(Bytes{0}));
  CHECK_FALSE(may_be_tls(Bytes{'H'}));
}
