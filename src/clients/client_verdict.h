// What a client makes of the paths there are.
#pragma once

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

  // The same question for another list of certificates sent, the leaf's own problems left aside: would the
  // client find a good path without fetching?
  bool would_trust(std::span<const JudgedPath> paths, std::span<const CertFingerprint> sent,
                   const VerdictContext& context) const;

  // Does the client lack a path only because this certificate is not sent? Problems of dates and names aside.
  bool fails_for_lack_of(std::span<const JudgedPath> paths, const CertFingerprint& certificate,
                         const VerdictContext& context) const;

 private:
  struct Walk;
  bool holds_key_of(const Certificate& certificate) const;
  Walk walk(const Path& path, const VerdictContext& context,
            const std::span<const CertFingerprint>* sent) const;
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

// For a single question.
ClientResult judge(const ClientModel& client, std::span<const JudgedPath> paths,
                   const VerdictContext& context);

}  // namespace chaintier
