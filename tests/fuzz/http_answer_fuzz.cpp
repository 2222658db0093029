// What a caIssuers URL answers, in pieces: the same whatever the pieces, and within the limits.
#include "probes/http_answer.h"
#include "src/observe/http_url.h"
#include "src/x509/issuer_answer.h"
#include "tests/fuzz/fuzz.h"

using namespace chaintier;

namespace {

constexpr std::size_t limit = 4096;

HttpAnswer::State read(HttpAnswer& answer, ByteView octets, std::size_t piece) {
  auto state = HttpAnswer::State::more;
  while (!octets.empty() && state == HttpAnswer::State::more) {
    const ByteView next = octets.first(piece < octets.size() ? piece : octets.size());
    state = answer.put(next);
    octets = octets.subspan(next.size());
  }
  return state == HttpAnswer::State::more ? answer.end() : state;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  const std::size_t piece = input.octet() % 32 + 1u;
  const ByteView octets = input.all();
  HttpAnswer answer(limit), whole(limit);
  const auto state = read(answer, octets, piece);
  const auto at_once = read(whole, octets, octets.size() + 1);
  promise(state != HttpAnswer::State::more && at_once != HttpAnswer::State::more, "an answer has an end");
  if (state == HttpAnswer::State::failed) {
    promise_printable(answer.problem());
    return 0;
  }
  promise(answer.body().size() <= limit, "the body is within its limit");
  if (at_once == HttpAnswer::State::done) promise(whole.body() == answer.body(), "pieces do not matter");
  if (const auto next = resolve_location("http://example.tw/a", answer.location()))
    if (const auto url = parse_http_url(*next)) {
      promise(url->target.starts_with("/"), "a target begins with a slash");
      promise(url->target.find_first_of("\r\n ") == std::string::npos, "a target is one word");
      promise(url->authority.find_first_of("\r\n /") == std::string::npos, "so is the host");
    }
  if (const auto issuers = issuers_in(answer.body())) {
    promise(!issuers->empty() && issuers->size() <= 32, "some issuers, and not too many");
  } else {
    promise_printable(issuers.error().detail);
  }
  return 0;
}
