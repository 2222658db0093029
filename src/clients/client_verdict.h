// What a client makes of the paths there are.
#pragma once

#include <span>

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
};

// The anchors that the client holds at that time, as certificates of this catalogue.
std::vector<CertificatePtr> anchors_of(const ClientModel& client, const Catalogue& catalogue, Time at);

ClientResult judge(const ClientModel& client, std::span<const JudgedPath> paths, const VerdictContext& context);

}  // namespace chaintier
