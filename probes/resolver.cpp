#include "probes/resolver.h"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <set>
#include <stdexcept>

#include <ares.h>
#include <fmt/format.h>

#include "probes/ares_sockets.h"

namespace chaintier {

// One name, asked once. `answer` is set when c-ares has finished; until then everybody waits on a timer of
// his own.
struct DnsResolver::Question {
  std::optional<Result<Resolved>> answer;
  std::set<std::shared_ptr<boost::asio::steady_timer>> waiting;
  std::string name;
  AddressFamily family = AddressFamily::any;
  DnsResolver* resolver = nullptr;
  std::unique_ptr<Channel> channel;  // of its own, while it is asked alone

  void settle(Result<Resolved> result) {
    answer = std::move(result);
    for (const auto& timer : waiting) timer->cancel();
  }
};

namespace {

// A channel takes some 100 kB.
constexpr std::size_t most_alone = 64;

std::string_view what_was_asked(AddressFamily family) {
  switch (family) {
    case AddressFamily::any:
      return "address";
    case AddressFamily::v4:
      return "IPv4 address";
    case AddressFamily::v6:
      return "IPv6 address";
  }
  std::abort();
}

Error lookup_error(int status, const std::string& name, AddressFamily family) {
  const auto error = [&](Fault fault, std::string_view what) {
    return Error{Stage::resolve, fault, fmt::format("{}: {}", name, what), Cause::resolve};
  };
  switch (status) {
    case ARES_ENOTFOUND:
      return error(Fault::peer, "the name does not exist (NXDOMAIN)");
    case ARES_ENODATA:
      return error(Fault::peer, fmt::format("the name exists but has no {}", what_was_asked(family)));
    case ARES_EBADNAME:
      return error(Fault::input, "not a name that can be looked up");
    case ARES_ETIMEOUT:
      return error(Fault::network, "no name server answered in time");
    case ARES_ECONNREFUSED:  // what c-ares says after it has tried every server, whatever they answered
      return error(Fault::network,
                   "no name server gave an answer: none can be reached, or each failed (SERVFAIL) or refused "
                   "(REFUSED)");
    case ARES_ESERVFAIL:
      return error(Fault::network, "the name server failed (SERVFAIL)");
    case ARES_EREFUSED:
      return error(Fault::network, "the name server refused to answer (REFUSED)");
    case ARES_ENOMEM:
    case ARES_ECANCELLED:
    case ARES_EDESTRUCTION:
      return error(Fault::internal, ares_strerror(status));
    default:
      return error(Fault::network, ares_strerror(status));
  }
}

std::optional<IpAddress> address_of(const ares_addrinfo_node& node) {
  if (node.ai_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(node.ai_addr);
    return IpAddress::from_octets({reinterpret_cast<const std::uint8_t*>(&v4->sin_addr), 4});
  }
  if (node.ai_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(node.ai_addr);
    return IpAddress::from_octets({reinterpret_cast<const std::uint8_t*>(&v6->sin6_addr), 16});
  }
  return std::nullopt;
}

// The A and the AAAA answer each bring their CNAME records; here is the one way through them.
std::vector<std::string> cname_path(const ares_addrinfo_cname* records, const std::string& name) {
  std::map<std::string, std::string> next;
  std::vector<std::string> as_listed;
  for (const auto* record = records; record; record = record->next) {
    if (!record->alias || !record->name) continue;
    if (next.emplace(record->alias, record->name).second) as_listed.emplace_back(record->name);
  }
  std::vector<std::string> path;
  for (auto found = next.find(name); found != next.end() && path.size() < next.size();
       found = next.find(found->second))
    path.push_back(found->second);
  return path.empty() ? as_listed : path;  // empty: the search list has completed the name
}

struct FreeAddrinfo {
  void operator()(ares_addrinfo* info) const noexcept { ares_freeaddrinfo(info); }
};

Result<Resolved> resolved_from(int status, const ares_addrinfo* info, const std::string& name,
                               AddressFamily family) {
  if (status != ARES_SUCCESS) return lookup_error(status, name, family);
  Resolved resolved;
  std::set<IpAddress> addresses;
  for (const auto* node = info->nodes; node; node = node->ai_next)
    if (const auto address = address_of(*node)) addresses.insert(*address);
  if (addresses.empty()) return lookup_error(ARES_ENODATA, name, family);
  resolved.addresses.assign(addresses.begin(), addresses.end());
  resolved.cnames = cname_path(info->cnames, name);
  return resolved;
}

int ares_family(AddressFamily family) {
  return family == AddressFamily::v4 ? AF_INET : family == AddressFamily::v6 ? AF_INET6 : AF_UNSPEC;
}

}  // namespace

// c-ares with its sockets and its timer on the reactor.
class DnsResolver::Channel {
 public:
  Channel(const boost::asio::any_io_executor& executor, const ResolverOptions& options, bool search)
      : sockets_(executor,
                 [this](ares_socket_t readable, ares_socket_t writable) { process(readable, writable); }),
        timer_(executor) {
    check(ares_library_init(ARES_LIB_INIT_ALL));
    ares_options settings{};
    std::array<char, 3> lookups{'f', 'b', '\0'};  // the hosts file, then the name servers
    settings.lookups = lookups.data();
    settings.timeout = static_cast<int>(options.try_timeout.count());
    settings.tries = options.tries;
    settings.flags = search ? 0 : ARES_FLAG_NOSEARCH;
    settings.sock_state_cb_data = this;
    settings.sock_state_cb = [](void* self, ares_socket_t socket, int read, int write) {
      static_cast<Channel*>(self)->sockets_.watch(socket, read != 0, write != 0);
    };
    const int status = ares_init_options(
        &channel_, &settings,
        ARES_OPT_FLAGS | ARES_OPT_LOOKUPS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB);
    if (status != ARES_SUCCESS) {
      ares_library_cleanup();
      check(status);
    }
    if (options.server) {
      const auto& [address, port] = *options.server;
      const std::string server =
          fmt::format(fmt::runtime(address.is_v6() ? "[{}]:{}" : "{}:{}"), address.text(), port);
      if (const int set = ares_set_servers_ports_csv(channel_, server.c_str()); set != ARES_SUCCESS) {
        ares_destroy(channel_);
        ares_library_cleanup();
        check(set);
      }
    }
  }

  ~Channel() {
    ares_destroy(channel_);
    ares_library_cleanup();
  }
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  void ask(const QuestionPtr& question) {
    ares_addrinfo_hints hints{};
    hints.ai_family = ares_family(question->family);
    hints.ai_flags = ARES_AI_NOSORT;          // sorting would open a socket for each address
    auto* owner = new QuestionPtr(question);  // deleted by on_answer, which c-ares calls exactly once
    ares_getaddrinfo(channel_, question->name.c_str(), nullptr, &hints, on_answer, owner);
    set_timer();
  }

 private:
  static void check(int status) {
    if (status != ARES_SUCCESS) throw std::runtime_error(fmt::format("c-ares: {}", ares_strerror(status)));
  }

  static void on_answer(void* argument, int status, int, ares_addrinfo* raw) {
    const std::unique_ptr<QuestionPtr> question(static_cast<QuestionPtr*>(argument));
    const std::unique_ptr<ares_addrinfo, FreeAddrinfo> info(raw);
    Question& asked = **question;
    if (status == ARES_ECONNREFUSED && !asked.channel) return asked.resolver->ask_alone(*question);
    asked.settle(resolved_from(status, raw, asked.name, asked.family));
    // With ARES_EDESTRUCTION the resolver is going.
    if (asked.channel && status != ARES_EDESTRUCTION) asked.resolver->end_alone(*question);
  }

  void process(ares_socket_t readable, ares_socket_t writable) {
    ares_process_fd(channel_, readable, writable);
    set_timer();
  }

  void set_timer() {
    timeval left{};
    if (!ares_timeout(channel_, nullptr, &left)) {
      timer_.cancel();
      return;
    }
    timer_.expires_after(std::chrono::seconds(left.tv_sec) + std::chrono::microseconds(left.tv_usec));
    timer_.async_wait([this, alive = std::weak_ptr<bool>(alive_)](boost::system::error_code error) {
      if (!error && !alive.expired()) process(ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    });
  }

  AresSockets sockets_;
  boost::asio::steady_timer timer_;
  ares_channel channel_ = nullptr;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

DnsResolver::DnsResolver(boost::asio::any_io_executor executor, ResolverOptions options)
    : executor_(std::move(executor)), options_(std::move(options)) {}

DnsResolver::~DnsResolver() = default;

void DnsResolver::ask(const std::string& name, const QuestionPtr& question) {
  question->name = name;
  question->family = options_.family;
  question->resolver = this;
  const bool search = name.find('.') == std::string::npos;
  auto& channel = search ? searching_ : plain_;
  if (!channel) channel = std::make_unique<Channel>(executor_, options_, search);
  channel->ask(question);
}

void DnsResolver::ask_alone(const QuestionPtr& question) {
  alone_.push_back(question);
  // Not from within c-ares, which is calling us.
  boost::asio::post(executor_, [this, alive = std::weak_ptr<bool>(alive_)] {
    if (!alive.expired()) begin_alone();
  });
}

void DnsResolver::begin_alone() {
  while (alone_asked_ < most_alone && !alone_.empty()) {
    // The youngest first: one that has waited long is likely to wait on.
    const QuestionPtr question = std::move(alone_.back());
    alone_.pop_back();
    if (question->waiting.empty()) {
      question->settle(lookup_error(ARES_ECONNREFUSED, question->name, question->family));
      continue;
    }
    ++alone_asked_;
    const bool search = question->name.find('.') == std::string::npos;
    ResolverOptions once = options_;
    once.tries = 1;  // it was asked before, and others wait for their turn
    question->channel = std::make_unique<Channel>(executor_, once, search);
    question->channel->ask(question);
  }
}

void DnsResolver::end_alone(const QuestionPtr& question) {
  boost::asio::post(executor_, [this, question, alive = std::weak_ptr<bool>(alive_)] {
    if (alive.expired()) return;
    question->channel.reset();
    --alone_asked_;
    begin_alone();
  });
}

Awaitable<Result<Resolved>> DnsResolver::lookup(std::string name, Deadline deadline) {
  auto& known = questions_[name];
  if (!known) {
    known = std::make_shared<Question>();
    ask(name, known);
  }
  const QuestionPtr question = known;
  if (!question->answer) {
    const auto timer = std::make_shared<boost::asio::steady_timer>(executor_, deadline);
    question->waiting.insert(timer);
    // The answer cancels the timer; what woke us is told by `answer` alone.
    if (!co_await was_cancelled())
      co_await timer->async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    question->waiting.erase(timer);
  }
  if (question->answer) co_return *question->answer;
  co_return Error{Stage::resolve, Fault::network,
                  fmt::format("{}: no answer from the name servers in time", name), Cause::timeout};
}

}  // namespace chaintier
