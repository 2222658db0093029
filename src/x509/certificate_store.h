// Many certificates of which few are ever asked for: a trust store. They are known by fingerprint and
// subject, and parsed when one of them is wanted.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "src/x509/certificate.h"

namespace chaintier {

// Remembers what it parsed. Safe for use by several threads at once.
class CertificateStore {
 public:
  // What does not parse is in it by its octets only.
  explicit CertificateStore(std::vector<Bytes> ders);

  explicit CertificateStore(std::vector<CertificatePtr> certificates);  // none is null

  // Of certificates that are fetched with `load` when the first of them is wanted. `index` has one line for
  // each: its SHA-256, a blank, and name_digest() of its subject in 16 hexadecimal digits; lines that begin
  // with '#' are comments.
  // A mistake in the index is a bug in our data: std::logic_error.
  CertificateStore(std::string_view index, std::function<std::vector<Bytes>()> load);

  bool empty() const { return fingerprints_.empty(); }
  std::span<const CertFingerprint> fingerprints() const { return fingerprints_; }
  bool contains(const CertFingerprint& fingerprint) const { return position_.contains(fingerprint); }
  // Those with this subject, or with another of the same digest.
  std::vector<CertFingerprint> named(const Name& subject) const;
  // Null when it is not there or does not parse.
  CertificatePtr find(const CertFingerprint& fingerprint) const;
  const std::vector<Bytes>& ders() const;

 private:
  void know(const CertFingerprint& fingerprint);
  void read_subjects() const;
  const std::vector<Bytes>& loaded() const;

  std::vector<CertFingerprint> fingerprints_;  // as `ders_`
  std::unordered_map<CertFingerprint, std::size_t> position_;
  std::function<std::vector<Bytes>()> load_;
  // What follows is filled when it is first asked for.
  mutable std::mutex filling_;
  mutable std::vector<Bytes> ders_;
  mutable std::vector<CertificatePtr> parsed_;
  mutable std::unordered_multimap<std::uint64_t, std::size_t> by_subject_;  // by name_digest()
};

}  // namespace chaintier
