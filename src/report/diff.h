// What changed from one run to another, finding by finding. Pure: two sets of judged targets in, a list out.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "src/report/report.h"

namespace chaintier {

enum class ChangeKind {
  fresh,     // was not found before
  changed,   // found before too, with another severity or other facts
  unjudged,  // found before; now nothing was captured there, so nobody can tell
  gone,      // found before; the target or the address is not looked at any more
  fixed,     // found before, and not found now where it was looked for
};
std::string_view id(ChangeKind kind);  // "new", "changed", "unjudged", "gone", "fixed"

// The target of a change, as the later run that has it writes it.
struct ChangedTarget {
  std::string text, host, tag;
  std::uint16_t port = 0;
  Protocol protocol = Protocol::tls;
  std::optional<IpAddress> connect_to;
};

// One code at one address of one target. "Why nothing was captured" (net.*) counts as one code: from a
// timeout to a refusal is a change.
struct Change {
  ChangeKind kind{};
  ChangedTarget target;
  std::string address;                 // "192.0.2.1:443"; empty for a finding about the target as a whole
  std::vector<Finding> before, after;  // what was found; empty where nothing was
  std::optional<Severity> severity_before() const;
  std::optional<Severity> severity_after() const;  // the worst of `after`
};

struct DiffSide {
  Time judged_at{};  // the latest of its targets
  std::string catalogue_date;
  std::size_t targets = 0;
};

struct Diff {
  DiffSide before, after;
  std::vector<ClientInfo> clients;            // of the later run, for their labels
  std::vector<Change> changes;                // by kind, then severity, target, code and address
  std::vector<ChangedTarget> added, removed;  // targets of one run only
  std::size_t unchanged = 0;                  // findings that are the same
};

// Numbers that differ from run to run without meaning anything (days left, counts of samples, error details
// of the system) make no change.
bool same_meaning(const Finding& one, const Finding& other);

class Differ {
 public:
  // Of two entries for one target the one judged later counts; judged at the same time, the one added later.
  void add_before(const Report& head, const TargetReport& target);
  void add_after(const Report& head, const TargetReport& target);
  Diff compare() const;

 private:
  using Findings =
      std::map<std::pair<std::string, std::string>, std::vector<Finding>>;  // by code and address
  struct Entry {
    ChangedTarget target;
    Time judged_at{};
    bool judged = false;
    std::map<std::string, bool> addresses;  // whether anything was captured there
    Findings findings;
  };
  struct Side {
    DiffSide facts;
    std::vector<ClientInfo> clients;
    std::map<std::string, Entry> entries;  // by identity
  };
  static void add(Side& side, const Report& head, const TargetReport& target);
  static ChangeKind what_became(const Entry* after, const std::string& address);
  static void compare_entries(const Entry* before, const Entry* after, Diff& diff);

  Side before_, after_;
};

// A finding of at least this severity that was not there before, or was there with a lesser one.
bool is_worse(const Diff& diff, Severity fail_on);

}  // namespace chaintier
