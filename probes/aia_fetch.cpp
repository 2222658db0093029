#include "probes/aia_fetch.h"

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "probes/connection.h"
#include "probes/http_answer.h"
#include "src/base/text.h"
#include "src/observe/http_url.h"

namespace chaintier {

namespace {

namespace asio = boost::asio;

constexpr Milliseconds stop_poll{50};
constexpr std::size_t addresses_tried = 3;

Error failed(Stage stage, Fault fault, std::string detail, Cause cause = Cause::none) {
  return {stage, fault, std::move(detail), cause};
}

Error not_ready(const Connection& connection, Waited waited, Stage stage) {
  switch (waited) {
    case Waited::timed_out:
      return failed(stage, Fault::network, "no answer in time", Cause::timeout);
    case Waited::cancelled:
      return failed(stage, Fault::input, "the run was interrupted");
    case Waited::ready:
    case Waited::failed:
      break;
  }
  return failed(stage, Fault::network,
                connection.error() ? connection.error().message() : "the connection was closed");
}

bool is_redirection(unsigned status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// One run of fetches. Everything a coroutine refers to lives here.
class Fetcher {
 public:
  Fetcher(const std::vector<std::string>& urls, const AiaOptions& options, const std::function<Time()>& clock,
          const StopFlag& stop)
      : urls_(urls), options_(options), clock_(clock), stop_(stop), results_(urls.size()) {}

  std::vector<FetchedPtr> run(const ResolverFactory& make_resolver) {
    resolver_ = make_resolver(io_.get_executor());
    const IndexedTask task = [this](std::size_t index) { return fetch(index); };
    std::exception_ptr failure;
    asio::co_spawn(io_, run_bounded(urls_.size(), std::max<std::size_t>(options_.concurrency, 1), task),
                   asio::bind_cancellation_slot(signal_.slot(), [&](std::exception_ptr thrown) {
                     failure = thrown;
                     io_.stop();
                   }));
    look_for_stop();
    io_.run();
    if (failure) std::rethrow_exception(failure);
    for (std::size_t i = 0; i < urls_.size(); ++i)
      if (!results_[i]) keep(i, clock_(), failed(Stage::connect, Fault::input, "the run was interrupted"));
    return std::move(results_);
  }

 private:
  void keep(std::size_t index, Time at, Result<Bytes> body) {
    Fetched fetched{urls_[index], at, {}, std::nullopt};
    if (body)
      fetched.body = std::move(*body);
    else
      fetched.error = body.error();
    results_[index] = std::make_shared<const Fetched>(std::move(fetched));
  }

  Awaitable<void> fetch(std::size_t index) {
    const Time at = clock_();
    const Deadline deadline = SteadyClock::now() + options_.url_timeout;
    auto body = co_await follow(urls_[index], deadline);
    keep(index, at, std::move(body));
  }

  // `deadline` is moved by the wait. False when told to stop.
  Awaitable<bool> wait_for_turn(Deadline& deadline) {
    if (!options_.rate) co_return true;
    const Deadline now = SteadyClock::now();
    const Deadline turn = std::max(now, options_.rate->next());
    options_.rate->take(turn);
    if (turn == now) co_return true;
    deadline += turn - now;
    asio::steady_timer timer(io_.get_executor(), turn);
    const auto [error] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    co_return !error;
  }

  // From one redirection to the next.
  Awaitable<Result<Bytes>> follow(std::string url, Deadline deadline) {
    std::set<std::string> passed;
    for (int left = options_.redirects; passed.insert(url).second; --left) {
      auto answer = co_await ask(url, deadline);
      if (!answer) co_return answer.error();
      if (answer->status() == 200) co_return answer->body();
      if (!is_redirection(answer->status()))
        co_return failed(Stage::read, Fault::peer, fmt::format("HTTP status {}", answer->status()));
      if (left <= 0)
        co_return failed(Stage::read, Fault::peer,
                         fmt::format("more than {} redirections", options_.redirects));
      const auto next = resolve_location(url, answer->location());
      if (!next) co_return next.error();
      url = *next;
    }
    co_return failed(Stage::read, Fault::peer, "the redirections go round in a circle");
  }

  Awaitable<Result<HttpAnswer>> ask(std::string text, Deadline& deadline) {
    const auto url = parse_http_url(text);
    if (!url) co_return url.error();
    const auto addresses = co_await addresses_of(*url, deadline);
    if (!addresses) co_return addresses.error();
    Error last;
    for (std::size_t i = 0; i < std::min(addresses->size(), addresses_tried); ++i) {
      auto answer = co_await ask_at((*addresses)[i], *url, deadline);
      if (answer) co_return std::move(*answer);
      last = answer.error();
      if (SteadyClock::now() >= deadline) break;
    }
    co_return last;
  }

  // Those that may be connected to, at least one.
  Awaitable<Result<std::vector<IpAddress>>> addresses_of(HttpUrl url, Deadline deadline) {
    std::vector<IpAddress> addresses;
    if (url.address) {
      addresses.push_back(*url.address);
    } else if (const auto given = options_.resolve.find(url.host); given != options_.resolve.end()) {
      addresses = given->second;
    } else {
      const auto resolved = co_await resolver_->lookup(url.host, deadline);
      if (!resolved) co_return resolved.error();
      addresses = resolved->addresses;
    }
    std::vector<std::string> refused;
    std::vector<IpAddress> allowed;
    for (const IpAddress& address : addresses)
      if (options_.may_ask(address))
        allowed.push_back(address);
      else
        refused.push_back(address.text());
    if (!allowed.empty()) co_return allowed;
    co_return failed(Stage::connect, Fault::peer,
                     not_public(url.host, fmt::format("{}", fmt::join(refused, ", "))));
  }

  static std::string not_public(const std::string& host, const std::string& addresses) {
    return fmt::format("{} leads to {}, which is no public address (--aia-allow-private allows it)",
                       printable(host), addresses);
  }

  Awaitable<Result<HttpAnswer>> ask_at(IpAddress address, HttpUrl url, Deadline& deadline) {
    Connection connection(io_.get_executor());
    const bool may_go_on = co_await wait_for_turn(deadline);
    if (!may_go_on) co_return not_ready(connection, Waited::cancelled, Stage::connect);
    const Deadline connected_by = std::min(deadline, SteadyClock::now() + options_.connect_timeout);
    const Waited connected = co_await connection.connect(address, url.port, connected_by);
    if (connected != Waited::ready) co_return not_ready(connection, connected, Stage::connect);
    // The address that counts is the one at the other end.
    const auto peer = connection.peer();
    if (!peer || !options_.may_ask(*peer))
      co_return failed(Stage::connect, Fault::peer,
                       not_public(url.host, peer ? peer->text() : std::string("nowhere")));
    const std::string request = fmt::format(
        "GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: chaintier\r\nAccept: application/pkix-cert, "
        "application/pkcs7-mime, */*\r\nConnection: close\r\n\r\n",
        url.target, url.authority);
    ByteView rest = bytes_of(request);
    while (!rest.empty()) {
      const auto written = connection.write(rest);
      if (written.status == TlsWire::Status::closed)
        co_return not_ready(connection, Waited::failed, Stage::read);
      rest = rest.subspan(written.octets);
      if (written.status == TlsWire::Status::done) continue;
      const Waited waited = co_await connection.wait_writable(deadline);
      if (waited != Waited::ready) co_return not_ready(connection, waited, Stage::read);
    }
    HttpAnswer answer(options_.body_limit);
    std::array<std::uint8_t, 16384> block;
    for (;;) {
      const auto got = connection.read(block);
      auto state = HttpAnswer::State::more;
      if (got.status == TlsWire::Status::done)
        state = answer.put({block.data(), got.octets});
      else if (got.status == TlsWire::Status::closed && connection.error())
        co_return not_ready(connection, Waited::failed, Stage::read);
      else if (got.status == TlsWire::Status::closed)
        state = answer.end();
      if (state == HttpAnswer::State::done) co_return std::move(answer);
      if (state == HttpAnswer::State::failed) co_return failed(Stage::read, Fault::peer, answer.problem());
      // One that never stops sending must not outlast the deadline, nor keep others from their turn.
      const Waited waited = co_await connection.wait_readable(deadline);
      if (waited != Waited::ready) co_return not_ready(connection, waited, Stage::read);
    }
  }

  void look_for_stop() {
    if (stop_.requested()) {
      signal_.emit(asio::cancellation_type::terminal);
      return;
    }
    stop_timer_.expires_after(stop_poll);
    stop_timer_.async_wait([this](boost::system::error_code error) {
      if (!error) look_for_stop();
    });
  }

  const std::vector<std::string>& urls_;
  const AiaOptions& options_;
  const std::function<Time()>& clock_;
  const StopFlag& stop_;
  std::vector<FetchedPtr> results_;
  asio::cancellation_signal signal_;
  asio::io_context io_{1};
  asio::steady_timer stop_timer_{io_};
  std::unique_ptr<Resolver> resolver_;
};

}  // namespace

std::vector<FetchedPtr> fetch_issuers(const std::vector<std::string>& urls, const AiaOptions& options,
                                      const std::function<Time()>& clock, const StopFlag& stop,
                                      const ResolverFactory& resolver) {
  if (urls.empty()) return {};
  return Fetcher(urls, options, clock, stop).run(resolver);
}

std::vector<FetchedPtr> fetch_issuers(const std::vector<std::string>& urls, const AiaOptions& options,
                                      const std::function<Time()>& clock, const StopFlag& stop) {
  const ResolverFactory resolver = [&](asio::any_io_executor executor) -> std::unique_ptr<Resolver> {
    ResolverOptions asked;
    asked.family = options.family;
    asked.server = options.dns;
    return std::make_unique<DnsResolver>(std::move(executor), asked);
  };
  return fetch_issuers(urls, options, clock, stop, resolver);
}

}  // namespace chaintier
