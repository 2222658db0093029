#include "reports/path_graph.h"

#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>

#include "tests/support/sample_report.h"

namespace chaintier {

namespace {

ChainJudgement forked() { return *sample_report(Language::en).targets.front().chains.front(); }

const GraphNode& node_of(const PathGraph& graph, const Certificate& certificate) {
  const auto found = std::find_if(graph.nodes.begin(), graph.nodes.end(), [&](const GraphNode& node) {
    return node.certificate->fingerprint == certificate.fingerprint;
  });
  REQUIRE(found != graph.nodes.end());
  return *found;
}

}  // namespace

TEST_CASE("path graph: identical certificates are one node, so that the fork is seen") {
  const ChainJudgement chain = forked();
  const PathGraph graph = path_graph(chain, {0, 1});
  CHECK(graph.nodes.size() == 5);  // leaf, issuer, newer root, cross certificate, older root
  CHECK(graph.edges.size() == 4);
  CHECK(graph.layers == 4);
  const Path& longer = chain.paths[1].path;
  for (std::size_t i = 0; i < longer.certificates.size(); ++i)
    CHECK(node_of(graph, *longer.certificates[i]).layer == i);
  CHECK(node_of(graph, chain.paths[0].path.anchor()).anchor);
  CHECK(node_of(graph, longer.anchor()).anchor);
  CHECK(!node_of(graph, longer.leaf()).anchor);
  CHECK(node_of(graph, *longer.certificates[2]).missing);
  CHECK(!node_of(graph, longer.leaf()).missing);
}

TEST_CASE("path graph: a problem marks a certificate only if it has it on all its paths") {
  ChainJudgement chain = forked();
  chain.paths[1].path.problems = {{0, Problem::host_mismatch}, {3, Problem::expired}};
  const PathGraph graph = path_graph(chain, {0, 1});
  CHECK(node_of(graph, chain.paths[1].path.leaf()).problems.empty());
  CHECK(node_of(graph, chain.paths[1].path.anchor()).problems == std::vector<Problem>{Problem::expired});
  chain.paths[0].path.problems = {{0, Problem::host_mismatch}};
  CHECK(node_of(path_graph(chain, {0, 1}), chain.paths[1].path.leaf()).problems ==
        std::vector<Problem>{Problem::host_mismatch});
}

TEST_CASE("path graph: no two boxes of a layer overlap, and all lie inside the drawing") {
  const PathGraph graph = path_graph(forked(), {0, 1, 2});
  for (const GraphNode& a : graph.nodes) {
    CHECK(a.x >= 0.5);
    CHECK(a.x <= graph.width - 0.5 + 1e-9);
    for (const GraphNode& b : graph.nodes)
      if (&a != &b && a.layer == b.layer) CHECK(std::abs(a.x - b.x) >= 1);
  }
}

TEST_CASE("paths to show: those that clients take before all others") {
  ChainJudgement chain = forked();
  CHECK(paths_to_show(chain, 8) == std::vector<std::size_t>{0, 1, 2});
  for (ClientResult& client : chain.clients) client.path = 2;
  CHECK(paths_to_show(chain, 1) == std::vector<std::size_t>{2});
  CHECK(paths_to_show(chain, 2) == std::vector<std::size_t>{0, 2});
}

}  // namespace chaintier
