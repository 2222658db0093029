#include "src/paths/path_checks.h"

#include <algorithm>

#include "src/paths/name_constraints.h"
#include "src/paths/policies.h"

namespace chaintier {

namespace {

constexpr std::string_view oid_server_auth = "1.3.6.1.5.5.7.3.1";
constexpr std::string_view oid_any_usage = "2.5.29.37.0";

bool allows_server(const Certificate& certificate) {
  if (!certificate.extended_key_usage) return true;
  return std::ranges::any_of(*certificate.extended_key_usage, [](const std::string& oid) {
    return oid == oid_server_auth || oid == oid_any_usage;
  });
}

class Checker {
 public:
  Checker(const Path& path, const PathContext& context)
      : path_(path), context_(context), problems_(path.problems) {}

  std::vector<PathProblem> run() {
    const std::size_t count = path_.certificates.size();
    for (std::size_t i = 0; i < count; ++i) {
      each(i);
      if (i > 0) issuer(i);
      if (i + 1 < count || count == 1) below_anchor(i);
    }
    path_lengths();
    leaf();
    std::ranges::move(check_name_constraints(path_.certificates), std::back_inserter(problems_));
    if (const auto policy = check_policies(path_.certificates)) problems_.push_back(*policy);
    std::ranges::sort(problems_);
    problems_.erase(std::unique(problems_.begin(), problems_.end()), problems_.end());
    return std::move(problems_);
  }

 private:
  const Certificate& at(std::size_t i) const { return *path_.certificates[i]; }
  void note(std::size_t i, Problem problem) { problems_.push_back({i, problem}); }

  void each(std::size_t i) {
    const Certificate& certificate = at(i);
    if (!certificate.has(Defect::bad_time)) {
      if (certificate.not_after < context_.at) note(i, Problem::expired);
      if (certificate.not_before > context_.at) note(i, Problem::not_yet_valid);
    }
    if (!std::ranges::all_of(certificate.defects, is_tolerated)) note(i, Problem::malformed);
    if (weak_key(certificate.key)) note(i, Problem::weak_key);
    const bool unknown = std::ranges::any_of(certificate.extensions, [](const Extension& extension) {
      return extension.critical && !extension.understood;
    });
    if (unknown) note(i, Problem::unknown_critical);
  }

  // An anchor's own signature proves nothing, so its digest does not matter.
  void below_anchor(std::size_t i) {
    const DigestStrength digest = at(i).signature_algorithm.digest;
    if (digest == DigestStrength::sha1 || digest == DigestStrength::broken) note(i, Problem::weak_signature);
  }

  void issuer(std::size_t i) {
    const Certificate& certificate = at(i);
    const bool anchor = i + 1 == path_.certificates.size();
    // 6.1.4 (k). An anchor is one because it was chosen as one: an old root may be of version 1 and say
    // nothing.
    const bool said = certificate.basic_constraints.has_value();
    if (said ? !certificate.basic_constraints->ca : !(anchor && certificate.version < 3))
      note(i, Problem::not_a_ca);
    if (certificate.key_usage && !certificate.may(KeyUse::key_cert_sign)) note(i, Problem::no_cert_sign);
    if (context_.for_server && !allows_server(certificate)) note(i, Problem::issuer_eku);
  }

  // 6.1.4 (l), (m): self-issued certificates do not count.
  void path_lengths() {
    std::int64_t below = 0;
    for (std::size_t i = 1; i < path_.certificates.size(); ++i) {
      const auto& constraints = at(i).basic_constraints;
      if (constraints && constraints->path_length && (*constraints->path_length < below))
        note(i, Problem::path_length);
      if (!at(i).self_issued()) ++below;
    }
  }

  void leaf() {
    if (context_.for_server && !allows_server(at(0))) note(0, Problem::no_server_auth);
    if (context_.host && !matches_host(at(0), *context_.host)) note(0, Problem::host_mismatch);
  }

  const Path& path_;
  const PathContext& context_;
  std::vector<PathProblem> problems_;
};

}  // namespace

bool weak_key(const PublicKey& key) {
  switch (key.algorithm) {
    case KeyAlgorithm::rsa:
    case KeyAlgorithm::rsa_pss:
    case KeyAlgorithm::dsa:
      return key.bits < 2048;
    case KeyAlgorithm::ec:
      return key.bits != 0 && key.bits < 224;
    case KeyAlgorithm::ed25519:
    case KeyAlgorithm::ed448:
    case KeyAlgorithm::other:
      return false;
  }
  return false;
}

std::vector<PathProblem> check_path(const Path& path, const PathContext& context) {
  return Checker(path, context).run();
}

std::vector<PathProblem> strict_problems(const Path& path) {
  std::vector<PathProblem> problems;
  const std::size_t count = path.certificates.size();
  for (std::size_t i = 0; i < count; ++i) {
    const Certificate& certificate = *path.certificates[i];
    if (certificate.version < 3) continue;
    const bool ca = certificate.is_ca();
    if (ca && !certificate.subject_key_id) problems.push_back({i, Problem::missing_subject_key_id});
    if (i + 1 < count && !(certificate.authority_key_id && certificate.authority_key_id->key_id))
      problems.push_back({i, Problem::missing_authority_key_id});
    if (ca && !certificate.key_usage) problems.push_back({i, Problem::missing_key_usage});
    const Extension* constraints = certificate.extension("2.5.29.19");
    if (ca && constraints && !constraints->critical)
      problems.push_back({i, Problem::missing_basic_constraints_critical});
  }
  return problems;
}

bool is_weakness(Problem problem) {
  return problem == Problem::weak_key || problem == Problem::weak_signature;
}

}  // namespace chaintier
