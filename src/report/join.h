// Several reports joined into one: each target once, and what a reader should know about the differences
// between the runs.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "src/report/report.h"

namespace chaintier {

// The data that one run was judged with, and the input that showed it first.
struct DataDate {
  std::string date, source;
  friend bool operator==(const DataDate&, const DataDate&) = default;
};

struct Joined {
  Report report;  // judged_at: the latest; clients: of the latest run first, then those that only others have
  std::vector<std::shared_ptr<const Report>>
      heads;                         // what each target was judged with, parallel to report.targets
  std::vector<std::string> sources;  // the input each target was taken from, likewise
  // A target that was in several inputs, or twice in one: its name and where the one that counts was.
  std::vector<std::pair<std::string, std::string>> repeated;
  std::vector<DataDate> catalogues;                      // more than one: the runs differ
  std::map<std::string, std::vector<DataDate>> clients;  // by client id, those whose store's date differs
  std::size_t other_catalogue = 0;  // targets that were judged with another catalogue than the one given
};

class Joiner {
 public:
  // Targets as they were added, each where it came first; or, where the order of the inputs is one of chance,
  // by name, address and port, lines that were no targets by their numbers at the end.
  enum class Order { as_added, by_name };

  // Of two entries for one target the one judged later counts; judged at the same time, the one added later.
  void add(const std::shared_ptr<const Report>& head, TargetReport target, const std::string& source);

  // Tool and language are left to the caller.
  Joined finish(std::shared_ptr<const Catalogue> catalogue, Order order = Order::as_added);

 private:
  struct Entry {
    std::shared_ptr<const Report> head;
    TargetReport target;
    std::size_t source = 0;
  };
  std::size_t source_number(const std::string& source);
  void note_data(const Report& head, const std::string& source);

  std::vector<Entry> entries_;
  std::unordered_map<std::string, std::size_t> by_identity_;
  std::vector<std::string> sources_;
  std::vector<std::size_t> repeated_;  // indexes of entries_
  std::shared_ptr<const Report> latest_;
  const Report* last_noted_ = nullptr;
  std::vector<DataDate> catalogues_;
  std::map<std::string, std::vector<DataDate>> clients_;
  std::vector<ClientInfo> all_clients_;
};

}  // namespace chaintier
