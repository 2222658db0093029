// Issuers from caIssuers URLs (RFC 5280 4.2.2.1). The URLs come from strangers: http only, and every step has
// a limit.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "probes/rate_limit.h"
#include "probes/scan.h"
#include "probes/stop_flag.h"
#include "src/observe/observation.h"

namespace chaintier {

struct AiaOptions {
  // Which addresses may be connected to, whether a URL names them, a name leads there or a redirection does:
  // a certificate must not make a scanner ask inside its own network.
  std::function<bool(const IpAddress&)> may_ask = is_public;
  std::size_t body_limit = 256u << 10;
  int redirects = 3;
  std::size_t concurrency = 32;
  Milliseconds connect_timeout{4000};
  Milliseconds url_timeout{8000};  // of one URL with its lookups and redirections
  // Each connection waits for its turn, and that time is not counted in url_timeout. Kept from one call to
  // the next; null: no limit.
  std::shared_ptr<RateLimit> rate;
  AddressFamily family = AddressFamily::any;
  std::map<std::string, std::vector<IpAddress>> resolve;  // as in ScanOptions, and so is the next
  std::optional<std::pair<IpAddress, std::uint16_t>> dns;
};

// Fetches each URL once and returns one result for each, in their order: the body as it came, or why not. A
// body need not hold a certificate. After a request by `stop` what is not there yet becomes an error and the
// call returns within a fraction of a second.
std::vector<FetchedPtr> fetch_issuers(const std::vector<std::string>& urls, const AiaOptions& options,
                                      const std::function<Time()>& clock, const StopFlag& stop);
std::vector<FetchedPtr> fetch_issuers(const std::vector<std::string>& urls, const AiaOptions& options,
                                      const std::function<Time()>& clock, const StopFlag& stop,
                                      const ResolverFactory& resolver);

}  // namespace chaintier
