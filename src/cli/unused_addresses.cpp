#include "src/cli/unused_addresses.h"

#include <map>
#include <string_view>

#include <fmt/format.h>

#include "src/base/host_name.h"
#include "src/base/text.h"

namespace chaintier {

namespace {

struct Use {
  std::size_t asked_there = 0, elsewhere = 0;  // targets of that name
  std::string one_elsewhere;
};

std::string left_out(const std::vector<IpAddress>& given, AddressFamily family) {
  std::string list;
  for (const IpAddress& address : given)
    if (address.is_v6() != (family == AddressFamily::v6)) list += (list.empty() ? "" : ", ") + address.text();
  return list;
}

}  // namespace

std::vector<std::string> unused_addresses(const ScanOptions& options, const std::vector<Target>& targets) {
  std::vector<std::string> sentences;
  if (options.resolve.empty()) return sentences;
  std::map<std::string_view, Use> uses;
  for (const auto& [name, addresses] : options.resolve) uses[name];
  for (const Target& target : targets) {
    const auto use = uses.find(target.host);
    if (use == uses.end()) continue;
    if (!target.connect_to && !target.host_address) {
      ++use->second.asked_there;
    } else if (++use->second.elsewhere == 1) {
      use->second.one_elsewhere = target.text;
    }
  }
  for (const auto& [name, addresses] : options.resolve) {
    const Use& use = uses[name];
    const std::string shown = printable(to_shown_host(name));
    if (use.asked_there + use.elsewhere == 0)
      sentences.push_back(fmt::format("--resolve {}: no target has this name", shown));
    if (use.elsewhere > 0)
      sentences.push_back(
          fmt::format("--resolve {}: not used for {}{}, because the address stands in the target", shown,
                      printable(use.one_elsewhere),
                      use.elsewhere > 1 ? fmt::format(" and {} more", use.elsewhere - 1) : std::string()));
    if (options.family == AddressFamily::any || use.asked_there == 0) continue;
    if (const std::string list = left_out(addresses, options.family); !list.empty())
      sentences.push_back(fmt::format("--resolve {}: not used because of --address-family {}: {}", shown,
                                      options.family == AddressFamily::v6 ? "6" : "4", list));
  }
  return sentences;
}

}  // namespace chaintier
