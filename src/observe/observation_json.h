// Observations as a file (`scan --save`), to be judged again with newer data or as of another date.
#pragma once

#include <boost/json/fwd.hpp>
#include <optional>
#include <ostream>
#include <string_view>
#include <vector>

#include "src/observe/given_option.h"
#include "src/observe/observation.h"

namespace chaintier {

struct SavedObservations {
  Time saved_at{};                   // when the scan was made; judged as of then unless told otherwise
  std::vector<Bytes> machine_store;  // DER of the scanning machine's trust anchors
  std::vector<Observation> targets;
  std::vector<GivenOption> options{};  // of the scan, those that changed what was asked
};

// One JSON object, schema "chaintier.observation/1"; each certificate once. The same input gives the same
// bytes.
void write_observations(const SavedObservations& saved, std::ostream& out);

// What observations and reports say of a failure alike; nothing for null. Throws json_members::Wrong.
std::optional<Error> read_error(const boost::json::value& value);

// Fails with one sentence: not JSON, another schema, or which member is wrong.
Result<SavedObservations> read_observations(std::string_view text);

}  // namespace chaintier
