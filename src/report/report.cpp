#include "src/report/report.h"

#include <algorithm>
#include <cstdlib>

#include "src/base/text.h"

namespace chaintier {

std::string_view id(Language language) {
  switch (language) {
    case Language::zh_tw:
      return "zh-TW";
    case Language::en:
      return "en";
  }
  std::abort();
}

// Takes language tags (RFC 5646) and the locale names of the environment: "zh-Hant-TW", "zh_TW.UTF-8",
// "en_GB".
std::optional<Language> language_of(std::string_view tag) {
  const std::string primary = lower_ascii(tag.substr(0, tag.find_first_of("-_.@")));
  if (primary == "zh") return Language::zh_tw;
  if (primary == "en") return Language::en;
  return std::nullopt;
}

std::size_t leaf_position(std::span<const CertificatePtr> certificates) {
  if (certificates.empty() || !certificates.front() || !certificates.front()->is_ca()) return 0;
  const auto leaf =
      std::ranges::find_if(certificates, [](const CertificatePtr& one) { return one && !one->is_ca(); });
  return leaf == certificates.end() ? 0 : static_cast<std::size_t>(leaf - certificates.begin());
}

std::string_view id(ClientVerdict verdict) {
  switch (verdict) {
    case ClientVerdict::trusted:
      return "trusted";
    case ClientVerdict::trusted_by_aia:
      return "trusted-by-aia";
    case ClientVerdict::untrusted:
      return "untrusted";
    case ClientVerdict::unjudged:
      return "unjudged";
  }
  std::abort();
}

std::string_view id(AdviceAction action) {
  switch (action) {
    case AdviceAction::add:
      return "add";
    case AdviceAction::drop:
      return "drop";
    case AdviceAction::move:
      return "move";
  }
  std::abort();
}

std::string_view id(Deviation deviation) {
  switch (deviation) {
    case Deviation::missing:
      return "missing";
    case Deviation::extra:
      return "extra";
    case Deviation::order:
      return "order";
    case Deviation::leaf:
      return "leaf";
    case Deviation::older_leaf:
      return "older_leaf";
    case Deviation::newer_leaf:
      return "newer_leaf";
    case Deviation::other_issuer:
      return "other_issuer";
  }
  std::abort();
}

std::string_view id(Verdict verdict) {
  switch (verdict) {
    case Verdict::ok:
      return "ok";
    case Verdict::note:
      return "note";
    case Verdict::warning:
      return "warning";
    case Verdict::error:
      return "error";
    case Verdict::unjudged:
      return "unjudged";
  }
  std::abort();
}

}  // namespace chaintier
