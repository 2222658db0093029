#include "src/paths/policies.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>

namespace chaintier {

namespace {

const std::string any_policy = "2.5.29.32.0";

// One level of the valid policy tree, by valid policy with its expected policy set. With any-policy as the
// initial set only the newest level decides whether the tree is empty, so the levels above are not kept, and
// nodes of the same policy are one: no input can make it grow beyond the policies of one certificate.
using Level = std::map<std::string, std::set<std::string>>;

Level next_level(const Level& parents, const std::vector<std::string>& policies, bool any_allowed) {
  std::unordered_set<std::string_view>
      expected_by_some;  // a certificate may list a hundred thousand policies
  for (const auto& [policy, expected] : parents) expected_by_some.insert(expected.begin(), expected.end());
  const bool any_above = parents.contains(any_policy);
  Level level;
  bool has_any = false;
  for (const std::string& policy : policies) {
    if (policy == any_policy) {
      has_any = true;
      continue;
    }
    if (any_above || expected_by_some.contains(policy)) level[policy].insert(policy);  // 6.1.3 (d)(1)
  }
  if (has_any && any_allowed)  // 6.1.3 (d)(2)
    for (const auto& [policy, expected] : parents)
      for (const std::string& value : expected)
        if (!level.contains(value)) level[value].insert(value);
  return level;
}

// 6.1.4 (b)
void map_policies(Level& level, const Certificate& certificate, bool mapping_allowed) {
  std::map<std::string, std::set<std::string>> mapped;
  for (const auto& [issuer, subject] : certificate.policy_mappings) mapped[issuer].insert(subject);
  for (const auto& [issuer, subjects] : mapped) {
    if (!mapping_allowed) {
      level.erase(issuer);
    } else if (level.contains(issuer) || level.contains(any_policy)) {
      level[issuer] = subjects;
    }
  }
}

void lower_to(std::size_t& counter, const std::optional<std::int64_t>& limit) {
  if (limit && *limit >= 0 && static_cast<std::uint64_t>(*limit) < counter)
    counter = static_cast<std::size_t>(*limit);
}

// explicit_policy starts above the length of the path (6.1.2 (d)) and falls by one a certificate: only a
// policy constraint brings it to 0, without which no tree makes the path fail.
bool tree_can_matter(std::span<const CertificatePtr> path) {
  return std::ranges::any_of(path, [](const CertificatePtr& certificate) {
    return certificate->policy_constraints || !certificate->policy_mappings.empty();
  });
}

}  // namespace

std::optional<PathProblem> check_policies(std::span<const CertificatePtr> path) {
  if (!tree_can_matter(path)) return std::nullopt;
  const std::size_t count = path.size() - 1;  // certificates below the anchor
  std::size_t explicit_policy = count + 1;
  std::size_t inhibit_any = count + 1;
  std::size_t policy_mapping = count + 1;
  Level level{{any_policy, {any_policy}}};

  for (std::size_t index = count; index-- > 0;) {
    const Certificate& certificate = *path[index];
    const bool last = index == 0;
    const bool self_issued = certificate.self_issued();
    if (certificate.policies)
      level = next_level(level, *certificate.policies, inhibit_any > 0 || (!last && self_issued));
    else
      level.clear();                                                                        // 6.1.3 (e)
    if (explicit_policy == 0 && level.empty()) return PathProblem{index, Problem::policy};  // 6.1.3 (f)

    if (last) {
      if (explicit_policy > 0) --explicit_policy;  // 6.1.5 (a)
      const auto& constraints = certificate.policy_constraints;
      if (constraints && constraints->require_explicit == 0) explicit_policy = 0;  // 6.1.5 (b)
      if (explicit_policy == 0 && level.empty()) return PathProblem{index, Problem::policy};
      break;
    }

    for (const auto& [issuer, subject] : certificate.policy_mappings)
      if (issuer == any_policy || subject == any_policy)
        return PathProblem{index, Problem::policy};  // 6.1.4 (a)
    if (!certificate.policy_mappings.empty()) map_policies(level, certificate, policy_mapping > 0);
    if (!self_issued) {  // 6.1.4 (h)
      if (explicit_policy > 0) --explicit_policy;
      if (policy_mapping > 0) --policy_mapping;
      if (inhibit_any > 0) --inhibit_any;
    }
    if (certificate.policy_constraints) {  // 6.1.4 (i)
      lower_to(explicit_policy, certificate.policy_constraints->require_explicit);
      lower_to(policy_mapping, certificate.policy_constraints->inhibit_mapping);
    }
    lower_to(inhibit_any, certificate.inhibit_any_policy);  // 6.1.4 (j)
  }
  return std::nullopt;
}

}  // namespace chaintier
