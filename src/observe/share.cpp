#include "src/observe/share.h"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

#include "src/base/digest.h"

namespace chaintier {

namespace {

std::uint64_t number_at(const std::array<std::uint8_t, 32>& digest, std::size_t begin) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < 8; ++i) number = number << 8 | digest[begin + i];
  return number;
}

}  // namespace

// No member but the last can hold the separator, so no two targets are written alike.
std::string identity_of(const Target& target) {
  return fmt::format("{}|{}|{}|{}{}", target.host, target.port, id(target.protocol),
                     target.connect_to ? target.connect_to->text() : "",
                     target.host.empty() ? "|file|" + target.text : "");
}

std::string identity_of(const BadTarget& bad) { return fmt::format("|no target|{}|{}", bad.line, bad.text); }

bool is_in(const Shard& shard, const std::string& identity) {
  return number_at(sha256(bytes_of(identity)), 0) % shard.of == shard.number - 1;
}

std::vector<std::size_t> scan_order(const std::vector<Target>& targets) {
  std::vector<std::pair<std::uint64_t, std::size_t>> keys;
  keys.reserve(targets.size());
  for (std::size_t i = 0; i < targets.size(); ++i)
    keys.emplace_back(number_at(sha256(bytes_of(identity_of(targets[i]))), 8), i);
  std::ranges::sort(keys);
  std::vector<std::size_t> order;
  order.reserve(keys.size());
  for (const auto& [key, index] : keys) order.push_back(index);
  return order;
}

}  // namespace chaintier
