#include "src/report/internal_names.h"

#include <algorithm>

#include <libpsl.h>

#include "src/base/host_name.h"
#include "src/base/text.h"

namespace chaintier {

namespace {

bool in_prefix(ByteView octets, std::initializer_list<std::uint8_t> prefix, int bits) {
  std::size_t i = 0;
  for (const std::uint8_t wanted : prefix) {
    const int left = std::min(8, bits - static_cast<int>(i) * 8);
    if (left <= 0) break;
    const auto mask = static_cast<std::uint8_t>(0xFF << (8 - left));
    if ((octets[i] & mask) != (wanted & mask)) return false;
    ++i;
  }
  return true;
}

bool is_internal_v4(ByteView octets) {
  return in_prefix(octets, {10}, 8) || in_prefix(octets, {172, 16}, 12) ||
         in_prefix(octets, {192, 168}, 16) || in_prefix(octets, {100, 64}, 10) ||
         in_prefix(octets, {127}, 8) || in_prefix(octets, {169, 254}, 16) || in_prefix(octets, {0}, 8);
}

}  // namespace

bool ends_in(std::string_view name, std::string_view domain) {
  return name == domain || (name.size() > domain.size() && name.ends_with(domain) &&
                            name[name.size() - domain.size() - 1] == '.');
}

std::string normal_name(std::string_view name) {
  std::string result = lower_ascii(name);
  while (result.ends_with('.')) result.pop_back();
  if (result.starts_with("*.")) result.erase(0, 2);
  return result;
}

bool is_internal(const IpAddress& address) {
  const ByteView octets = address.octets();
  if (!address.is_v6()) return is_internal_v4(octets);
  const bool zeros = std::all_of(octets.begin(), octets.begin() + 10, [](std::uint8_t o) { return o == 0; });
  if (zeros && octets[10] == 0xFF && octets[11] == 0xFF) return is_internal_v4(octets.subspan(12));
  if (zeros && in_prefix(octets.subspan(10), {0, 0, 0, 0, 0, 0}, 40)) return octets[15] <= 1;  // :: and ::1
  return in_prefix(octets, {0xFC}, 7) ||
         in_prefix(octets, {0xFE, 0x80}, 9);  // fe80::/10 and the old fec0::/10
}

bool is_internal_name(std::string_view raw) {
  const std::string name = normal_name(raw);
  if (name.empty() || IpAddress::parse(name)) return false;
  const auto ascii = to_ascii_host(name);
  if (!ascii) return false;  // not the name of a host at all
  if (name.find('.') == std::string::npos || ends_in(name, "home.arpa")) return true;
  if (!internal_v4_in(name).empty() || spells_internal_address(name)) return true;
  const std::string top = ascii->substr(ascii->rfind('.') + 1);
  const psl_ctx_t* list = psl_builtin();
  if (!list) return false;
  // Without the rule that takes any unknown top-level domain for public.
  return psl_is_public_suffix2(list, top.c_str(), PSL_TYPE_ANY | PSL_TYPE_NO_STAR_RULE) == 0;
}

}  // namespace chaintier
