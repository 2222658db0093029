// --resume: what an interrupted run has done already.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "src/base/result.h"
#include "src/catalogue/catalogue.h"
#include "src/observe/observation.h"

namespace chaintier {

struct Resumed {
  // By identity and tag. Nothing of what was judged then is taken over: observations are judged anew.
  std::unordered_map<std::string, Observation> done;
  std::vector<std::string> order;       // keys of `done` in the order of the file
  std::unordered_set<std::string> bad;  // identities of lines that were no targets
};

std::string resume_key(const Target& target);

// Everything was asked: no capture was left out because the run or the target's time ended.
bool is_complete(const Observation& observation);

// Reads the file; says on standard error what was left out. With `go_on` (the file is to be appended to) a
// cut last line and the lines of targets that are to be asked again are taken out of it; it is replaced as a
// whole, or only shortened. A file that does not exist is an empty one when it is gone on with.
Result<Resumed> read_resume(const std::string& path, bool go_on, std::shared_ptr<const Catalogue> catalogue);

}  // namespace chaintier
