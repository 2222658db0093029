// The practice fleet: servers on loopback that show every fault this program knows, and some that are right.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "probes/practice/pki.h"
#include "src/base/address.h"
#include "src/base/result.h"
#include "src/base/time.h"
#include "src/catalogue/catalogue.h"

namespace chaintier {

// One exercise: what to scan, and what must come out.
struct PracticeCase {
  std::string id;                                         // "cross-missing"
  std::map<std::string, std::string> description;         // by language tag: "zh-TW", "en"
  std::string target;                                     // as a user writes it
  std::map<std::string, std::vector<IpAddress>> resolve;  // what --resolve would say; empty when not needed
  std::vector<std::string> findings;                      // every finding code, sorted
  std::string verdict;                                    // of the target: "ok", "note" ... "unjudged"
};

// Servers answer from start() until the fleet is destroyed, on threads of its own.
class PracticeFleet {
 public:
  // Leaf certificates are dated by `now`: judge as of the same time. Takes about 0.2 s.
  // Fails when libcrypto does, or no loopback port is free.
  static Result<PracticeFleet> start(Time now);
  ~PracticeFleet();
  PracticeFleet(PracticeFleet&&) noexcept;
  PracticeFleet& operator=(PracticeFleet&&) noexcept;

  const std::vector<PracticeCase>& cases() const;
  const PracticePki& pki() const;
  std::vector<Catalogue::File> catalogue_files() const { return pki().catalogue_files(); }
  std::string machine_store() const { return pki().machine_store(); }

 private:
  struct State;
  explicit PracticeFleet(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace chaintier
