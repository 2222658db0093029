// An option of the command line, with its value as it was given; a flag has none.
#pragma once

#include <optional>
#include <string>

namespace chaintier {

struct GivenOption {
  std::string option;  // "--samples"
  std::optional<std::string> value;
  friend bool operator==(const GivenOption&, const GivenOption&) = default;
};

}  // namespace chaintier
