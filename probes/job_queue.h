// The captures of a scan that wait. There are two doors: first they wait for their address, then, in order,
// for whatever holds back all. No sockets and no clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <utility>

#include "probes/target_run.h"
#include "src/base/address.h"

namespace chaintier {

using AddressPort = std::pair<IpAddress, std::uint16_t>;

struct Job {
  std::shared_ptr<TargetRun> run;
  TargetRun::Place place;
  AddressPort where;
};

class JobQueue {
 public:
  // So many jobs of one address are let through the first door until one of them has left.
  explicit JobQueue(std::size_t per_address) : per_address_(per_address) {}

  void add(Job job);
  // One that was taken, and has not left, waits at the second door again, as the last.
  void put_back(const Job& job) { ready_.push_back(job); }

  // At the second door.
  bool empty() const { return ready_.empty(); }
  const Job& front() const { return ready_.front(); }
  Job take();

  // A job of this address that was taken has ended. Jobs of targets that are finished are dropped.
  void leave(const AddressPort& where);

 private:
  struct Door {
    std::size_t through = 0;  // and not yet left
    std::deque<Job> waiting;
  };

  std::size_t per_address_;
  std::map<AddressPort, Door> doors_;
  std::deque<Job> ready_;
};

}  // namespace chaintier
