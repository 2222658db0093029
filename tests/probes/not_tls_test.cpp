#include "probes/not_tls.h"

#include <array>

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

TEST_CASE("what may be TLS") {
  CHECK(may_be_tls({}));
  CHECK(may_be_tls(Bytes{22}));
  CHECK(may_be_tls(Bytes{22, 3, 3}));
  CHECK(may_be_tls(Bytes{21, 3, 1, 0, 2, 2, 40}));
  CHECK_FALSE(may_be_tls(Bytes{22, 2}));
  CHECK_FALSE(may_be_tls(Bytes{0}));
  CHECK_FALSE(may_be_tls(Bytes{'H'}));
}
