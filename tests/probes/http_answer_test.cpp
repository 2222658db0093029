#include "probes/http_answer.h"

#include <string>

#include <doctest/doctest.h>

using namespace chaintier;
using State = HttpAnswer::State;

namespace {

struct Read {
  State state;
  HttpAnswer answer;
};

// The text in pieces of that many octets, then the end of the stream.
Read read(std::string_view text, std::size_t piece, std::size_t limit = 1000) {
  Read result{State::more, HttpAnswer(limit)};
  for (std::size_t at = 0; at < text.size() && result.state == State::more; at += piece)
    result.state = result.answer.put(bytes_of(text.substr(at, piece)));
  if (result.state == State::more) result.state = result.answer.end();
  return result;
}

std::string problem(std::string_view text, std::size_t limit = 1000) {
  for (const std::size_t piece : {1u, 7u, 100'000u}) {
    const auto result = read(text, piece, limit);
    CHECK(result.state == State::failed);
    CHECK_FALSE(result.answer.problem().empty());
  }
  return read(text, 100'000, limit).answer.problem();
}

constexpr std::string_view head = "HTTP/1.1 200 OK\r\n";

}  // namespace

TEST_CASE("http answer: with a length, in chunks, or to the end of the stream") {
  for (const std::size_t piece : {1u, 2u, 5u, 64u, 4096u}) {
    CAPTURE(piece);
    for (const std::string& rest :
         {std::string("Content-Length: 5\r\n\r\nhello"), std::string("\r\nhello"),
          std::string("Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n"),
          std::string("content-length: 5\r\nX: y\r\n\r\nhello and more")}) {
      const auto result = read(std::string(head) + rest, piece);
      CHECK(result.state == State::done);
      CHECK(result.answer.status() == 200);
      CHECK(text_of(result.answer.body()) == "hello");
    }
    const auto moved = read("HTTP/1.0 302 Found\r\nLocation: http://a/b\r\nContent-Length: 0\r\n\r\n", piece);
    CHECK(moved.state == State::done);
    CHECK(moved.answer.status() == 302);
    CHECK(moved.answer.location() == "http://a/b");
  }
}

TEST_CASE("http answer: limits") {
  CHECK(problem(std::string(head) + "Content-Length: 1001\r\n\r\n") == "the answer is too large");
  CHECK(problem(std::string(head) + "\r\n" + std::string(1001, 'a')) == "the answer is too large");
  std::string chunks = std::string(head) + "Transfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 20; ++i) chunks += "40\r\n" + std::string(64, 'a') + "\r\n";
  CHECK(problem(chunks) == "the answer is too large");
  CHECK(problem(std::string(head) + "X: " + std::string(9000, 'a') + "\r\n\r\n") ==
        "the head of the answer is too large");
  CHECK(read(std::string(head) + "\r\n" + std::string(1000, 'a'), 100).state == State::done);
}

TEST_CASE("http answer: garbage and pieces of answers") {
  CHECK(problem("") == "the answer was cut off");
  CHECK(problem(std::string(head)) == "the answer was cut off");
  CHECK(problem(std::string(head) + "Content-Length: 5\r\n\r\nhel") == "the answer was cut off");
  CHECK(problem("SSH-2.0-OpenSSH_9\r\n") == "the answer is no HTTP");
  CHECK(problem("\x30\x82\x01\x02\x03\x04\x05\x06\x07") == "the answer is no HTTP");
  CHECK(problem(std::string(head) + "Content-Length: five\r\n\r\n") == "the answer is no HTTP");
}
