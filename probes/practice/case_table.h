// The exercises as one table: what each serves and every finding that must come out of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "probes/practice/cases.h"

namespace chaintier {

// What a list of served certificates is written with: `leaf`, or the slug of a CA certificate.
inline constexpr std::string_view practice_leaf = "leaf";

enum class PracticeDates {
  usual,
  expired,
  due,
  older,  // half of its time is over
  before_deadline,  // with SCTs that Chrome's constraint on the older root still allows, if that is possible
                    // now
};

struct PracticeRow {
  std::string_view id, zh, en;
  std::string_view issuer;  // of the leaf; empty: signed by itself
  std::vector<std::string_view> served;
  std::vector<std::string> findings;  // sorted
  std::string_view verdict;
  PracticeDates dates = PracticeDates::usual;
  PracticeBehaviour behaviour = PracticeBehaviour::tls;
  std::string_view leaf_name = {};  // when it is not the host's
};

// One server each.
std::vector<PracticeRow> practice_rows();

// Two servers or two answers: the findings of the pair stand here, what is served is right at each.
struct PracticePairRows {
  PracticeRow two_certificates, stale_address, one_address_down, by_name, both_families, stale_v6;
};
PracticePairRows practice_pair_rows();

// Only where `now` is late enough for such a leaf.
PracticeRow practice_late_row();

}  // namespace chaintier
