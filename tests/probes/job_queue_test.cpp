#include "probes/job_queue.h"

#include <doctest/doctest.h>

#include "probes/flight_width.h"
#include "probes/scan.h"

using namespace chaintier;

namespace {

const AddressPort first{*IpAddress::parse("192.0.2.1"), 443}, second{*IpAddress::parse("192.0.2.1"), 8443};

Job job(std::size_t index, const AddressPort& where) {
  return {
      std::make_shared<TargetRun>(index, parse_target("www.example.tw").value(), ScanOptions{}), {}, where};
}

std::vector<std::size_t> all_ready(JobQueue& queue) {
  std::vector<std::size_t> result;
  while (!queue.empty()) result.push_back(queue.take().run->index);
  return result;
}

using Indexes = std::vector<std::size_t>;

}  // namespace

TEST_CASE("job queue: so many of one address and port go on, the others when one of them has left") {
  JobQueue queue(2);
  for (std::size_t index = 1; index <= 4; ++index) queue.add(job(index, first));
  queue.add(job(5, second));
  CHECK(all_ready(queue) == Indexes{1, 2, 5});
  queue.leave(second);
  CHECK(queue.empty());
  queue.leave(first);
  CHECK(all_ready(queue) == Indexes{3});
  queue.leave(first);
  queue.leave(first);
  CHECK(all_ready(queue) == Indexes{4});
  queue.leave(first);
  queue.add(job(6, first));
  CHECK(all_ready(queue) == Indexes{6});
}

TEST_CASE("job queue: what is put back keeps its place at the address and goes behind the others") {
  JobQueue queue(1);
  queue.add(job(1, first));
  queue.add(job(2, first));
  queue.add(job(3, second));
  const Job taken = queue.take();
  queue.put_back(taken);
  CHECK(all_ready(queue) == Indexes{3, 1});
  queue.leave(first);
  CHECK(all_ready(queue) == Indexes{2});
}

TEST_CASE("job queue: jobs of a finished target are dropped at the first door") {
  JobQueue queue(1);
  queue.add(job(1, first));
  const Job late = job(2, first);
  queue.add(late);
  queue.add(job(3, first));
  late.run->finished = true;
  CHECK(all_ready(queue) == Indexes{1});
  queue.leave(first);
  CHECK(all_ready(queue) == Indexes{3});
}

TEST_CASE("flight width: as wide as there was room, wider by one for each that gets through, never nought") {
  const Deadline start{};
  FlightWidth width(10, start);
  CHECK(width.now() == 10);
  CHECK(width.lacked_room(7, start));  // six others have room
  CHECK(width.now() == 6);
  width.had_room(start);
  CHECK(width.now() == 7);
  for (int i = 0; i < 20; ++i) CHECK(width.lacked_room(1, start));
  CHECK(width.now() == 1);
  for (int i = 0; i < 20; ++i) width.had_room(start);
  CHECK(width.now() == 10);
  CHECK(width.lacked_room(1, start + std::chrono::seconds(89)));
  CHECK_FALSE(width.lacked_room(1, start + std::chrono::seconds(91)));
}
