// How the certificates of a served chain belong together, worked out once for all rules.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "src/findings/ground.h"
#include "src/report/report.h"

namespace chaintier {

struct ServedSet {
  struct Member {
    CertificatePtr certificate;  // not null
    std::size_t first = 0;       // position where it was served first
    std::size_t count = 0;       // how often
    bool related = false;        // on the way from the leaf to some root: served, pooled or of the catalogue
    bool self_signed = false;    // by signature
    bool anchor = false;         // a root of the catalogue or of a judged client
    std::vector<std::size_t> issued;  // members that it signed, by index; itself left out
    const KnownCa* known = nullptr;
  };
  std::vector<Member> members;  // distinct; the leaf first, then in the order served

  // What is missing on the nearest way from the leaf up: the certificate whose issuer is not served, and the
  // issuer as the catalogue (or the pool) knows it. Nothing when some way to an anchor is served completely.
  struct Gap {
    CertificatePtr child;
    CertificatePtr issuer;  // null when nobody knows it
  };
  std::optional<Gap> gap;
  bool complete = false;  // some path needs nothing but what is served and its anchor
};

ServedSet relate(const ChainJudgement& chain, Ground& ground);

}  // namespace chaintier
