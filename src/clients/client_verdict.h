// What a client makes of the paths there are.
#pragma once

#include <set>
#include <span>
#include <unordered_set>

#include "src/catalogue/catalogue.h"
#include "src/clients/client_model.h"
#include "src/paths/path_checks.h"
#include "src/report/report.h"

namespace chaintier {

struct VerdictContext {
  const Catalogue& catalogue;
  SignatureChecker& signatures;  // asked for what AIA delivers only
  Time at{};
  bool under_catalogue = false;  // the leaf leads to a root of the catalogue
  bool data_apply = true;        // the client data speak of roots of this catalogue
  const std::unordered_set<CertFingerprint>* without = nullptr;  // roots that are taken from every client
};

// Whether any client of the data holds a root of this catalogue, by its slug. Of a catalogue that they do not know,
// the data cannot say who trusts it.
bool data_apply_to(const Catalogue& catalogue, std::span<const ClientModel> clients);

// The anchors that the client holds at that time, as certificates of this catalogue.
std::vector<CertificatePtr> anchors_of(const ClientModel& client, const Catalogue& catalogue, Time at);

ClientResult judge(const ClientModel& client, std::span<const JudgedPath> paths, const VerdictContext& context);

// The same question for another list of certificates sent, the leaf's own problems left aside: would the client
// find a good path without fetching?
bool would_trust(const ClientModel& client, std::span<const JudgedPath> paths, const std::set<CertFingerprint>& sent,
                 const VerdictContext& context);

// Does the client lack a path only because this certificate is not sent? Problems of dates and names aside.
bool fails_for_lack_of(const ClientModel& client, std::span<const JudgedPath> paths, const CertFingerprint& certificate,
                       const VerdictContext& context);

}  // namespace chaintier
