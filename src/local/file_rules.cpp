// Rules about one file: requests (manual 5.1, 5.2) and PKCS#12 (manual 5.9).
#include <algorithm>

#include "src/base/host_name.h"
#include "src/base/text.h"
#include "src/findings/judge_chain.h"
#include "src/local/judge_files.h"

namespace chaintier {

namespace {

bool ascii_only(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && static_cast<unsigned char>(c) < 0x7f; });
}

// A host name, or a wildcard's.
bool is_site_name(std::string_view name) {
  if (name.starts_with("*.")) name.remove_prefix(2);
  return name.find('.') != std::string_view::npos && ascii_only(name) &&
         name.find_first_of(" */:@\\") == std::string_view::npos && to_ascii_host(name).has_value();
}

std::vector<std::string> attribute_rules(const Name& subject) {
  std::vector<std::string> broken;
  for (const char* type : {"O", "L", "ST"})
    if (subject.value(type).empty()) broken.push_back(std::string("missing.") + type);
  for (const char* type : {"O", "OU", "L", "ST"})
    for (const Name::Attribute& attribute : subject.attributes)
      if (attribute.type == type && !ascii_only(attribute.value)) {
        broken.push_back(std::string("english.") + type);
        break;
      }
  const std::string country = subject.value("C");
  if (country.empty())
    broken.emplace_back("missing.C");
  else if (country != "TW")
    broken.emplace_back("country");
  return broken;
}

}  // namespace

Finding about_file(Code code, Severity severity, const std::string& path) {
  Finding finding{code, severity, {}, {}};
  finding.where.push_back({std::nullopt, std::nullopt, std::nullopt, path});
  finding.facts.emplace("file", path);
  return finding;
}

std::vector<std::string> broken_rules(const CsrFacts& request) {
  std::vector<std::string> broken;
  const std::string name = request.subject.value("CN");
  if (name.empty())
    broken.emplace_back("cn_missing");
  else if (name.find("://") != std::string::npos || name.find('/') != std::string::npos)
    broken.emplace_back("cn_url");
  else if (!is_site_name(name))
    broken.emplace_back("cn_name");
  for (std::string& one : attribute_rules(request.subject)) broken.push_back(std::move(one));
  if (request.key.algorithm != KeyAlgorithm::rsa)
    broken.emplace_back("key_kind");
  else if (request.key.bits < 2048)
    broken.emplace_back("key_bits");
  const std::string digest = lower_ascii(request.signature);
  if (digest.find("md5") != std::string::npos || digest.find("sha1") != std::string::npos)
    broken.emplace_back("signature");
  return broken;
}

std::vector<std::string> missing_issuers(const std::vector<SentPtr>& have, Ground& ground) {
  const ChainJudgement chain = judge_chain(have, std::nullopt, ground);
  std::vector<std::string> missing;
  const auto is_here = [&](const Certificate& certificate) {
    return std::ranges::any_of(
        have, [&](const SentPtr& sent) { return sent->fingerprint == certificate.fingerprint; });
  };
  if (chain.should_send) {
    for (const CertificatePtr& wanted : *chain.should_send)
      if (!is_here(*wanted)) {
        const KnownCa* known = ground.catalogue().find(wanted->fingerprint);
        missing.push_back(known ? known->full_name() : wanted->subject.short_text());
      }
    return missing;
  }
  const CertificatePtr leaf = chain.certificates.empty() ? nullptr : chain.certificates.front();
  if (!leaf || leaf->is_ca() || leaf->self_issued()) return missing;
  const bool issuer_here = std::ranges::any_of(chain.certificates, [&](const CertificatePtr& other) {
    return other && other->subject.canonical == leaf->issuer.canonical &&
           ground.signatures().check(*leaf, other->key) == SignatureState::good;
  });
  if (!issuer_here) missing.push_back(leaf->issuer.short_text());
  return missing;
}

std::vector<Finding> pfx_findings(const LocalFile& file, Ground& ground) {
  std::vector<Finding> findings;
  std::vector<SentPtr> certificates;
  CertificatePtr leaf;
  bool key = false;
  for (const LocalItem& item : file.items) {
    key = key || item.kind == ItemKind::private_key;
    if (item.kind != ItemKind::certificate || !item.certificate) continue;
    if (!leaf && !item.certificate->is_ca()) {
      leaf = item.certificate;
      certificates.insert(certificates.begin(), item.sent);
    } else {
      certificates.push_back(item.sent);
    }
  }
  if (file.readable && leaf && !key) {
    Finding finding = about_file(Code::pfx_no_key, Severity::error, file.path);
    finding.where.front().certificate = leaf->fingerprint;
    finding.facts.emplace("subject", leaf->subject.short_text());
    findings.push_back(std::move(finding));
  }
  if (file.readable && leaf) {
    auto missing = missing_issuers(certificates, ground);
    if (!missing.empty()) {
      Finding finding = about_file(Code::pfx_chain_incomplete, Severity::warning, file.path);
      finding.facts.emplace("missing", std::move(missing));
      findings.push_back(std::move(finding));
    }
  }
  if (file.locks && (file.locks->old || file.locks->modern)) {
    // A file locked half in the old and half in the new way asks for systems that know the new one.
    const bool modern = file.locks->modern;
    Finding finding =
        about_file(modern ? Code::pfx_new_encryption : Code::pfx_old_encryption, Severity::note, file.path);
    std::vector<std::string> algorithms = file.locks->algorithms;
    if (!file.locks->mac.empty()) algorithms.push_back("MAC " + file.locks->mac);
    finding.facts.emplace("algorithms", std::move(algorithms));
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace chaintier
