// Every certification path from a leaf to an anchor: by name (RFC 5280 7.1) and by verified signature,
// nothing else asked. Whether a path is good is for path_checks.h; whose path it is, for the client models.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "src/paths/path.h"
#include "src/x509/certificate_store.h"
#include "src/x509/signature.h"

namespace chaintier {

// The certificates that may stand above the leaf, each once, with all the places it came from. A pool may
// stand on another one, which it leaves as it is: what many chains share is put together once.
class CandidatePool {
 public:
  // `base` must outlive this one.
  explicit CandidatePool(const CandidatePool* base = nullptr) : base_(base) {}

  struct Candidate {
    CertificatePtr certificate;
    Sources from = 0;
    std::size_t position = 0;  // within its pool
  };

  void add(const CertificatePtr& certificate, Source from);
  // All certificates of a store, each from the time on when somebody asks for its subject. It must outlive
  // the pool.
  void add_store(const CertificateStore& store);
  const Candidate* find(const CertFingerprint& fingerprint) const;
  // Those whose subject is this certificate's issuer. First the ones that the key identifiers point at
  // (RFC 5280 4.2.1.1); an identifier that does not match ranks lower and refuses nothing.
  std::vector<const Candidate*> issuers_of(const Certificate& certificate) const;

 private:
  void named(const Name& subject, std::vector<const Candidate*>& result) const;
  void fill_from_stores(const Name& subject) const;
  const Candidate* from_stores(const CertFingerprint& fingerprint) const;
  void insert(const CertificatePtr& certificate, Sources from) const;

  const CandidatePool* base_;
  std::vector<const CertificateStore*> stores_;
  // Of this pool, they hide those of the base. Pointers to them stay valid; what the stores hold is added
  // when it is asked for.
  mutable std::deque<Candidate> candidates_;
  mutable std::unordered_map<CertFingerprint, std::size_t> by_fingerprint_;
  mutable std::unordered_multimap<std::uint64_t, std::size_t> by_subject_;  // Name::digest
  mutable std::unordered_set<std::uint64_t> filled_;                        // the same: asked of the stores
};

// Counts, not seconds: the same input gives the same result on any machine.
struct SearchLimits {
  std::size_t paths = 4000;
  std::size_t steps = 200'000;           // issuers looked at, over all branches
  std::size_t signature_checks = 3'000;  // asked for, whether or not the answer is known already
  std::size_t depth = 128;               // certificates in a path
};

struct SearchResult {
  std::vector<Path> paths;  // shortest first; among equals in the order found
  bool budget_hit = false;  // there may be more paths: longer ones, unless issuers of one name were too many
};

// A path ends at each anchor it meets, and also goes on beyond it where that anchor is itself certified. No
// path holds the same subject, key and subject alternative name twice.
SearchResult find_paths(const CertificatePtr& leaf, Sources leaf_from, const CandidatePool& pool,
                        const std::unordered_set<CertFingerprint>& anchors, const SearchLimits& limits,
                        SignatureChecker& signatures);

}  // namespace chaintier
