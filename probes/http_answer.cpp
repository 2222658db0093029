#include "probes/http_answer.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/vector_body.hpp>

namespace chaintier {

namespace {

namespace beast = boost::beast;
namespace http = beast::http;

constexpr std::uint32_t head_limit = 8192;

std::string problem_of(const boost::system::error_code& error) {
  if (error == http::error::body_limit) return "the answer is too large";
  if (error == http::error::header_limit || error == http::error::buffer_overflow)
    return "the head of the answer is too large";
  if (error == http::error::partial_message || error == http::error::end_of_stream)
    return "the answer was cut off";
  return "the answer is no HTTP";
}

}  // namespace

struct HttpAnswer::Parser {
  http::response_parser<http::vector_body<std::uint8_t>> parser;
  beast::flat_buffer waiting;  // octets of a line that is not complete
  State state = State::more;
  std::string problem;

  State fail(const boost::system::error_code& error) {
    problem = problem_of(error);
    return state = State::failed;
  }
};

HttpAnswer::HttpAnswer(std::size_t body_limit) : parser_(std::make_unique<Parser>()) {
  parser_->parser.body_limit(body_limit);
  parser_->parser.header_limit(head_limit);
  parser_->parser.eager(true);
}
HttpAnswer::~HttpAnswer() = default;
HttpAnswer::HttpAnswer(HttpAnswer&&) noexcept = default;
HttpAnswer& HttpAnswer::operator=(HttpAnswer&&) noexcept = default;

HttpAnswer::State HttpAnswer::put(ByteView octets) {
  Parser& own = *parser_;
  if (own.state != State::more || octets.empty()) return own.state;
  const auto room = own.waiting.prepare(octets.size());
  own.waiting.commit(boost::asio::buffer_copy(room, boost::asio::buffer(octets.data(), octets.size())));
  while (own.waiting.size() > 0 && !own.parser.is_done()) {
    boost::system::error_code error;
    const std::size_t used = own.parser.put(own.waiting.data(), error);
    own.waiting.consume(used);
    if (error == http::error::need_more || (!error && used == 0)) break;
    if (error) return own.fail(error);
  }
  if (own.parser.is_done()) return own.state = State::done;
  // A line of a chunk that never ends would be kept for ever.
  if (own.waiting.size() > head_limit) return own.fail(http::error::header_limit);
  return State::more;
}

HttpAnswer::State HttpAnswer::end() {
  Parser& own = *parser_;
  if (own.state != State::more) return own.state;
  boost::system::error_code error;
  if (!own.parser.got_some()) return own.fail(http::error::end_of_stream);
  own.parser.put_eof(error);
  if (error) return own.fail(error);
  if (!own.parser.is_done()) return own.fail(http::error::partial_message);
  return own.state = State::done;
}

const std::string& HttpAnswer::problem() const { return parser_->problem; }
unsigned HttpAnswer::status() const { return parser_->parser.get().result_int(); }
std::string HttpAnswer::location() const {
  const auto value = parser_->parser.get()[http::field::location];
  return {value.data(), value.size()};
}
const Bytes& HttpAnswer::body() const { return parser_->parser.get().body(); }

}  // namespace chaintier
