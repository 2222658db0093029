// Names to addresses.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "probes/async.h"
#include "src/base/address.h"
#include "src/base/result.h"

namespace chaintier {

enum class AddressFamily { any, v4, v6 };

struct Resolved {
  std::vector<IpAddress> addresses;  // at least one; sorted, each once
  std::vector<std::string> cnames;   // in the order followed; empty when the name holds the addresses itself
};

class Resolver {
 public:
  virtual ~Resolver() = default;
  // Errors have stage and cause `resolve` (fault peer: the name or its addresses do not exist; network:
  // nobody said), or cause `timeout` when `deadline` came first. By value: the coroutine may outlive the
  // caller's string.
  virtual Awaitable<Result<Resolved>> lookup(std::string name, Deadline deadline) = 0;
};

struct ResolverOptions {
  AddressFamily family = AddressFamily::any;
  std::optional<std::pair<IpAddress, std::uint16_t>> server;  // instead of the machine's name servers
  Milliseconds try_timeout{2000};  // for the first question; doubled for each further try
  int tries = 3;
};

// Asks the hosts file, then the name servers, by c-ares. Each name is asked once in the lifetime of the
// object, also when many wait for it at the same time; failures are remembered too. A name without a dot is
// completed by the search list of the machine, others are taken as they are. All calls from the thread of
// `executor`.
//
// Names share one channel of c-ares, which lets all that wait for a server fail when one of them makes it
// refuse (a truncated answer, and nobody at TCP). So a name that failed in company is asked once more by
// itself.
class DnsResolver final : public Resolver {
 public:
  DnsResolver(boost::asio::any_io_executor executor, ResolverOptions options);
  ~DnsResolver() override;
  Awaitable<Result<Resolved>> lookup(std::string name, Deadline deadline) override;

 private:
  class Channel;
  struct Question;
  using QuestionPtr = std::shared_ptr<Question>;

  void ask(const std::string& name, const QuestionPtr& question);
  void ask_alone(const QuestionPtr& question);
  void begin_alone();
  void end_alone(const QuestionPtr& question);

  boost::asio::any_io_executor executor_;
  ResolverOptions options_;
  std::map<std::string, QuestionPtr> questions_;
  std::unique_ptr<Channel> plain_, searching_;  // made when first needed
  std::vector<QuestionPtr> alone_;              // those that wait for a channel of their own
  std::size_t alone_asked_ = 0;                 // those that have one
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace chaintier
