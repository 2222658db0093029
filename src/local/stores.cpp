#include "src/local/stores.h"

#include <algorithm>

namespace chaintier {

namespace {

// The root that every client has held for long, and the newer one that shortens paths.
constexpr std::string_view old_root = "twca-global-root-ca.self-signed",
                           new_root = "twca-cyber-root-ca.self-signed";

Finding about(Code code, Severity severity, const StoreContents& contents) {
  Finding finding{code, severity, {}, {}};
  finding.where.push_back({std::nullopt, std::nullopt, std::nullopt, contents.path});
  finding.facts.emplace("store", contents.path);
  return finding;
}

}  // namespace

TrustStore judge_store(const StoreContents& contents, const Catalogue& catalogue,
                       const std::vector<CertificatePtr>& needed) {
  TrustStore store;
  store.kind = contents.kind;
  store.path = contents.path;
  store.readable = contents.readable;
  if (!contents.readable) {
    store.reason = Reason{"store_absent", {}};
    return store;
  }
  store.certificates = contents.roots.size() + (contents.intermediates ? contents.intermediates->size() : 0);
  const auto holds = [&](const std::vector<CertificatePtr>& list, const CertFingerprint& fingerprint) {
    return std::ranges::any_of(list,
                               [&](const CertificatePtr& one) { return one->fingerprint == fingerprint; });
  };
  for (const KnownCa& known : catalogue.all()) {
    const CertFingerprint& fingerprint = known.certificate->fingerprint;
    if (holds(contents.roots, fingerprint) ||
        (contents.intermediates && holds(*contents.intermediates, fingerprint)))
      store.known.push_back({known.slug, !contents.disabled.contains(fingerprint)});
  }

  if (const KnownCa* root = catalogue.find(old_root)) {
    const CertFingerprint& fingerprint = root->certificate->fingerprint;
    if (!holds(contents.roots, fingerprint) || contents.disabled.contains(fingerprint)) {
      Finding finding = about(Code::store_root_missing, Severity::error, contents);
      finding.facts.emplace("missing", root->full_name());
      store.findings.push_back(std::move(finding));
    }
  }
  if (contents.intermediates) {
    std::vector<std::string> missing;
    for (const CertificatePtr& one : needed)
      if (!holds(*contents.intermediates, one->fingerprint)) {
        const KnownCa* known = catalogue.find(one->fingerprint);
        missing.push_back(known ? known->full_name() : one->subject.short_text());
      }
    if (!missing.empty()) {
      Finding finding = about(Code::store_issuer_missing, Severity::warning, contents);
      finding.facts.emplace("missing", std::move(missing));
      store.findings.push_back(std::move(finding));
    }
  }
  if (const KnownCa* root = catalogue.find(new_root)) {
    const CertFingerprint& fingerprint = root->certificate->fingerprint;
    if (holds(contents.roots, fingerprint) && !contents.disabled.contains(fingerprint)) {
      Finding finding = about(Code::store_cyber_root_active, Severity::note, contents);
      finding.facts.emplace("subject", root->full_name());
      store.findings.push_back(std::move(finding));
    }
  }
  return store;
}

}  // namespace chaintier
