// Listening and answering for the practice fleet.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "probes/practice/cases.h"
#include "src/base/result.h"

namespace chaintier {

// One thread answers for all; it ends, and every connection with it, when this is destroyed.
class PracticeServers {
 public:
  PracticeServers();
  ~PracticeServers();
  PracticeServers(PracticeServers&&) noexcept;
  PracticeServers& operator=(PracticeServers&&) noexcept;

  // Opens the servers of one plan, all on one free port, which is returned. `host` is the name that
  // `served_by_name` belongs to. Before start() only.
  Result<std::uint16_t> open(const std::vector<PracticeServer>& servers, const std::string& host);
  void start();

  static bool has_v6_loopback();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace chaintier
