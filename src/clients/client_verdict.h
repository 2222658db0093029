// What a client makes of the paths there are.
#pragma once

#include <boost/container/small_vector.hpp>
#include <span>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "src/catalogue/catalogue.h"
#include "src/clients/client_model.h"
#include "src/paths/path_checks.h"
#include "src/report/report.h"

namespace chaintier {

struct VerdictContext {
  const Catalogue& catalogue;
  SignatureChecker& signatures;  // asked for what AIA delivers only
  Time at{};
  bool under_catalogue = false;              // the leaf leads to a root of the catalogue
  bool data_apply = true;                    // the client data speak of roots of this catalogue
  std::span<const CertificatePtr> served{};  // in the order sent; null where one does not parse
};

// Whether any client of the data holds a root of this catalogue, by its slug. Of a catalogue that they do not
// know, the data cannot say who trusts it.
bool data_apply_to(const Catalogue& catalogue, std::span<const ClientModel> clients);

// The roots of this catalogue that the data say the client holds at that time.
std::vector<CertificatePtr> anchors_of(const ClientModel& client, const Catalogue& catalogue, Time at);

// The whole store of the client as far as it counts beside anchors_of(); null when there is none at hand. A
// published bundle says nothing of a catalogue that the user brought.
const CertificateStore* store_of(const ClientModel& client, const Catalogue& catalogue);

// Certificates that a list must hold; a path seldom has more than three between its ends.
using Need = boost::container::small_vector<CertFingerprint, 3>;

// A client with everything that it holds looked up once, for judging many chains. Refers to the client model,
// to the catalogue and to `without`, which must outlive it.
class ClientJudge {
 public:
  ClientJudge(const ClientModel& client, const Catalogue& catalogue, Time at,
              const std::unordered_set<CertFingerprint>* without = nullptr);

  const ClientModel& client() const { return *client_; }
  // As a trust anchor.
  bool holds(const CertFingerprint& fingerprint) const;

  ClientResult judge(std::span<const JudgedPath> paths, const VerdictContext& context) const;

  // What it would have to be sent, fetching and the leaf's own problems left aside: for each path that it
  // would take, the certificates that it has not itself. Without any it cannot be helped.
  std::vector<Need> needs(std::span<const JudgedPath> paths) const;

  // The certificates of which any one more would give it a path. Empty when it has one as things are, or
  // would need more than one. Problems of dates and names aside.
  std::vector<CertFingerprint> lacks(std::span<const JudgedPath> paths, const VerdictContext& context) const;

 private:
  struct Walk;
  bool holds_key_of(const Certificate& certificate) const;
  Walk walk(const Path& path, const VerdictContext& context) const;
  bool has_itself(const CertFingerprint& fingerprint) const;
  // The problems of the path that decide for this client; those of the leaf by itself only with `of_leaf`.
  void own_problems(const Path& path, bool of_leaf, std::vector<Problem>& into) const;
  bool passes_an_anchor(const Path& path) const;
  bool follows_first_match(const Path& path, const VerdictContext& context) const;
  bool breaks_anchor_rule(const Path& path) const;
  bool finds_too_long(const Certificate& leaf) const;

  const ClientModel* client_;
  const Catalogue* catalogue_;
  const CertificateStore* store_;  // null when only `held_` counts
  const std::unordered_set<CertFingerprint>* without_;
  std::unordered_set<CertFingerprint> held_, preloaded_, revoked_;
  std::vector<std::pair<std::string, KeyFingerprint>> held_keys_;  // canonical subject and key, of `held_`
  std::vector<std::pair<CertFingerprint, Time>> sct_limits_;       // by anchor
};

// Whether a list holds all that one of the needs names.
bool suffices(std::span<const CertFingerprint> sent, std::span<const Need> needs);

// For a single question.
ClientResult judge(const ClientModel& client, std::span<const JudgedPath> paths,
                   const VerdictContext& context);

}  // namespace chaintier
