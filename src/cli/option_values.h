// The values of the command line as they were typed, and what they mean. For options*.cpp only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/cli/options.h"

namespace chaintier {

// One sentence: what was wrong, where, and what to write instead.
struct UsageError {
  std::string detail;
};

// Filled by CLI11; turned into the command when it has taken the line apart.
struct Raw {
  std::string fail_on = "error", key_types = "any", family = "any", purpose = "server";
  // Given and empty is wrong, and not the same as absent.
  std::optional<std::string> language, at, clients, dns, origin, shard;
  std::vector<std::string> client, resolve, server, arguments;
  double connect_timeout = 5, handshake_timeout = 8, target_timeout = 30;
  std::optional<double> rate;
  bool no_aia = false, redact = false;
};

// All throw UsageError.
Language language_of_option(const Raw& raw);
std::optional<Time> time_of_option(const Raw& raw);  // of --time; nothing when it was not given
void read_judge(const Raw& raw, JudgeOptions& judge);
void read_output(const Raw& raw, OutputOptions& output);
void read_scan(const Raw& raw, ScanCommand& command);
void read_local(const Raw& raw, LocalCommand& command);

}  // namespace chaintier
