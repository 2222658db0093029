// A finding is data: a stable code, where, and facts. No sentence, no colour, no language.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "src/base/digest.h"
#include "src/base/time.h"
#include "src/findings/codes.h"

namespace chaintier {

struct Where {                         // one place; only the members that matter are set
  std::optional<std::string> address;  // "192.0.2.1:443", "[2001:db8::1]:443"
  std::optional<CertFingerprint> certificate;
  std::optional<std::string> client;  // client id
  std::optional<std::string> file;

  friend bool operator==(const Where&, const Where&) = default;
};

// Typed, so that formatting belongs to the writers. Names of facts are placeholders of the texts.
using Fact = std::variant<std::int64_t, std::string, Time, std::vector<std::string>>;

struct Finding {
  Code code{};
  Severity severity = Severity::note;
  std::vector<Where> where;
  std::map<std::string, Fact> facts;

  friend bool operator==(const Finding&, const Finding&) = default;
};

}  // namespace chaintier
