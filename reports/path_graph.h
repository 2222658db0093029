// The certification paths of a chain as one drawing: identical certificates are one node, so that forks are
// seen.
#pragma once

#include <cstddef>
#include <vector>

#include "src/report/report.h"

namespace chaintier {

struct GraphNode {
  CertificatePtr certificate;
  std::size_t layer = 0;          // 0 for the leaf
  double x = 0;                   // of the centre, in node widths; the left-most node has 0.5
  Sources from = 0;               // everywhere it came from
  bool anchor = false;            // the end of some path
  bool missing = false;           // the advice is to add it
  std::vector<Problem> problems;  // those it has on every path that it is part of
};

struct PathGraph {
  std::vector<GraphNode> nodes;  // by layer
  std::vector<std::pair<std::size_t, std::size_t>>
      edges;         // from a certificate to its issuer: indices of nodes
  double width = 0;  // in node widths
  std::size_t layers = 0;
};

// Paths worth showing, at most `limit`: those that clients take or came nearest to, then the valid ones, then
// the others. Indices into chain.paths.
std::vector<std::size_t> paths_to_show(const ChainJudgement& chain, std::size_t limit);

PathGraph path_graph(const ChainJudgement& chain, const std::vector<std::size_t>& paths);

}  // namespace chaintier
