#include "reports/path_graph.h"

#include <algorithm>
#include <map>
#include <set>

namespace chaintier {

namespace {

constexpr double gap = 0.12;  // between neighbours, in node widths

using Index = std::map<CertFingerprint, std::size_t>;

void add_node(const Path& path, std::size_t position, PathGraph& graph, Index& index) {
  const CertificatePtr& certificate = path.certificates[position];
  const auto [found, is_new] = index.try_emplace(certificate->fingerprint, graph.nodes.size());
  std::vector<Problem> problems;
  for (const PathProblem& problem : path.problems)
    if (problem.index == position) problems.push_back(problem.problem);
  if (is_new) {
    GraphNode node;
    node.certificate = certificate;
    node.problems = problems;
    graph.nodes.push_back(std::move(node));
  }
  GraphNode& node = graph.nodes[found->second];
  node.layer = std::max(node.layer, position);
  node.from |= path.from.at(position);
  node.anchor = node.anchor || position + 1 == path.certificates.size();
  std::erase_if(node.problems, [&](Problem problem) {
    return std::find(problems.begin(), problems.end(), problem) == problems.end();
  });
}

// Each node stands below those it signed; neighbours are pushed apart.
void place(PathGraph& graph) {
  std::vector<std::vector<std::size_t>> layers(graph.layers);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) layers[graph.nodes[i].layer].push_back(i);
  for (auto& layer : layers) {
    for (const std::size_t node : layer) {
      double sum = 0;
      std::size_t children = 0;
      for (const auto& [child, issuer] : graph.edges) {
        if (issuer != node || graph.nodes[child].layer >= graph.nodes[node].layer) continue;
        double spread = 0, at = 0;  // among the issuers of this child that stand in this layer
        for (const auto& [other_child, other] : graph.edges) {
          if (other_child != child || graph.nodes[other].layer != graph.nodes[node].layer) continue;
          if (other == node) at = spread;
          spread += 1;
        }
        sum += graph.nodes[child].x + (at - (spread - 1) / 2) * (1 + gap);
        ++children;
      }
      graph.nodes[node].x = children ? sum / static_cast<double>(children) : 0;
    }
    std::stable_sort(layer.begin(), layer.end(),
                     [&](std::size_t a, std::size_t b) { return graph.nodes[a].x < graph.nodes[b].x; });
    for (std::size_t i = 1; i < layer.size(); ++i)
      graph.nodes[layer[i]].x = std::max(graph.nodes[layer[i]].x, graph.nodes[layer[i - 1]].x + 1 + gap);
  }
  double left = 0, right = 0;
  for (const GraphNode& node : graph.nodes) left = std::min(left, node.x), right = std::max(right, node.x);
  for (GraphNode& node : graph.nodes) node.x += 0.5 - left;
  graph.width = right - left + 1;
}

}  // namespace

std::vector<std::size_t> paths_to_show(const ChainJudgement& chain, std::size_t limit) {
  std::vector<std::size_t> order;
  std::set<std::size_t> taken;
  const auto take = [&](std::size_t path) {
    if (taken.insert(path).second) order.push_back(path);
  };
  for (const ClientResult& client : chain.clients)
    if (client.path) take(*client.path);
  for (std::size_t i = 0; i < chain.paths.size(); ++i)
    if (chain.paths[i].path.valid()) take(i);
  for (std::size_t i = 0; i < chain.paths.size(); ++i) take(i);
  if (order.size() > limit) order.resize(limit);
  std::sort(order.begin(), order.end());
  return order;
}

PathGraph path_graph(const ChainJudgement& chain, const std::vector<std::size_t>& paths) {
  PathGraph graph;
  Index index;
  std::set<std::pair<std::size_t, std::size_t>> edges;
  for (const std::size_t number : paths) {
    const Path& path = chain.paths.at(number).path;
    for (std::size_t i = 0; i < path.certificates.size(); ++i) {
      add_node(path, i, graph, index);
      graph.layers = std::max(graph.layers, i + 1);
    }
    for (std::size_t i = 1; i < path.certificates.size(); ++i)
      edges.emplace(index.at(path.certificates[i - 1]->fingerprint),
                    index.at(path.certificates[i]->fingerprint));
  }
  graph.edges.assign(edges.begin(), edges.end());
  for (const Advice& advice : chain.advice) {
    const auto found = index.find(advice.certificate);
    if (found != index.end() && advice.action == AdviceAction::add) graph.nodes[found->second].missing = true;
  }
  place(graph);
  return graph;
}

}  // namespace chaintier
