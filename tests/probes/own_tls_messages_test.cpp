// Our own client with a server whose messages are not what they should be, while all else is right.
#include <algorithm>

#include <doctest/doctest.h>

#include "tests/probes/own_client.h"

using namespace chaintier;
using namespace chaintier::test;

TEST_CASE("own client: the scripted server is right when nothing is changed") {
  for (const std::uint16_t version : versions) {
    CAPTURE(version);
    for (const std::size_t record_size : {16'000u, 100u, 1u}) {
      TlsScript script = script_for(version);
      script.record_size = record_size;
      CHECK(step_with(script) == Step::done);
    }
    for (const std::uint16_t suite : version == 0x0304 ? std::vector<std::uint16_t>{0x1302, 0x1303}
                                                       : std::vector<std::uint16_t>{0xc02c, 0xcca9}) {
      TlsScript script = script_for(version);
      script.suite = suite;
      CHECK(step_with(script) == Step::done);
    }
  }
}

TEST_CASE("own client: a list with anything that is no certificate is left to libssl") {
  const Bytes leaf = ec_chain().leaf.der;
  Bytes longer = leaf;
  longer.push_back(0);
  Bytes other_time = leaf;  // notBefore as an INTEGER
  const Bytes time{0x17, 0x0d};
  const auto at = std::search(other_time.begin(), other_time.end(), time.begin(), time.end());
  REQUIRE(at != other_time.end());
  *at = 0x02;
  Bytes other_name = leaf;  // the type of the issuer's first attribute
  const Bytes common_name{0x06, 0x03, 0x55, 0x04, 0x03};
  const auto name = std::search(other_name.begin(), other_name.end(), common_name.begin(), common_name.end());
  REQUIRE(name != other_name.end());
  *name = 0x04;
  for (const std::uint16_t version : versions)
    for (const std::vector<Bytes>& list :
         std::vector<std::vector<Bytes>>{{longer},
                                         {other_time},
                                         {other_name},
                                         {leaf, {0x30, 0x03, 0xde, 0xad, 0xbe}},
                                         {leaf, other_name},
                                         {leaf, longer},
                                         {}}) {
      CAPTURE(version);
      TlsScript script = script_for(version);
      script.certificates = list;
      CHECK(step_with(script) == Step::declined);
    }
}

// What makes a message differ at one place; all else is right, and signed and hashed as sent.
TEST_CASE("own client: fields of the ServerHello") {
  struct Row {
    const char* what;
    std::uint16_t version;
    std::size_t at;  // in the body
    std::uint8_t value;
  };
  constexpr std::size_t session_13 = 2 + 32 + 1, suite_13 = session_13 + 32, suite_12 = 2 + 32 + 1;
  for (const Row& row : {
           Row{"legacy version", 0x0304, 1, 2},
           Row{"another session id", 0x0304, session_13, 0},
           Row{"no session id's length", 0x0304, session_13 - 1, 31},
           Row{"a suite of TLS 1.2", 0x0304, suite_13, 0xc0},
           Row{"a suite that is none", 0x0304, suite_13 + 1, 0x77},
           Row{"compression", 0x0304, suite_13 + 2, 1},
           Row{"TLS 1.4", 0x0304, suite_13 + 3 + 2 + 5, 5},
           Row{"another group", 0x0304, suite_13 + 3 + 2 + 6 + 5, 23},
           Row{"a share too short", 0x0304, suite_13 + 3 + 2 + 6 + 7, 31},
           Row{"a suite of TLS 1.3", 0x0303, suite_12, 0x13},
           Row{"compression", 0x0303, suite_12 + 2, 1},
           Row{"status with content", 0x0303, suite_12 + 3 + 2 + 3, 1},
           Row{"renegotiation of something", 0x0303, suite_12 + 3 + 2 + 4 + 4 + 4, 1},
       }) {
    CAPTURE(row.what);
    CAPTURE(row.version);
    CHECK(step_when(row.version, 2, [&](Bytes message) {
            REQUIRE(message.size() > 4 + row.at);
            REQUIRE(message[4 + row.at] != row.value);
            message[4 + row.at] = row.value;
            return Messages{message};
          }) == Step::declined);
  }
}

TEST_CASE("own client: extensions of a ServerHello of TLS 1.2") {
  struct Row {
    const char* what;
    Bytes octets;
    Step step;
  };
  for (const Row& row : {
           Row{"none", {}, Step::done},
           Row{"server_name", {0, 0, 0, 0}, Step::done},
           Row{"server_name with content", {0, 0, 0, 1, 0}, Step::declined},
           Row{"server_name twice", {0, 0, 0, 0, 0, 0, 0, 0}, Step::declined},
           Row{"point formats", {0, 11, 0, 2, 1, 0}, Step::done},
           Row{"point formats without the usual one", {0, 11, 0, 2, 1, 1}, Step::declined},
           Row{"point formats of a wrong length", {0, 11, 0, 2, 2, 0}, Step::declined},
           Row{"h2", {0, 16, 0, 5, 0, 3, 2, 'h', '2'}, Step::done},
           Row{"a protocol that was not offered", {0, 16, 0, 5, 0, 3, 2, 'h', '3'}, Step::declined},
           Row{"two protocols", {0, 16, 0, 8, 0, 6, 2, 'h', '2', 2, 'h', '2'}, Step::declined},
           Row{"an empty protocol", {0, 16, 0, 3, 0, 1, 0}, Step::declined},
           Row{"extended master secret again", {0, 23, 0, 0}, Step::declined},
           Row{"supported groups, as some balancers send", {0, 10, 0, 4, 0, 2, 0, 29}, Step::done},
           Row{"encrypt then MAC", {0, 22, 0, 0}, Step::done},
           Row{"session ticket", {0, 35, 0, 0}, Step::declined},
           Row{"cut off", {0, 16, 0, 9}, Step::declined},
       }) {
    CAPTURE(row.what);
    TlsScript script = script_for(0x0303);
    script.more_hello_extensions = row.octets;
    CHECK(step_with(script) == row.step);
  }
  // What we did not ask for
  TlsScript named = script_for(0x0303);
  named.more_hello_extensions = {0, 0, 0, 0};
  CHECK(step_with(named, {KeyType::any, std::nullopt, true, 0x0304}) == Step::declined);
  TlsScript protocol = script_for(0x0303);
  protocol.more_hello_extensions = {0, 16, 0, 5, 0, 3, 2, 'h', '2'};
  CHECK(step_with(protocol, {KeyType::any, "www.example.tw", false, 0x0304}) == Step::declined);
  // And one that old servers lack
  TlsScript old = script_for(0x0303);
  old.extended_master_secret = false;
  CHECK(step_with(old) == Step::done);
}

TEST_CASE("own client: EncryptedExtensions") {
  struct Row {
    const char* what;
    Bytes body;
    Step step;
  };
  for (const Row& row : {
           Row{"server_name", {0, 4, 0, 0, 0, 0}, Step::done},
           Row{"server_name twice", {0, 8, 0, 0, 0, 0, 0, 0, 0, 0}, Step::declined},
           Row{"groups", {0, 8, 0, 10, 0, 4, 0, 2, 0, 29}, Step::done},
           Row{"h2", {0, 9, 0, 16, 0, 5, 0, 3, 2, 'h', '2'}, Step::done},
           Row{"a protocol that was not offered", {0, 9, 0, 16, 0, 5, 0, 3, 2, 'h', '3'}, Step::declined},
           Row{"behind the end", {0, 0, 1}, Step::declined},
           Row{"a key share", {0, 4, 0, 51, 0, 0}, Step::declined},
       }) {
    CAPTURE(row.what);
    CHECK(step_when(0x0304, 8, [&](const Bytes&) {
            Bytes message{8, 0, 0, static_cast<std::uint8_t>(row.body.size())};
            message.insert(message.end(), row.body.begin(), row.body.end());
            return Messages{message};
          }) == row.step);
  }
}

TEST_CASE("own client: extensions of a certificate") {
  struct Row {
    const char* what;
    Bytes octets;
    Step step;
  };
  const Bytes status{0, 5, 0, 5, 1, 0, 0, 1, 0x30}, cut_status{0, 5, 0, 5, 1, 0, 0, 2, 0x30};
  for (const Row& row :
       {Row{"a staple", status, Step::done}, Row{"half a staple", cut_status, Step::declined},
        Row{"timestamps that were not asked for", {0, 18, 0, 0}, Step::declined}}) {
    CAPTURE(row.what);
    CHECK(step_when(0x0304, 11, [&](Bytes message) {
            constexpr std::size_t length = 1, list = 4 + 1, leaf = list + 3;
            const std::size_t at = leaf + 3 + ec_chain().leaf.der.size();
            const std::size_t more = row.octets.size();
            message[at + 1] = static_cast<std::uint8_t>(more);
            message.insert(message.begin() + static_cast<std::ptrdiff_t>(at) + 2, row.octets.begin(),
                           row.octets.end());
            for (const std::size_t where : {length, list}) {
              const std::size_t size = (std::size_t{message[where + 1]} << 8 | message[where + 2]) + more;
              message[where + 1] = static_cast<std::uint8_t>(size >> 8);
              message[where + 2] = static_cast<std::uint8_t>(size);
            }
            return Messages{message};
          }) == row.step);
  }
}

TEST_CASE("own client: requests for a certificate of ours") {
  struct Row {
    const char* what;
    std::uint16_t version;
    Messages requests;
    Step step;
  };
  const Bytes good_13{13, 0, 0, 11, 0, 0, 8, 0, 13, 0, 4, 0, 2, 4, 3};
  const Bytes good_12{13, 0, 0, 8, 1, 1, 0, 2, 4, 3, 0, 0};
  for (const Row& row : {
           Row{"twice", 0x0304, {good_13, good_13}, Step::declined},
           Row{"with a context", 0x0304, {{13, 0, 0, 4, 1, 7, 0, 0}}, Step::declined},
           Row{"without algorithms", 0x0304, {{13, 0, 0, 3, 0, 0, 0}}, Step::declined},
           Row{"twice", 0x0303, {good_12, good_12}, Step::declined},
           Row{"cut off", 0x0303, {{13, 0, 0, 3, 1, 1, 0}}, Step::declined},
           Row{"names cut off", 0x0303, {{13, 0, 0, 9, 1, 1, 0, 2, 4, 3, 0, 1, 7}}, Step::declined},
       }) {
    CAPTURE(row.what);
    CAPTURE(row.version);
    CHECK(step_when(row.version, row.version == 0x0304 ? 11 : 14, [&](const Bytes& message) {
            Messages sent = row.requests;
            sent.push_back(message);
            return sent;
          }) == row.step);
  }
}

TEST_CASE("own client: messages left out, doubled or cut short") {
  for (const std::uint16_t version : versions) {
    CAPTURE(version);
    const std::vector<std::uint8_t> types =
        version == 0x0304 ? std::vector<std::uint8_t>{2, 8, 11} : std::vector<std::uint8_t>{2, 11};
    for (const std::uint8_t type : types) {
      CAPTURE(int{type});
      CHECK(step_when(version, type, [](const Bytes&) { return Messages{}; }) != Step::done);
      CHECK(step_when(version, type, [](const Bytes& message) {
              return Messages{message, message};
            }) == Step::declined);
      CHECK(step_when(version, type, [](Bytes message) {
              message.resize(4);
              message[1] = message[2] = message[3] = 0;
              return Messages{message};
            }) == Step::declined);
    }
  }
  // A status that was announced may stay away (RFC 6066 8); one too many may not come.
  CHECK(step_when(0x0303, 22, [](const Bytes&) { return Messages{}; }) == Step::done);
  CHECK(step_when(0x0303, 22, [](const Bytes& message) {
          return Messages{message, message};
        }) == Step::declined);
}

TEST_CASE("own client: a server that speaks an older version than it could is left to libssl") {
  TlsScript script = script_for(0x0303);
  for (const std::uint8_t last : {std::uint8_t{0}, std::uint8_t{1}}) {
    const Bytes mark{'D', 'O', 'W', 'N', 'G', 'R', 'D', last};
    std::ranges::copy(mark, script.server_random.begin() + 24);
    CHECK(step_with(script) == Step::declined);
  }
  script.server_random[24] = 'd';
  CHECK(step_with(script) == Step::done);
}

TEST_CASE("own client: extensions that were not asked for") {
  const auto with_extension = [](Bytes message, std::size_t vector_at) {
    message.insert(message.end(), {0xfe, 0xed, 0, 0});
    for (const std::size_t at : {std::size_t{2}, vector_at}) {
      const std::size_t size = (std::size_t{message[at]} << 8 | message[at + 1]) + 4;
      message[at] = static_cast<std::uint8_t>(size >> 8);
      message[at + 1] = static_cast<std::uint8_t>(size);
    }
    return message;
  };
  const auto declines = [&](std::uint16_t version, std::uint8_t type, std::size_t vector_at) {
    CHECK(step_when(version, type, [&](const Bytes& message) {
            return Messages{with_extension(message, vector_at)};
          }) == Step::declined);
  };
  declines(0x0304, 2, 4 + 2 + 32 + 33 + 3);
  declines(0x0304, 8, 4);
  declines(0x0303, 2, 4 + 2 + 32 + 1 + 3);
}

TEST_CASE("own client: limits of records and messages") {
  for (const std::uint16_t version : versions) {
    CAPTURE(version);
    TlsScript script = script_for(version);
    script.certificates.resize(60, ec_chain().issuer.der);
    script.record_size = 16'384 - 4;  // and what the server pads sealed ones with
    CHECK(step_with(script) == Step::done);
    script.record_size = 16'500;
    CHECK(step_with(script) == Step::declined);
  }
  TlsScript session = script_for(0x0303);
  for (const std::size_t size : {std::size_t{32}, std::size_t{33}}) {
    session.change = changing(2, [&](Bytes message) {
      constexpr std::size_t at = 4 + 2 + 32;
      message[at] = static_cast<std::uint8_t>(size);
      message.insert(message.begin() + at + 1, size, 7);
      message[3] = static_cast<std::uint8_t>(message.size() - 4);
      return Messages{message};
    });
    CHECK(step_with(session) == (size == 32 ? Step::done : Step::declined));
  }
  TlsScript changes = script_for(0x0304);
  for (const int count : {1, 31, 32}) {
    changes.idle_changes = count;
    CHECK(step_with(changes) == (count < 32 ? Step::done : Step::declined));
  }
  TlsScript other_version = script_for(0x0303);
  other_version.record_size = 100;
  other_version.later_record_version = 0x0302;
  CHECK(step_with(other_version) == Step::declined);
}
