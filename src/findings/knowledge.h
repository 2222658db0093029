// What the judgement rests on besides the observation: catalogue, clients, and the user's what-ifs. Time is
// here too: nothing below reads a clock.
#pragma once

#include <memory>
#include <unordered_set>
#include <vector>

#include "src/base/time.h"
#include "src/catalogue/catalogue.h"
#include "src/clients/client_model.h"
#include "src/findings/expectation.h"
#include "src/paths/path_search.h"

namespace chaintier {

struct Knowledge {
  std::shared_ptr<const Catalogue> catalogue;   // never null
  std::vector<ClientModel> clients;             // those to judge, in the order to show
  std::vector<ClientModel> all_clients;         // for questions about clients at large
  std::vector<CertificatePtr> pool;             // --pool: further certificates that every client may use
  std::shared_ptr<const Expectation> expected;  // --expect; null without
  std::unordered_set<CertFingerprint> without_roots;  // --without-root
  Time at{};
  bool for_server = true;  // --purpose
  SearchLimits limits;
};

}  // namespace chaintier
