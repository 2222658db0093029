#include "probes/job_queue.h"

namespace chaintier {

void JobQueue::add(Job job) {
  Door& door = doors_[job.where];
  if (door.through < per_address_) {
    ++door.through;
    ready_.push_back(std::move(job));
  } else {
    door.waiting.push_back(std::move(job));
  }
}

Job JobQueue::take() {
  Job job = std::move(ready_.front());
  ready_.pop_front();
  return job;
}

void JobQueue::leave(const AddressPort& where) {
  const auto door = doors_.find(where);
  --door->second.through;
  auto& waiting = door->second.waiting;
  while (!waiting.empty() && door->second.through < per_address_) {
    Job next = std::move(waiting.front());
    waiting.pop_front();
    if (next.run->finished) continue;
    ++door->second.through;
    ready_.push_back(std::move(next));
  }
  if (door->second.through == 0) doors_.erase(door);
}

}  // namespace chaintier
