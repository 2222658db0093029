// leaf.*: the server's own certificate.
#include <algorithm>
#include <array>
#include <chrono>

#include <fmt/format.h>

#include "src/findings/judge_chain.h"
#include "src/findings/rules.h"
#include "src/paths/path_checks.h"

namespace chaintier {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view oid_server_auth = "1.3.6.1.5.5.7.3.1";
constexpr std::string_view oid_client_auth = "1.3.6.1.5.5.7.3.2";
constexpr std::string_view oid_any_usage = "2.5.29.37.0";

Finding about(const Certificate& leaf, Code code, Severity severity, std::map<std::string, Fact> facts) {
  facts.emplace("subject", leaf.subject.short_text());
  return {code, severity, {at_certificate(leaf)}, std::move(facts)};
}

bool has_usage(const Certificate& leaf, std::string_view oid) {
  return leaf.extended_key_usage &&
         std::ranges::find(*leaf.extended_key_usage, oid) != leaf.extended_key_usage->end();
}

Checked validity(const ChainView& view) {
  if (!view.leaf()) return CouldNotCheck{"a leaf that can be read"};
  const Certificate& leaf = *view.leaf();
  if (leaf.has(Defect::bad_time)) return CouldNotCheck{"dates that can be read"};
  auto finding = date_finding(leaf, view.knowledge.at);
  if (finding && finding->code != Code::leaf_renewal_due) return found({std::move(*finding)});
  return Passed{};
}

Checked renewal(const ChainView& view) {
  if (!view.leaf()) return CouldNotCheck{"a leaf that can be read"};
  const Certificate& leaf = *view.leaf();
  const Time now = view.knowledge.at;
  if (leaf.has(Defect::bad_time) || leaf.not_after < now || leaf.not_before > now) return NotApplicable{};
  if (auto finding = date_finding(leaf, now)) return found({std::move(*finding)});
  return Passed{};
}

std::vector<std::string> names_of(const Certificate& leaf) {
  std::vector<std::string> names;
  if (!leaf.subject_alt_name) return names;
  names = leaf.subject_alt_name->dns;
  for (const Bytes& ip : leaf.subject_alt_name->ip)
    if (const auto address = IpAddress::from_octets(ip)) names.push_back(address->text());
  return names;
}

Checked host_name(const ChainView& view) {
  if (!view.leaf()) return CouldNotCheck{"a leaf that can be read"};
  if (!view.host) return CouldNotCheck{"the host name"};
  if (matches_host(*view.leaf(), *view.host)) return Passed{};
  return found({about(*view.leaf(), Code::leaf_name_mismatch, Severity::error,
                      {{"host", view.host->address ? view.host->address->text() : view.host->dns},
                       {"names", names_of(*view.leaf())}})});
}

std::string key_text(const PublicKey& key) {
  return key.algorithm == KeyAlgorithm::ec ? fmt::format("EC {}", key.curve)
                                           : fmt::format("{} {}", key.name, key.bits);
}

Checked key(const ChainView& view) {
  if (!view.leaf()) return CouldNotCheck{"a leaf that can be read"};
  if (!weak_key(view.leaf()->key)) return Passed{};
  return found(
      {about(*view.leaf(), Code::leaf_weak_key, Severity::error, {{"key", key_text(view.leaf()->key)}})});
}

Checked signature_algorithm(const ChainView& view) {
  if (!view.leaf()) return CouldNotCheck{"a leaf that can be read"};
  const auto& algorithm = view.leaf()->signature_algorithm;
  if (algorithm.digest != DigestStrength::sha1 && algorithm.digest != DigestStrength::broken) return Passed{};
  if (view.set.members.front().anchor) return NotApplicable{};
  return found(
      {about(*view.leaf(), Code::leaf_weak_signature, Severity::error, {{"algorithm", algorithm.name}})});
}

// What the certificate says that it is for.
std::vector<std::string> usages_of(const Certificate& leaf) {
  static constexpr std::array names{"digitalSignature", "nonRepudiation", "keyEncipherment",
                                    "dataEncipherment", "keyAgreement",   "keyCertSign",
                                    "cRLSign",          "encipherOnly",   "decipherOnly"};
  if (leaf.extended_key_usage && !has_usage(leaf, oid_server_auth) && !has_usage(leaf, oid_any_usage))
    return *leaf.extended_key_usage;
  std::vector<std::string> usages;
  for (std::size_t bit = 0; bit < names.size(); ++bit)
    if (leaf.may(static_cast<KeyUse>(bit))) usages.emplace_back(names[bit]);
  return usages;
}

Checked server_auth(const ChainView& view) {
  if (!view.leaf()) return CouldNotCheck{"a leaf that can be read"};
  const Certificate& leaf = *view.leaf();
  if (!view.knowledge.for_server) return NotApplicable{};
  const bool extended =
      !leaf.extended_key_usage || has_usage(leaf, oid_server_auth) || has_usage(leaf, oid_any_usage);
  if (extended && usable_in_handshake(leaf)) return Passed{};
  return found({about(leaf, Code::leaf_no_server_auth, Severity::error, {{"usages", usages_of(leaf)}})});
}

Checked self_signed(const ChainView& view) {
  if (!view.leaf()) return CouldNotCheck{"a leaf that can be read"};
  const auto& leaf = view.set.members.front();
  if (!leaf.self_signed || leaf.anchor) return Passed{};
  return found({about(*view.leaf(), Code::leaf_self_signed, Severity::error, {})});
}

Checked client_auth(const ChainView& view) {
  if (!view.leaf()) return CouldNotCheck{"a leaf that can be read"};
  if (!issuing_ca(view.chain, view.catalogue()) || view.leaf()->is_ca()) return NotApplicable{};
  if (!has_usage(*view.leaf(), oid_client_auth)) return Passed{};
  return found({about(*view.leaf(), Code::leaf_client_auth, Severity::note, {})});
}

// Baseline Requirements 6.3.2 and its forerunners: the longest validity allowed for the date of issue.
struct LifetimeLimit {
  std::chrono::sys_days from;
  std::int64_t days;
};
constexpr std::array lifetime_limits{
    // 60 and 39 months at their longest
    LifetimeLimit{std::chrono::sys_days{std::chrono::year{2012} / 7 / 1}, 1827},
    LifetimeLimit{std::chrono::sys_days{std::chrono::year{2015} / 4 / 1}, 1187},
    LifetimeLimit{std::chrono::sys_days{std::chrono::year{2018} / 3 / 1}, 825},
    LifetimeLimit{std::chrono::sys_days{std::chrono::year{2020} / 9 / 1}, 398},
    LifetimeLimit{std::chrono::sys_days{std::chrono::year{2026} / 3 / 15}, 200},
    LifetimeLimit{std::chrono::sys_days{std::chrono::year{2027} / 3 / 15}, 100},
    LifetimeLimit{std::chrono::sys_days{std::chrono::year{2029} / 3 / 15}, 47},
};

Checked lifetime(const ChainView& view) {
  if (!view.leaf()) return CouldNotCheck{"a leaf that can be read"};
  const Certificate& leaf = *view.leaf();
  if (!issuing_ca(view.chain, view.catalogue()) || leaf.is_ca() || leaf.has(Defect::bad_time))
    return NotApplicable{};
  std::optional<std::int64_t> limit;
  for (const LifetimeLimit& row : lifetime_limits)
    if (leaf.not_before >= row.from) limit = row.days;
  if (!limit) return NotApplicable{};
  // 6.3.2: both ends count, and every begun day is a whole one.
  const std::int64_t seconds = (leaf.not_after - leaf.not_before).count() + 1;
  const std::int64_t days = (seconds + 86'399) / 86'400;
  if (days <= *limit) return Passed{};
  return found({about(leaf, Code::leaf_lifetime, Severity::warning,
                      {{"days", days}, {"limit", *limit}, {"not_before", leaf.not_before}})});
}

constexpr std::array rules{
    ChainRule{"leaf.client_auth", "TWCA notice: no client authentication from 2026-06-08 on", client_auth},
    ChainRule{"leaf.key", "BR 6.1.5", key},
    ChainRule{"leaf.lifetime", "BR 6.3.2", lifetime},
    ChainRule{"leaf.name", "RFC 9525 6", host_name},
    ChainRule{"leaf.renewal", "TWCA manual 5.11", renewal},
    ChainRule{"leaf.self_signed", "RFC 5280 3.2", self_signed},
    ChainRule{"leaf.server_auth", "RFC 5280 4.2.1.12, BR 7.1.2.7.10", server_auth},
    ChainRule{"leaf.signature", "BR 7.1.3.2", signature_algorithm},
    ChainRule{"leaf.validity", "RFC 5280 4.1.2.5", validity},
};
static_assert(std::ranges::is_sorted(rules, {}, &ChainRule::name));

}  // namespace

// TWCA tells its customers two months ahead (manual 5.11); certificates of under 180 days: their last third.
std::optional<Finding> date_finding(const Certificate& leaf, Time now) {
  if (leaf.has(Defect::bad_time)) return std::nullopt;
  if (leaf.not_after < now)
    return about(leaf, Code::leaf_expired, Severity::error,
                 {{"not_after", leaf.not_after}, {"days", days_between(leaf.not_after, now)}});
  if (leaf.not_before > now)
    return about(leaf, Code::leaf_not_yet_valid, Severity::error, {{"not_before", leaf.not_before}});
  const auto lifetime = leaf.not_after - leaf.not_before;
  const auto ahead = lifetime < 180 * 24h ? lifetime / 3 : std::chrono::seconds(60 * 24h);
  if (leaf.not_after - now > ahead) return std::nullopt;
  return about(leaf, Code::leaf_renewal_due, Severity::warning,
               {{"not_after", leaf.not_after}, {"days", days_between(now, leaf.not_after)}});
}

std::span<const ChainRule> leaf_rules() { return rules; }

}  // namespace chaintier
