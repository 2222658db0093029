// One HTTP/1.1 answer out of octets as they come (RFC 9112). No socket here.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "src/base/bytes.h"

namespace chaintier {

class HttpAnswer {
 public:
  // A body of more octets than that is a failure, and so is a head of more than 8 KiB.
  explicit HttpAnswer(std::size_t body_limit);
  ~HttpAnswer();
  HttpAnswer(HttpAnswer&&) noexcept;
  HttpAnswer& operator=(HttpAnswer&&) noexcept;

  enum class State { more, done, failed };
  // What is put after `done` or `failed` is not looked at.
  State put(ByteView octets);
  // The peer has ended the stream: the end of a body without a length.
  State end();

  // After `failed`: what is wrong, one sentence without the URL.
  const std::string& problem() const;
  // After `done`.
  unsigned status() const;
  std::string location() const;  // of a redirection; empty without one
  const Bytes& body() const;

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace chaintier
